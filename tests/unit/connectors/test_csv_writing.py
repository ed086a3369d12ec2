"""What the csv connector leaves of a file, and what it never does to one."""

import csv
import os
import resource
import stat
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.connectors.base import (
    AttributeChange,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadScope,
)
from accord.connectors.csv.connector import CsvConnector
from accord.connectors.csv.settings import CsvSettings
from accord.model.errors import SystemRefused, SystemUnavailable
from accord.model.schema import AttributeSchema, ObjectTypeSchema

PERSON = ObjectTypeSchema(
    name="person",
    anchor=("id",),
    attributes={
        "id": AttributeSchema(name="id"),
        "name": AttributeSchema(name="name"),
        "mail": AttributeSchema(name="mail", is_multivalued=True),
    },
)
SCOPE = ReadScope(object_types={"person": PERSON})


def change(name: str, *after: str) -> AttributeChange:
    return AttributeChange(name=name, added=after, after=after)


def operation(kind: Operation, anchor: str, *changes: AttributeChange, row: int = 0) -> ExportOperation:
    return ExportOperation(row=row, operation=kind, object_type="person", anchor=anchor, changes=changes)


def create(anchor: str, name: str, row: int = 0) -> ExportOperation:
    return operation(Operation.CREATE, anchor, change("name", name), row=row)


def update(anchor: str, name: str) -> ExportOperation:
    return operation(Operation.UPDATE, anchor, change("name", name))


def delete(anchor: str) -> ExportOperation:
    return operation(Operation.DELETE, anchor)


def write(path: Path, operations: Sequence[ExportOperation], **options: object) -> list[ExportOutcome]:
    connector = CsvConnector(CsvSettings.model_validate({"path": path, **options}))
    return list(connector.write(operations, SCOPE))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [("utf-8", ",", "\n"), ("utf-8-sig", ";", "\r\n"), ("utf-16", "\t", "\r\n"), ("cp1252", "|", "\n")],
)
def test_the_dialect_of_the_file_is_kept(file: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = [["id", "name", "mail", "Größe in cm"], ["1", "Zoë", "a", "17"], ["2", "Ben", "", "0042"]]
    file.write_bytes(end.join([delimiter.join(line) for line in lines] + [""]).encode(encoding))
    explicit = {"encoding": encoding} if encoding == "cp1252" else {}
    write(file, [update("2", "Bénédicte"), create("3", "Émile")], multi_value_delimiter="+", **explicit)
    lines[2][1] = "Bénédicte"
    lines.append(["3", "Émile", "", ""])
    assert file.read_bytes() == end.join([delimiter.join(line) for line in lines] + [""]).encode(encoding)


def test_unknown_columns_rows_without_anchor_and_the_header_stay_as_they_are(file: Path) -> None:
    file.write_bytes(b'sep=,\nid,"name",mail,note\n3,C,,"x\ny"\n,nobody,,kept\n1,A,a|b,\n2,B,,z\n')
    write(file, [delete("2"), update("3", "C2"), create("4", "D")])
    assert file.read_bytes() == b'sep=,\nid,"name",mail,note\n3,C2,,"x\ny"\n,nobody,,kept\n1,A,a|b,\n4,D,,\n'


def test_a_missing_last_line_end_is_no_obstacle(file: Path) -> None:
    for content in (b"id,name,mail", b"id,name,mail\n1,A,"):
        file.write_bytes(content)
        write(file, [create("4", "D")])
        assert file.read_bytes() == content + b"\n4,D,\n"


def test_a_file_that_is_not_there_is_made_with_a_header(file: Path) -> None:
    write(file, [create("1", "Zoë")])
    assert file.read_text(encoding="utf-8") == "id,name,mail\n1,Zoë,\n"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemRefused) as refused:
        write(tmp_path / "nowhere" / "people.csv", [create("1", "Zoë")])
    assert refused.value.remedy


def test_mode_and_link_survive_and_nothing_else_is_left_in_the_folder(file: Path) -> None:
    real = file.with_name("real.csv")
    real.write_bytes(b"id,name,mail\n1,A,\n")
    real.chmod(0o640)
    file.symlink_to(real)
    write(file, [update("1", "B")])
    assert file.is_symlink()
    assert real.read_bytes() == b"id,name,mail\n1,B,\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert {path.name for path in file.parent.iterdir()} == {"people.csv", "real.csv"}


