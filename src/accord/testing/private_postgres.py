"""A private PostgreSQL for tests, from the installed binaries, on the loopback interface."""

import re
import shutil
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

from accord.model.errors import SystemUnavailable
from accord.testing.private_database import PrivateDatabase
from accord.testing.private_server import ServerUser

_DEBIAN_BINARIES = Path("/usr/lib/postgresql")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
# The superuser needs no password, so that tests are simple; every other role does, so that tests can be refused.
_HBA = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def find_postgres() -> Path | None:
    """Return the folder of the newest PostgreSQL server binaries, or None when there are none."""
    folders = sorted(_DEBIAN_BINARIES.glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if _is_complete(folder)), None)


class PrivatePostgres(PrivateDatabase):
    """`is_durable` keeps fsync on: slower, for tests of crashes. `options` are further settings, as `name=value`."""

    account = "postgres"
    endings = (signal.SIGINT, signal.SIGQUIT)

    def __init__(self, folder: Path | None = None, *, is_durable: bool = False, options: Sequence[str] = ()) -> None:
        super().__init__(folder, options=(*(() if is_durable else _FAST), *options))

    @property
    def dsn(self) -> str:
        """Return the DSN of the maintenance database, as superuser."""
        return self._dsn("postgres")

    def require_programs(self) -> None:
        """Raise SystemUnavailable when there are no server binaries."""
        _binaries()

    def make_data(self, data: Path, user: ServerUser) -> None:
        """Make the data folder."""
        user.run(
            [str(_binaries() / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            folder=data.parent,
        )  # fmt: skip
        (data / "pg_hba.conf").write_text(_HBA)

    def command(self, data: Path, port: int) -> list[str]:
        """Return the command line of the server."""
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", *self._options)
        options = [part for setting in settings for part in ("-c", setting)]
        return [str(_binaries() / "postgres"), "-D", str(data), "-p", str(port), *options]

    def is_ready(self, data: Path, log: Path) -> bool:
        """Tell whether line 8 of the pid file says `ready`, as it does once the server takes connections."""
        del log
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def create_database(self, name: str | None = None, *, template: str = "template1") -> str:
        """Make a database, copied from the template (nobody may be connected to that); return its DSN."""
        from psycopg import sql  # noqa: PLC0415 - an optional library

        name = name or f"t_{uuid.uuid4().hex[:12]}"
        self._run("create database {} template {}", sql.Identifier(name), sql.Identifier(template))
        return self._dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, with whoever is still connected to it."""
        from psycopg import sql  # noqa: PLC0415 - an optional library

        self._run("drop database if exists {} with (force)", sql.Identifier(name))

    def _run(self, statement: LiteralString, *names: object) -> None:
        import psycopg  # noqa: PLC0415 - an optional library

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL(statement).format(*names))

    def _dsn(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"


def _binaries() -> Path:
    found = find_postgres()
    if found is None:
        raise SystemUnavailable(
            "no PostgreSQL server binaries found",
            place=str(_DEBIAN_BINARIES),
            remedy="apt-get install postgresql, or put the folder of `postgres` and `initdb` on PATH",
        )
    return found


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres"))


def _version(folder: Path) -> int:
    number = re.match(r"\d+", folder.parent.name)
    return int(number.group()) if number else 0
