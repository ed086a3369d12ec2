"""Who runs an activity: a process, told so that its death can be noticed.

On SQLite each writing process holds a locked file of its own below the data folder: the operating system frees the lock
when the process dies, however it dies. On PostgreSQL the server knows which of its connections live, on whatever
machine the process was.
"""

import fcntl
import os
import socket
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from accord.store.database import Database

_FOLDER = "sessions"
_BACKEND = "pid::text || ' ' || backend_start::text"


class Session(Protocol):
    """One process at work on a store."""

    name: str

    def living(self) -> frozenset[str]:
        """Return what stands behind `|` in the names of all sessions that live, this one among them."""

    def close(self) -> None:
        """End the session. May be repeated."""


class FileSession:
    """A session on SQLite: a locked file, which others find free once this process is gone."""

    def __init__(self, data: Path) -> None:
        self._folder = data / _FOLDER
        self._folder.mkdir(exist_ok=True)
        self._own = uuid.uuid4().hex
        self.name = f"{_here()}|{self._own}"
        self._file = self._locked()

    def living(self) -> frozenset[str]:
        """Return the sessions whose files are locked; those of the dead are taken away."""
        return frozenset(f.name for f in self._folder.iterdir() if f.name == self._own or self._is_locked(f.name))

    def close(self) -> None:
        """Free the file and take it away."""
        if self._file >= 0:
            with suppress(FileNotFoundError):
                (self._folder / self._own).unlink()
            os.close(self._file)
            self._file = -1

    def _locked(self) -> int:
        path = self._folder / self._own
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists():
                return file
            # Somebody took it for the file of a dead one before it was locked.
            os.close(file)

    def _is_locked(self, name: str) -> bool:
        try:
            file = os.open(self._folder / name, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            with suppress(FileNotFoundError):
                (self._folder / name).unlink()
            return False
        finally:
            os.close(file)


class BackendSession:
    """A session on PostgreSQL: the server's own name of the connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        backend = database.value(f"select {_BACKEND} from pg_stat_activity where pid = pg_backend_pid()")
        self.name = f"{_here()}|{backend}"

    def living(self) -> frozenset[str]:
        """Return the connections the server has."""
        rows = self._database.rows(f"select {_BACKEND} from pg_stat_activity where datname = current_database()")
        return frozenset(row[0] for row in rows if row[0])

    def close(self) -> None:
        """Leave it to the connection, which ends it."""


class NoSession:
    """Whoever only looks: what it begins belongs to nobody."""

    name = ""

    def living(self) -> frozenset[str]:
        """Return nobody."""
        return frozenset()

    def close(self) -> None:
        """Do nothing."""


def _here() -> str:
    return f"{socket.gethostname()} {os.getpid()}"
