"""Bring a store's tables to the version this code needs. Runs only while nothing else has the store open."""

from importlib.resources import as_file, files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from accord.model.errors import UsageError
from accord.store.database import Database

# Any number will do, as long as every version of Accord uses the same.
_MIGRATION_LOCK = 4_702_387_401


def newest_revision() -> str:
    """Return the revision this code needs."""
    with as_file(files("accord.store") / "migrations") as folder:
        head = ScriptDirectory(str(folder)).get_current_head()
    if head is None:
        raise RuntimeError("no migrations are installed")
    return head


def read_revision(database: Database) -> str | None:
    """Return the revision of the store, None when it has no tables yet."""
    has_table = {
        "sqlite": "select count(*) from sqlite_master where name = 'alembic_version'",
        "postgresql": "select count(*) from pg_tables where tablename = 'alembic_version'"
        " and schemaname = any (current_schemas(false))",
    }[database.dialect.name]
    if not database.value(has_table):
        return None
    revision = database.value("select version_num from alembic_version")
    return None if revision is None else str(revision)


def migrate(url: str) -> None:
    """Run the missing steps. `url` is SQLAlchemy's. Concurrent calls on PostgreSQL wait for each other."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.begin() as connection, as_file(files("accord.store") / "migrations") as folder:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            command.upgrade(_config(folder, connection), "head")
    finally:
        engine.dispose()


def require_known(revision: str, place: str) -> None:
    """Raise UsageError when a newer Accord made this store."""
    with as_file(files("accord.store") / "migrations") as folder:
        known = {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
    if revision not in known:
        raise UsageError(
            f"the store was made by a newer version of Accord (revision {revision})",
            place=place,
            remedy="use that version, or restore a backup from before the upgrade",
        )


def _config(folder: Path, connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
