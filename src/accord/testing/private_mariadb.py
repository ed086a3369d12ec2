"""A private MariaDB for tests, from the installed binaries, on the loopback interface."""

import os
import shutil
import uuid
from pathlib import Path

from accord.model.errors import SystemUnavailable
from accord.testing.private_database import PrivateDatabase
from accord.testing.private_server import ServerUser

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


def find_mariadb() -> tuple[Path, Path] | None:
    """Return the server and the program that makes its data folder, or None when one of them is missing."""
    server, installer = _first(_SERVERS), _first(_INSTALLERS)
    return None if server is None or installer is None else (server, installer)


class PrivateMariadb(PrivateDatabase):
    """`root` has no password; any other user is the test's to make. `options` are of the server's command line."""

    account = "mysql"

    @property
    def dsn(self) -> str:
        """Return the DSN of the server's own database, as root."""
        return self._dsn("mysql")

    def require_programs(self) -> None:
        """Raise SystemUnavailable when one of the two programs is missing."""
        _programs()

    def make_data(self, data: Path, user: ServerUser) -> None:
        """Make the data folder."""
        user.run(
            [
                str(_programs()[1]),
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--innodb-log-file-size=16M",
            ],
            folder=data.parent,
        )

    def command(self, data: Path, port: int) -> list[str]:
        """Return the command line of the server."""
        return [
            str(_programs()[0]),
            "--no-defaults",
            f"--datadir={data}",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--socket={data.parent / 'server.sock'}",
            f"--pid-file={data.parent / 'server.pid'}",
            *_FAST,
            *self._options,
        ]

    def is_ready(self, data: Path, log: Path) -> bool:
        """Tell whether the log has the line that the server writes once it takes connections."""
        del data
        return log.exists() and b"ready for connections" in log.read_bytes()

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
            pymysql.connect(host="127.0.0.1", port=self.port, user="root") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def _dsn(self, name: str) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{name}"


def _programs() -> tuple[Path, Path]:
    found = find_mariadb()
    if found is None:
        raise SystemUnavailable(
            "no MariaDB server binaries found",
            place=", ".join(_SERVERS + _INSTALLERS),
            remedy="apt-get install mariadb-server, or put its programs on PATH",
        )
    return found


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _first(names: tuple[str, ...]) -> Path | None:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_MORE_FOLDERS))
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    return None if found is None else Path(found)
