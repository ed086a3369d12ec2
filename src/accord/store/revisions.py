"""Which version the tables have, and which this code needs; told without loading what migrates."""

from functools import cache
from importlib.resources import files

from accord.model.errors import UsageError
from accord.store.database import Database


@cache
def known_revisions() -> tuple[str, ...]:
    """Return every revision this code knows, in order; files are named `rNNNN_words.py`."""
    names = sorted(file.name for file in (files("accord.store") / "migrations" / "versions").iterdir())
    return tuple(name[1:5] for name in names if name.startswith("r") and name.endswith(".py"))


def newest_revision() -> str:
    """Return the revision this code needs."""
    return known_revisions()[-1]


def read_revision(database: Database) -> str | None:
    """Return the revision of the store, None when it has no tables yet; raise UsageError when it is newer."""
    has_table = {
        "sqlite": "select count(*) from sqlite_master where name = 'alembic_version'",
        "postgresql": "select count(*) from pg_tables where tablename = 'alembic_version'"
        " and schemaname = any (current_schemas(false))",
    }[database.dialect.name]
    if not database.value(has_table):
        return None
    revision = str(database.value("select version_num from alembic_version"))
    if revision not in known_revisions():
        raise UsageError(
            f"the store was made by a newer version of Accord (revision {revision})",
            place=database.place,
            remedy="use that version, or restore a backup from before the upgrade",
        )
    return revision
