"""A private MariaDB for tests, from the installed binaries, on the loopback interface."""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
import weakref
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from accord.model.errors import SystemUnavailable
from accord.testing.private_server import end, free_port, server_user, wait_until

_SERVERS = ("mariadbd", "mysqld")
_INSTALLERS = ("mariadb-install-db", "mysql_install_db")
# Debian keeps the server in sbin, which is not on the PATH of an ordinary user.
_MORE_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec")
_FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--skip-log-bin",
    "--performance-schema=off",
)
_ATTEMPTS = 3
_START_TIMEOUT_S = 60.0


def find_mariadb() -> tuple[Path, Path] | None:
    """Return the server and the program that makes its data folder, or None when one of them is missing."""
    server, installer = _first(_SERVERS), _first(_INSTALLERS)
    return None if server is None or installer is None else (server, installer)


class PrivateMariadb:
    """One private server with its data in `folder`, or in a temporary folder of its own that goes with it.

    `root` has no password; any other user is the test's to make. `options` are further ones of the server's
    command line. Run as root, the server runs as user mysql,
    and the parents of `folder` are made passable for it.
    """

    def __init__(self, folder: Path | None = None, *, options: Sequence[str] = ()) -> None:
        self._options = tuple(options)
        self._folder = folder
        self._stop: weakref.finalize[[subprocess.Popen[bytes], Path | None, int], PrivateMariadb] | None
        self._stop = None
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
        """Return the DSN of the server's own database, as root."""
        return self._dsn("mysql")

    def start(self) -> None:
        """Make the data folder if it is not there, start the server, return when it answers."""
        if self._stop is not None and self._stop.alive:
            return
        found = find_mariadb()
        if found is None:
            raise SystemUnavailable(
                "no MariaDB server binaries found",
                place=", ".join(_SERVERS + _INSTALLERS),
                remedy="apt-get install mariadb-server, or put its programs on PATH",
            )
        server, installer = found
        temporary = self._folder is None
        folder = self._folder or Path(tempfile.mkdtemp(prefix="accord-mariadb-"))
        user = server_user("mysql")
        folder.mkdir(parents=True, exist_ok=True)
        user.own(folder)
        data = folder / "data"
        if not data.exists():
            user.run(
                [
                    str(installer),
                    "--no-defaults",
                    f"--datadir={data}",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--innodb-log-file-size=16M",
                ],
                folder=folder,
            )
        process, self._port = _launch(server, data, self._options)
        self._stop = weakref.finalize(self, _stop, process, folder if temporary else None, os.getpid())

    def stop(self) -> None:
        """End the server by its own pid; a temporary folder goes with it. May be repeated."""
        if self._stop is not None:
            self._stop()

    def create_database(self, name: str | None = None) -> str:
        """Make an empty database of 4-byte text; return its DSN."""
        name = name or f"t_{uuid.uuid4().hex[:12]}"
        self._run(f"create database {_quote(name)} character set utf8mb4")
        return self._dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop a database."""
        self._run(f"drop database if exists {_quote(name)}")

    def _run(self, statement: str) -> None:
        import pymysql  # noqa: PLC0415 - an optional library

        with (
            pymysql.connect(host="127.0.0.1", port=self._port, user="root") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def _dsn(self, name: str) -> str:
        return f"mysql://root@127.0.0.1:{self._port}/{name}"


def _launch(server: Path, data: Path, options: Sequence[str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server; another port when somebody took ours in the moment between."""
    for attempt in range(1, _ATTEMPTS + 1):
        port = free_port()
        log = data.parent / f"server-{port}.log"
        process = server_user("mysql").start(
            [
                str(server),
                "--no-defaults",
                f"--datadir={data}",
                "--bind-address=127.0.0.1",
                f"--port={port}",
                f"--socket={data.parent / 'server.sock'}",
                f"--pid-file={data.parent / 'server.pid'}",
                *_FAST,
                *options,
            ],
            folder=data,
            log=log,
            orphaned=signal.SIGTERM,
        )
        try:
            wait_until(partial(_is_ready, log), process=process, log=log, timeout_s=_START_TIMEOUT_S)
        except SystemUnavailable:
            end(process, signal.SIGTERM)
            if attempt == _ATTEMPTS:
                raise
            continue
        return process, port
    raise AssertionError


def _is_ready(log: Path) -> bool:
    """Read the server's own word: it logs this line once it takes connections."""
    return log.exists() and b"ready for connections" in log.read_bytes()


def _stop(process: subprocess.Popen[bytes], temporary: Path | None, started_by: int) -> None:
    # A forked child inherits the finaliser; the server is not the child's to end.
    if os.getpid() != started_by:
        return
    end(process, signal.SIGTERM)
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _first(names: tuple[str, ...]) -> Path | None:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_MORE_FOLDERS))
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    return None if found is None else Path(found)
