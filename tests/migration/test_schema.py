"""The tables: the sum of all migrations is the schema the code knows, on both databases."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import accord.store
from accord.model.errors import SystemRefused, UsageError
from accord.store import open_store
from accord.store.migrate import migrate
from accord.store.revisions import known_revisions
from accord.store.tables import metadata
from accord.testing.private_postgres import PrivatePostgres

DIALECTS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    with PrivatePostgres() as server:
        yield server


@pytest.fixture(params=DIALECTS)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Return what makes an empty database and gives its SQLAlchemy URL."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.db"
    server = request.getfixturevalue("postgres")
    return lambda name: server.create_database().replace("postgresql://", "postgresql+psycopg://")


def run(url: str, work: Callable[[sa.Connection], object]) -> object:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def definition(connection: sa.Connection) -> set[tuple]:
    """Return every table, column, key and index as the database itself describes them."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(sa.text("select type, name, sql from sqlite_master where sql is not null"))
        return {
            (kind, name, re.sub(r" ([,)])", r"\1", " ".join(sql.split())))
            for kind, name, sql in found
            if "alembic" not in name
        }
    found = [
        *connection.execute(sa.text(
            "select table_name, column_name, data_type, is_nullable, column_default, ordinal_position"
            " from information_schema.columns where table_schema = 'public'")),
        *connection.execute(sa.text("select tablename, indexname, indexdef from pg_indexes where schemaname='public'")),
        *connection.execute(sa.text(
            "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
            " where connamespace = 'public'::regnamespace")),
    ]  # fmt: skip
    return {tuple(row) for row in found if row[0] != "alembic_version"}


# SQLAlchemy cannot read an index over an expression back from SQLite; its definition is compared as text.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_add_up_to_the_schema(new_database: Callable[[str], str]):
    migrated, made = new_database("migrated"), new_database("made")
    migrate(migrated)
    run(made, metadata.create_all)
    assert run(migrated, definition) == run(made, definition)
    assert run(migrated, lambda c: compare_metadata(MigrationContext.configure(c), metadata)) == []


def test_migrating_again_changes_nothing(new_database: Callable[[str], str]):
    url = new_database("twice")
    migrate(url)
    before = run(url, definition)
    migrate(url)
    assert run(url, definition) == before


def test_a_migration_that_fails_leaves_nothing_behind(new_database: Callable[[str], str]):
    url = new_database("failing")
    run(url, lambda c: c.execute(sa.text("create table version (in_the_way integer)")))
    with pytest.raises(SystemRefused, match="version") as caught:
        migrate(url)
    assert run(url, lambda c: sa.inspect(c).get_table_names()) == ["version"]
    assert "nothing was changed" in caught.value.remedy


def test_files_and_revisions_tell_the_same_story():
    folder = Path(accord.store.__file__).parent / "migrations"
    scripts = list(ScriptDirectory(str(folder)).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == known_revisions()
    assert [script.down_revision for script in reversed(scripts)] == [None, *known_revisions()[:-1]]


def test_opening_an_older_store_brings_it_up_to_date_but_not_for_reading(tmp_path: Path):
    (tmp_path / "accord.db").touch()
    with pytest.raises(UsageError, match="older version"):
        open_store(tmp_path, read_only=True)
    open_store(tmp_path).close()
    open_store(tmp_path, read_only=True).close()


def test_what_a_store_held_before_its_counts_stood_is_counted(tmp_path: Path):
    open_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "accord.db")) as older:
        older.execute("insert into identity values (1, 'person', '{}', 0, null, 1, 1)")
        for row in ("1, 'hr', 'row', 5, 1, 1", "2, 'hr', 'row', null, 1, 1"):
            older.execute(f"insert into object (id, system, type, hash, created_by, changed_by) values ({row})")
        older.execute("drop table standing_count")
        older.execute("update alembic_version set version_num = '0016'")
        older.commit()
    with open_store(tmp_path) as store:
        assert (store.standing.objects("hr"), store.standing.identities()) == ({"row": 1}, {"person": 1})
        assert store.standing.states("hr") == {}
