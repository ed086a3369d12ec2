"""Rows of a destination table that are not in the source, read and written by a real ODBC driver."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from accord.operations.datasync import providers
from offices import Office, excel, table_job

HEADER = ("First", "Last", "No")
PEOPLE = [("Ann", "Lee", "1"), ("Bob", "Ray", "2")]
SKIPPING = """
def RowStarting(dtmsource, args):
    if DTM.Source("Last") == "skip":
        DTM.CancelRow()
"""


def has_odbc() -> bool:
    try:
        return "SQLite3" in import_module("pyodbc").drivers()
    except ImportError:
        return False


@pytest.fixture
def desk(office: Office) -> Iterator[Office]:
    """A table with two rows that no job ever saw, reached by ODBC."""
    path = office.folder / "out.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            create table staff ("No" varchar(10) primary key, "Name" varchar(80), place varchar(20));
            insert into staff values ('8', 'Old One', 'here'), ('9', 'Elsewhere', 'there')
        """)
    values = {"ConnectionString": f"Driver={{SQLite3}};NoCreat=1;Database={path}"}
    body = {"name": "Out", "providerTypeName": "ODBC", "type": 6, "configurationValues": values}
    with office.server.writing("ann") as context:
        providers.create_provider(context, excel(office.workbook))
        providers.create_provider(context, body)
    office.fill(PEOPLE, HEADER)
    return office


def job(*, is_delete: bool, query: str = "") -> dict[str, Any]:
    body = table_job(is_delete=is_delete)
    body["settings"] += [{"key": "Destination.Table", "value": "staff"}]
    if query:
        body["syncQuery"] += [{"objectType": 9, "isSource": False, "queryType": "GroupID", "query": query}]
    return body


def staff(folder: Path) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "out.db")) as connection:
        return dict(connection.execute('select "No", "Name" from staff').fetchall())


pytestmark = [pytest.mark.odbc, pytest.mark.skipif(not has_odbc(), reason="no ODBC driver for SQLite")]


def test_rows_that_were_never_seen_in_the_source_are_planned_then_deleted(desk: Office) -> None:
    made = desk.create(job(is_delete=True))

    preview = desk.preview(made)
    before = staff(desk.folder)
    run, again = desk.run(made), desk.run(made)

    assert preview.counts == {"create planned": 2, "delete planned": 2}
    assert before == {"8": "Old One", "9": "Elsewhere"}
    assert (run.counts, again.counts) == ({"create done": 2, "delete done": 2}, {})
    assert staff(desk.folder) == {"1": "Ann Lee", "2": "Bob Ray"}


@pytest.mark.slow
def test_without_is_delete_they_stay(desk: Office) -> None:
    desk.run(desk.create(job(is_delete=False)))
    assert staff(desk.folder).keys() == {"1", "2", "8", "9"}


@pytest.mark.slow
def test_rows_outside_the_destination_query_are_not_the_jobs_business(desk: Office) -> None:
    body = job(is_delete=True, query='Name Is Exactly "Old One"')
    desk.run(desk.create(body))
    assert staff(desk.folder).keys() == {"1", "2", "9"}


def test_while_a_row_of_the_source_cannot_be_read_rows_never_seen_stay(desk: Office) -> None:
    made = desk.create(job(is_delete=True))
    desk.fill([*PEOPLE, ("No", "Key", "")], HEADER)
    run = desk.run(made)
    assert run.state == "CompletedWithErrors"
    assert staff(desk.folder).keys() == {"1", "2", "8", "9"}

    desk.fill(PEOPLE, HEADER)
    desk.run(made)
    assert staff(desk.folder).keys() == {"1", "2"}


def test_a_mass_of_orphans_is_held_before_anything_is_written(desk: Office) -> None:
    with closing(sqlite3.connect(desk.folder / "out.db")) as connection:
        connection.executemany("insert into staff values (?, 'Old', 'here')", [(f"x{n}",) for n in range(200)])
        connection.commit()
    run = desk.run(desk.create(job(is_delete=True)))
    assert run.state == "Held", run.message
    assert len(staff(desk.folder)) == 202


def test_a_row_that_a_script_passes_over_keeps_what_it_stands_for(desk: Office) -> None:
    body = job(is_delete=True)
    body["settings"] += [
        {"key": "Destination.ScriptingLanguage", "value": "1"},
        {"key": "Destination.ExposedScriptCode", "value": SKIPPING},
    ]
    desk.fill([*PEOPLE, ("Cy", "Fox", "3")], HEADER)
    made = desk.create(body)
    first = desk.run(made)
    assert staff(desk.folder).keys() == {"1", "2", "3"}, (first.message, desk.results)

    with closing(sqlite3.connect(desk.folder / "out.db")) as connection:
        connection.execute("insert into staff values ('7', 'Never seen', 'here')")
        connection.commit()
    desk.fill([("Ann", "skip", "1"), ("New", "skip", "6"), ("Bob", "Roy", "2")], HEADER)
    run = desk.run(made)

    assert run.counts == {"update done": 1, "delete done": 1}, desk.results
    assert staff(desk.folder) == {"1": "Ann Lee", "2": "Bob Roy", "7": "Never seen"}
