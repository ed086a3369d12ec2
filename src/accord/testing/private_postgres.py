"""A private PostgreSQL for tests, from the installed binaries, on the loopback interface."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self

from accord.model.errors import SystemUnavailable
from accord.testing.private_server import end, free_port, server_user, wait_until

_DEBIAN_BINARIES = Path("/usr/lib/postgresql")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
# The superuser needs no password, so that tests are simple; every other role does, so that tests can be refused.
_HBA = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
_ATTEMPTS = 3
_START_TIMEOUT_S = 60.0


def find_postgres() -> Path | None:
    """Return the folder of the newest PostgreSQL server binaries, or None when there are none."""
    folders = sorted(_DEBIAN_BINARIES.glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if _is_complete(folder)), None)


class PrivatePostgres:
    """One private server with its data in `folder`, or in a temporary folder of its own that goes with it.

    Run as root, the server runs as user postgres, and the parents of `folder` are made passable for it.
    `is_durable` keeps fsync on: slower, for tests of crashes. `options` are further settings, as `name=value`.
    """

    def __init__(self, folder: Path | None = None, *, is_durable: bool = False, options: Sequence[str] = ()) -> None:
        self._folder = folder
        self._is_durable = is_durable
        self._options = tuple(options)
        self._stop: weakref.finalize[[subprocess.Popen[bytes], Path | None, int], PrivatePostgres] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Return the port on 127.0.0.1; 0 before the first start."""
        return self._port

    @property
    def dsn(self) -> str:
        """Return the DSN of the maintenance database, as superuser."""
        return self._dsn("postgres")

    def start(self) -> None:
        """Make the data folder if it is not there, start the server, return when it answers."""
        if self._stop is not None and self._stop.alive:
            return
        binaries = find_postgres()
        if binaries is None:
            raise SystemUnavailable(
                "no PostgreSQL server binaries found",
                place=str(_DEBIAN_BINARIES),
                remedy="apt-get install postgresql, or put the folder of `postgres` and `initdb` on PATH",
            )
        temporary = self._folder is None
        folder = self._folder or Path(tempfile.mkdtemp(prefix="accord-postgres-"))
        user = server_user("postgres")
        folder.mkdir(parents=True, exist_ok=True)
        user.own(folder)
        data = folder / "data"
        if not data.exists():
            user.run(
                [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C", "--no-sync"],
                folder=folder,
            )  # fmt: skip
            (data / "pg_hba.conf").write_text(_HBA)
        process, self._port = self._launch(binaries, data)
        self._stop = weakref.finalize(self, _stop, process, folder if temporary else None, os.getpid())

    def stop(self) -> None:
        """End the server by its own pid; a temporary folder goes with it. May be repeated."""
        if self._stop is not None:
            self._stop()

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
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    def _launch(self, binaries: Path, data: Path) -> tuple[subprocess.Popen[bytes], int]:
        """Start the server; another port when somebody took ours in the moment between."""
        for attempt in range(1, _ATTEMPTS + 1):
            port = free_port()
            log = data.parent / f"server-{port}.log"
            settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", *self._speed(), *self._options]
            options = [part for setting in settings for part in ("-c", setting)]
            process = server_user("postgres").start(
                [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options],
                folder=data,
                log=log,
                orphaned=signal.SIGINT,
            )
            try:
                wait_until(lambda: _is_ready(data), process=process, log=log, timeout_s=_START_TIMEOUT_S)
            except SystemUnavailable:
                end(process, signal.SIGQUIT)
                if attempt == _ATTEMPTS:
                    raise
                continue
            return process, port
        raise AssertionError

    def _speed(self) -> tuple[str, ...]:
        return () if self._is_durable else _FAST


def _is_ready(data: Path) -> bool:
    """Read the server's own word: line 8 of its pid file, `ready` once it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _stop(process: subprocess.Popen[bytes], temporary: Path | None, started_by: int) -> None:
    # A forked child inherits the finaliser; the server is not the child's to end.
    if os.getpid() != started_by:
        return
    end(process, signal.SIGINT, signal.SIGQUIT)
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres"))


def _version(folder: Path) -> int:
    number = re.match(r"\d+", folder.parent.name)
    return int(number.group()) if number else 0
