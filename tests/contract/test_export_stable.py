"""Whatever is changed over the API is what YAML declares: exported and taken in again it is the same, byte by byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cmdlets import Cmdlets
from declaring import CS, SR

from accord.app import Server, open_server
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import export_folder, import_folder

Declared = tuple[int, dict[str, int]]


@pytest.fixture
def changes(jim: Cmdlets, hr: Declared, person: dict[str, int], inbound: int) -> Iterator[str]:
    """One change after the other, of everything that can be changed; gives what was changed."""
    return _changes(jim, hr, person, inbound)


def _changes(jim: Cmdlets, hr: Declared, person: dict[str, int], rule: int) -> Iterator[str]:
    system, columns = hr
    sources: dict[str, dict[str, object]] = {
        "Email": {"expression": "lower(mail) || ' # : ''x'''"},
        "Last Name": {"connectedSystemAttributeId": columns["last_name"]},
    }
    for target, source in sources.items():
        jim.post(
            f"{SR}/{rule}/mappings",
            {"targetMetaverseAttributeId": person[target], "sources": [{"order": 0, **source}]},
        )
        yield f"a mapping of {target}"
    group = jim.post(f"{SR}/{rule}/scoping-criteria", {"type": "Any"})
    for value in ("active", "on: leave", "yes", "007"):
        jim.post(
            f"{SR}/{rule}/scoping-criteria/{group['id']}/criteria",
            {"connectedSystemAttributeId": columns["status"], "comparisonType": "Equals", "stringValue": value},
        )
        yield f"a criterion {value}"
    jim.post(
        f"{CS}/{system}/matching-rules",
        {
            "connectedSystemObjectTypeId": columns[""], "metaverseObjectTypeId": person[""],
            "targetMetaverseAttributeId": person["Email"],
            "sources": [{"order": 0, "connectedSystemAttributeId": columns["mail"]}],
        },
    )  # fmt: skip
    yield "a matching rule"
    jim.put(f"{SR}/{rule}", {"name": "Übernahme: \u201eHR\u201c", "description": "two\nlines", "enabled": True})
    yield "a rule"
    profile = jim.post(f"{CS}/{system}/run-profiles", {"name": "By hand", "runType": "FullImport", "pageSize": 7})
    yield "a run profile"
    step = {
        "stepIndex": 0, "stepType": "RunProfile", "executionMode": "Sequential", "continueOnFailure": True,
        "connectedSystemId": system, "runProfileId": profile["id"],
    }  # fmt: skip
    made = jim.post(
        "/schedules",
        {"name": "Nachts", "triggerType": "Cron", "patternType": "SpecificTimes", "runTimes": "02:30", "steps": [step]},
    )
    yield "a schedule"
    jim.post(f"/schedules/{made['id']}/disable", status=200)
    yield "a schedule that is disabled"
    jim.put("/service-settings/Instance.Name", {"value": "true"})
    yield "a setting"
    jim.put(f"/metaverse/object-types/{person['']}", {"deletionGracePeriod": "30.00:00:00"})
    yield "an object type"
    jim.delete(f"/schedules/{made['id']}")
    yield "a schedule that is removed"


def test_the_export_of_what_the_api_changed_is_stable(server: Server, changes: Iterator[str], tmp_path: Path) -> None:
    seen = []
    for number, changed in enumerate(changes):
        folder = tmp_path / f"{number:02}"
        with server.writing("test") as context:
            export_folder(Desk(context), folder, replace=False)
            told = import_folder(Desk(context), folder, reason="", drafts=True, dry_run=True)
        assert (changed, told.files) == (changed, ()), "what is exported is what there is"
        seen.append(_bytes(folder))
    assert len({tuple(sorted(files.items())) for files in seen}) == len(seen), "each change is told"
    _check_elsewhere(tmp_path, seen)


def _check_elsewhere(folder: Path, seen: list[dict[str, bytes]]) -> None:
    """Another store that takes in any of them, in whatever order, exports the same bytes."""
    order = (5, 0, len(seen) - 1, 3)
    with open_server(folder / "other") as other, other.writing("test") as context:
        for number in order:
            import_folder(Desk(context), folder / f"{number:02}", reason="", drafts=True, dry_run=False)
            export_folder(Desk(context), folder / f"again-{number}", replace=False)
            assert _bytes(folder / f"again-{number}") == seen[number]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
