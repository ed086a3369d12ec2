"""Bring a store's tables to the version this code needs. Runs only while nothing else has the store open."""

import sqlite3
from importlib.resources import as_file, files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from accord.model.errors import SystemRefused

# Any number will do, as long as every version of Accord uses the same.
_MIGRATION_LOCK = 4_702_387_401


def migrate(url: str) -> None:
    """Run the missing steps, all or none. `url` is SQLAlchemy's. Calls at the same time wait for each other."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _let_begin_begin)
        sa.event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection, as_file(files("accord.store") / "migrations") as folder:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            command.upgrade(_config(folder, connection), "head")
    except sa.exc.DBAPIError as error:
        raise SystemRefused(
            f"the tables of the store could not be made: {error.orig}".splitlines()[0],
            place=engine.url.render_as_string(hide_password=True),
            remedy="grant the right to create tables there, or name another database; nothing was changed",
        ) from error
    finally:
        engine.dispose()


def _let_begin_begin(connection: sqlite3.Connection, _record: object) -> None:
    # Left to itself, the sqlite3 module commits before every change of a table.
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin immediate")


def _config(folder: Path, connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