def test_operations_that_all_fail_leave_the_very_file(file: Path) -> None:
    file.write_bytes(b"id,name,mail\r\n1,A,\n")
    before = file.stat()
    outcomes = write(file, [delete("7"), update("8", "x"), create("1", "A")])
    assert [outcome.code for outcome in outcomes] == ["NOT_FOUND", "NOT_FOUND", "ALREADY_EXISTS"]
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_operations_on_one_object_follow_each_other(file: Path) -> None:
    file.write_bytes(b"id,name,mail\n1,A,\n")
    outcomes = write(
        file,
        [
            create("2", "B"),
            update("2", "B2"),
            delete("1"),
            create("1", "A2"),
            delete("2"),
            create("3", "C"),
            delete("1"),
        ],
    )
    assert {outcome.state for outcome in outcomes} == {OutcomeState.DONE}
    assert file.read_bytes() == b"id,name,mail\n3,C,\n"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (update("1", "x"), "AMBIGUOUS"),
        (operation(Operation.UPDATE, "2", change("phone", "1")), "NO_SUCH_COLUMN"),
        (operation(Operation.UPDATE, "2", change("name", "1", "2")), "TOO_MANY_VALUES"),
        (operation(Operation.UPDATE, "2", change("mail", "a|b")), "VALUE_HAS_DELIMITER"),
        (operation(Operation.UPDATE, "2", change("name", "X"), change("id", "9")), "ANCHOR_CHANGED"),
        (operation(Operation.CREATE, "", change("name", "X")), "NO_ANCHOR"),
        (operation(Operation.RENAME, "2"), "NOT_SUPPORTED"),
    ],
)
def test_what_cannot_be_done_has_a_code_and_changes_nothing(file: Path, bad: ExportOperation, code: str) -> None:
    file.write_bytes(b"id,name,mail\n1,A,\n1,A,\n2,B,\n")
    outcome, good = write(file, [bad, create("3", "C")])
    assert (outcome.state, outcome.code, good.state) == (OutcomeState.FAILED, code, OutcomeState.DONE)
    assert outcome.message
    assert file.read_bytes() == b"id,name,mail\n1,A,\n1,A,\n2,B,\n3,C,\n"


def test_a_ragged_row_is_not_lost_by_writing(file: Path) -> None:
    content = b"id,name,mail\n1,A\n2,B,\n"
    file.write_bytes(content)
    with pytest.raises(SystemRefused, match="line 2"):
        write(file, [update("2", "X")])
    assert file.read_bytes() == content


def test_a_character_that_the_encoding_lacks_leaves_the_file(file: Path) -> None:
    content = "id,name,mail\n1,Zoë,\n".encode("cp1252")
    file.write_bytes(content)
    with pytest.raises(SystemRefused, match="cp1252, which has no '😀'"):
        write(file, [create("2", "😀")], encoding="cp1252")
    assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_file_changed_meanwhile_is_not_overwritten(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"id,name,mail\n1,A,\n")

    def slow_fsync(_: int) -> None:
        file.write_bytes(b"id,name,mail\n1,A,\n2,someone else\n")

    monkeypatch.setattr(csv, "writer", _then(csv.writer, slow_fsync))
    with pytest.raises(SystemUnavailable, match="someone else") as unavailable:
        write(file, [update("1", "X")])
    assert unavailable.value.remedy
    assert file.read_bytes() == b"id,name,mail\n1,A,\n2,someone else\n"
    assert list(file.parent.iterdir()) == [file]


def _then(function, effect):
    def both(*arguments, **named):
        effect(0)
        return function(*arguments, **named)

    return both


def test_formulas_are_written_as_they_are_unless_neutralised(file: Path) -> None:
    dangerous = ["=1+1", "+1", "-1", "@x", "\tx", "\rx"]
    creates = [create(str(n), name) for n, name in enumerate(dangerous)]
    write(file, creates)
    assert _names(file) == dangerous
    file.unlink()
    write(file, [*creates, create("9", "safe=1")], neutralise_formulas=True)
    assert _names(file) == [*(f"'{name}" for name in dangerous), "safe=1"]


def _names(file: Path) -> list[str]:
    with file.open(newline="", encoding="utf-8") as rows:
        return [row["name"] for row in csv.DictReader(rows)]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(file: Path) -> None:
    content = b"id,name,mail\n1,A,\n"
    file.write_bytes(content)
    program = f"""
        import resource
        from pathlib import Path
        from test_csv_writing import create, write
        from accord.model.errors import SystemUnavailable
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            write(Path({str(file)!r}), [create(str(n), "x" * 50) for n in range(2, 900)])
        except SystemUnavailable as error:
            print(error.remedy)
    """
    done = subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(program)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert "make room" in done.stdout
    assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]


def test_a_large_export_is_quick(file: Path) -> None:
    write(file, [create(f"{n:07d}", f"Name {n}", row=n) for n in range(50_000)])
    started = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    outcomes = write(file, [create(f"{n:07d}", f"Name {n}", row=n) for n in range(25_000, 75_000)])
    assert sum(outcome.state is OutcomeState.DONE for outcome in outcomes) == 25_000
    assert len(_names(file)) == 75_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - started < 10


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(TEXTS, min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_comes_back_as_it_was_sent(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], delimiter: str, end: str
) -> None:
    file = tmp_path_factory.mktemp("any") / "people.csv"
    file.write_bytes(f"id{delimiter}name{delimiter}mail{end}".encode())
    write(file, [create(str(n), value) for n, value in enumerate(values)], delimiter=delimiter)
    read = CsvConnector(CsvSettings(path=file, delimiter=delimiter)).read(SCOPE)
    assert [name for batch in read for name in batch.rows.column("name").to_pylist()] == values
