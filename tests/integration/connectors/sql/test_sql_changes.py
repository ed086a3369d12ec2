"""Reading changes by a column, and what makes a watermark of a database lost."""

import sqlite3
from contextlib import closing

import pytest

from accord.connectors.base import ReadScope
from accord.connectors.sql import KIND, SqlSettings
from accord.model.errors import SystemRefused, WatermarkLost
from accord.model.schema import AttributeSchema, ObjectTypeSchema

SCOPE = ReadScope(
    object_types={
        "person": ObjectTypeSchema(name="person", anchor=("id",), attributes={"name": AttributeSchema(name="name")})
    }
)
LOG = {"log": "log", "anchor": "id", "sequence": "seq", "overlap": 0}


class People:
    def __init__(self, path, kind="integer"):
        self.path = path
        self.run(f"create table people (id integer primary key, name text, changed {kind})")
        self.run("create table log (seq integer primary key, id integer)")

    def run(self, sql):
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(sql)
            connection.commit()

    def opened(self, changes):
        source = {"table": "people", "changes": changes}
        return closing(
            KIND.open(SqlSettings.model_validate({"url": f"sqlite:///{self.path}", "objects": {"person": source}}))
        )

    def watermark(self, changes):
        with self.opened(changes) as connector:
            return connector.watermark()

    def changes(self, changes, since):
        with self.opened(changes) as connector:
            batches = list(connector.read_changes(SCOPE, since))
        names = {name for batch in batches for name in batch.rows["name"].to_pylist()}
        return names, {anchor for batch in batches for anchor in batch.removed}, batches[-1].watermark


@pytest.fixture
def people(tmp_path):
    return People(tmp_path / "people.db")


def test_a_number_column_gives_the_rows_from_the_watermark_on(people):
    by_column = {"column": "changed", "overlap": 0}
    people.run("insert into people values (1, 'old', 4), (2, 'last', 7)")
    since = people.watermark(by_column)
    people.run("insert into people values (3, 'new', 8)")
    # The row of the watermark comes again: another one may have the same number.
    names, removed, after = people.changes(by_column, since)
    assert (names, removed) == ({"last", "new"}, set())
    assert people.changes(by_column, after)[0] == {"new"}


@pytest.mark.parametrize(
    ("late", "last"),
    [
        ("2026-01-01 11:59:30", "2026-01-01 12:00:10"),
        ("2026-01-01T11:59:30Z", "2026-01-01T12:00:10Z"),
        ("2025-12-31 23:59:30.5", "2026-01-01 00:00:10.5"),
    ],
)
def test_a_row_committed_late_is_found_within_the_overlap(tmp_path, late, last):
    people = People(tmp_path / "people.db", "timestamp")
    by_column = {"column": "changed", "overlap": 60}
    people.run(f"insert into people values (1, 'last', '{last}')")
    since = people.watermark(by_column)
    people.run(f"insert into people values (2, 'late', '{late}'), (3, 'long ago', '2025-06-01 12:00:00')")
    assert people.changes(by_column, since)[0] == {"late", "last"}


def test_a_column_that_does_not_grow_is_refused(people):
    people.run("insert into people values (1, 'x', 1)")
    with pytest.raises(SystemRefused, match="neither a number nor a timestamp"):
        people.watermark({"column": "name"})


def test_a_missing_column_is_refused_by_name(people):
    with pytest.raises(SystemRefused, match=r"'changd'.*did you mean 'changed'"):
        people.watermark({"column": "changd"})


def test_without_changes_in_the_settings_the_refusal_says_what_to_configure(people):
    with pytest.raises(SystemRefused, match="person") as raised:
        people.watermark(None)
    assert "changes" in raised.value.remedy


def test_a_log_that_was_cut_makes_the_watermark_lost(people):
    people.run("insert into log values (1, 1), (2, 2)")
    since = people.watermark(LOG)
    people.run("insert into log values (3, 3), (4, 4)")
    people.run("delete from log where seq <= 3")
    with pytest.raises(WatermarkLost, match="entry 2"):
        people.changes(LOG, since)


def test_other_settings_make_the_watermark_lost(people):
    since = people.watermark(LOG)
    with pytest.raises(WatermarkLost, match="settings"):
        people.changes({"column": "changed"}, since)


def test_what_stands_in_a_watermark_is_never_run_as_sql(people):
    since = people.watermark({"column": "changed"}).replace("null", '"0; drop table people"')
    with pytest.raises(WatermarkLost):
        people.changes({"column": "changed"}, since)


@pytest.mark.parametrize("kind", ["timestamp", "bigint", "numeric(20, 2)"])
def test_every_database_finds_the_rows_changed_since(lab, kind):
    moments = {
        "timestamp": ("2026-01-01 11:00:00", "2026-01-01 12:00:00", "2026-01-01 11:59:30", "2026-01-01 12:00:01"),
    }
    old, last, late, new = (f"'{m}'" for m in moments.get(kind, (1, 5000, 4990, 5001)))
    lab.run(f"create table people (id integer primary key, name varchar(20), changed {kind})")
    lab.run(f"insert into people values (1, 'old', {old}), (2, 'last', {last})")
    changes = {"column": "changed", "overlap": 60}
    with lab.open(objects={"person": {"table": "people", "changes": changes}}) as connector:
        since = connector.watermark()
        lab.run(f"insert into people values (3, 'late', {late}), (4, 'new', {new})")
        batches = list(connector.read_changes(SCOPE, since))
    assert {name for batch in batches for name in batch.rows["name"].to_pylist()} == {"last", "late", "new"}


def test_every_database_reads_from_an_empty_table_on(lab):
    lab.run("create table people (id integer primary key, name varchar(20), changed timestamp)")
    with lab.open(objects={"person": {"table": "people", "changes": {"column": "changed"}}}) as connector:
        since = connector.watermark()
        (nothing,) = connector.read_changes(SCOPE, since)
        lab.run("insert into people values (1, 'first', '2026-01-01 12:00:00')")
        batches = list(connector.read_changes(SCOPE, nothing.watermark))
    assert nothing.rows.num_rows == 0
    assert [name for batch in batches for name in batch.rows["name"].to_pylist()] == ["first"]
