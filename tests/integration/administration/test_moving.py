"""Configuration between folder and store: the same bytes, one revision, drafts that run never and block nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.app import Accord, open_kept
from accord.config.init import init
from accord.model.errors import ConfigErrors, Conflict
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import export_folder, import_folder
from accord.store.audit import Deed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path / "config")
    return tmp_path / "config"


@pytest.fixture
def accord(tmp_path: Path) -> Iterator[Accord]:
    with open_kept(tmp_path / "data", actor="ann") as opened:
        yield opened


def take_in(accord: Accord, folder: Path, *, drafts: bool = False, dry_run: bool = False):
    return import_folder(Desk(accord.context), folder, reason="test", drafts=drafts, dry_run=dry_run)


def give_out(accord: Accord, folder: Path) -> dict[str, bytes]:
    written = export_folder(Desk(accord.context), folder, replace=True)
    return {name: (folder / name).read_bytes() for name in written.files}


def test_what_is_exported_is_what_was_imported_comments_and_all(accord: Accord, folder: Path, tmp_path: Path) -> None:
    take_in(accord, folder)

    first = give_out(accord, tmp_path / "first")
    again = take_in(accord, tmp_path / "first")

    assert first["rules/person-from-people.yaml"] == (folder / "rules/person-from-people.yaml").read_bytes()
    assert again.files == ()
    assert give_out(accord, tmp_path / "second") == first


def test_a_dry_run_says_which_fields_change_and_keeps_nothing(accord: Accord, folder: Path) -> None:
    take_in(accord, folder)
    file = folder / "types/person.yaml"
    file.write_text(file.read_text().replace("grace_days: 30", "grace_days: 7"))

    found = take_in(accord, folder, dry_run=True)

    assert [(c.file, c.fields[0].field, c.fields[0].after) for c in found.files] == [
        ("types/person.yaml", ("deletion", "grace_days"), 7)
    ]
    assert accord.store.configurations.revision() == 1


def test_an_unfinished_rule_is_refused_or_kept_as_a_draft_that_does_not_run(accord: Accord, folder: Path) -> None:
    (folder / "rules/more.yaml").write_text(
        "rule: more\ndirection: inbound\nsystem: people\nobject: nothing\nidentity: person\n"
    )

    with pytest.raises(ConfigErrors, match="nothing"):
        take_in(accord, folder)
    found = take_in(accord, folder, drafts=True)

    rules = Desk(accord.context).stored.configuration.rules
    assert [draft.place.partition(":")[0] for draft in found.drafts] == ["rules/more.yaml"]
    assert [rule.name for rule in rules.inbound] == ["person-from-people"]
    assert len(rules.outbound) == 1


def test_what_is_complete_cannot_be_broken_not_even_as_a_draft(accord: Accord, folder: Path) -> None:
    take_in(accord, folder)
    file = folder / "types/person.yaml"
    file.write_text(file.read_text().replace("  department: text\n", ""))

    with pytest.raises(ConfigErrors, match="department"):
        take_in(accord, folder, drafts=True)

    assert accord.store.configurations.revision() == 1


def test_a_removed_system_gives_its_number_to_nobody(accord: Accord, folder: Path) -> None:
    take_in(accord, folder)
    before = Desk(accord.context).ids.of("system", "accounts")
    parked = folder.parent / "parked"
    parked.mkdir()
    for name in ("systems/accounts.yaml", "rules/person-to-accounts.yaml"):
        shutil.move(folder / name, parked / Path(name).name)
    person = folder / "types/person.yaml"
    text = person.read_text()
    person.write_text(text.replace("      taken_in: [accounts.account.login]\n", ""))
    take_in(accord, folder)
    person.write_text(text)
    shutil.move(parked / "accounts.yaml", folder / "systems/accounts.yaml")
    shutil.move(parked / "person-to-accounts.yaml", folder / "rules/person-to-accounts.yaml")
    take_in(accord, folder)

    assert Desk(accord.context).ids.of("system", "accounts") > before


def test_who_was_slower_is_told_and_nothing_of_it_is_kept(accord: Accord, folder: Path) -> None:
    take_in(accord, folder)
    kept = accord.store.configurations
    deed = Deed(actor="bob", action="test", subject="x")

    with (
        pytest.raises(Conflict),
        kept.commit({"accord.yaml": b"{}\n"}, deed, after=0, at=accord.context.clock()),
    ):
        pass

    assert kept.read().files["accord.yaml"] == (folder / "accord.yaml").read_bytes()


def test_files_of_an_older_revision_are_those_that_were(accord: Accord, folder: Path) -> None:
    take_in(accord, folder)
    before = accord.store.configurations.read().files
    (folder / "accord.yaml").write_text("{}\n")
    take_in(accord, folder)

    assert accord.store.configurations.read_at(1).files == before
    assert accord.store.configurations.read_at(2).files["accord.yaml"] == b"{}\n"
