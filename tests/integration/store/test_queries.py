"""The named statements: every one is used, every one is a single statement, none carries a value of its own."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

import accord.store
from accord.store.dialect import POSTGRESQL, SQLITE
from accord.store.sql import load_queries

FOLDER = Path(accord.store.__file__).parent
FILES = sorted(path.stem for path in (FOLDER / "queries").glob("*.sql"))


@pytest.mark.parametrize("file", FILES)
def test_every_statement_is_used(file: str):
    code = "".join(path.read_text() for path in FOLDER.glob("*.py"))
    prefixes = ("holds_", "drop_", "make_", "present_", "taken_next_")
    unused = [n for n in load_queries(file) if f'"{n}"' not in code and not n.startswith(prefixes)]
    assert unused == []


@pytest.mark.parametrize("file", FILES)
def test_every_entry_is_one_statement(file: str):
    for name, sql in load_queries(file).items():
        assert ";" not in sql, name
        first = next(line for line in sql.splitlines() if not line.startswith("--"))
        if name == "filter":
            # A condition that several statements of the file share.
            continue
        assert re.match(r"(select|with|insert|update|delete|create|drop)\b", first), name


def test_a_statement_nobody_wrote_is_an_error_at_once():
    with pytest.raises(KeyError):
        load_queries("plans")["no_such"]


@pytest.mark.parametrize(("dialect", "marks"), [(SQLITE, "?1 ?2 ?1"), (POSTGRESQL, "$1 $2 $1")])
def test_names_become_the_numbers_of_the_driver(dialect, marks: str):
    text, values = dialect.bind(":b :a :b", {"a": "one", "b": 2})
    assert text == marks
    assert [column.to_pylist() for column in values.columns] == [[2], ["one"]]
    assert values.schema.types == [pa.int64(), pa.string()]
    assert dialect.bind("select 1::bigint", None) == ("select 1::bigint", None)
    with pytest.raises(KeyError):
        dialect.bind(":missing", {})


@pytest.mark.parametrize(
    ("file", "name", "table", "found"),
    [
        ("export_record", "answer_journal", "results", "journal USING INDEX journal_sending (object_id=?)"),
        ("export_record", "record_sent", "results", "pending USING INTEGER PRIMARY KEY (rowid=?)"),
        ("export_record", "apply_objects", "done", "object USING INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_a_row_is_found_by_its_object_and_not_among_all(  # noqa: PLR0917 - a table of cases
    migrated_folder: Path, tmp_path: Path, file: str, name: str, table: str, found: str
):
    """Fifty thousand results of one batch would go through fifty thousand rows each, for hours."""
    shutil.copytree(migrated_folder, tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "accord.db")) as database:
        database.execute(
            f"create temp table staged_{table}(object_id, state, code, message, anchor, due_at, dn, dn_key, hash, doc)"
        )
        values = {"activity": 1, "system": "ad"}
        plan = database.execute("explain query plan " + load_queries(file)[name], values)
        assert [step for *_, step in plan] == ["SCAN s", f"SEARCH {found}"]


@pytest.mark.parametrize(("file", "name"), [("connector_space", "read_edges_to"), ("subsets", "edges_to_names")])
def test_who_refers_is_found_by_name_and_not_among_all(migrated_folder: Path, file: str, name: str):
    """A delta asks this several times; millions of references would be gone through for each changed name."""
    with closing(sqlite3.connect(f"file:{migrated_folder / 'accord.db'}?mode=ro", uri=True)) as database:
        database.execute("create temp table staged_wanted(dst text)")
        plan = database.execute("explain query plan " + load_queries(file)[name], {"system": "ad"})
        steps = [step for *_, step in plan]
    assert any("edge_dst (<expr>=?)" in step for step in steps)
    assert not any(step.startswith("SCAN") and "staged_wanted" not in step for step in steps)
