"""Moving what was committed from SQLite's log into its file, beside the work instead of at the end of each commit.

A bulk commit leaves hundreds of megabytes in the log; whoever commits next would wait for them to reach the disk. What
is committed stands in the log already, so that nothing is lost when the process dies before.
"""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from accord.model.errors import AccordError
from accord.store.database import Database
from accord.store.failures import DatabaseFailure

_LOG_BYTES = 4 << 20
_LATER = 5


class Checkpoints:
    """A thread with a connection of its own to one SQLite file; `connect` makes it. Begins with the first `wanted`."""

    def __init__(self, file: Path, connect: Callable[[], Database]) -> None:
        self._log = file.with_name(file.name + "-wal")
        self._connect = connect
        self._wanted = threading.Event()
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def wanted(self) -> None:
        """Hear that something was committed; cheap."""
        if self._thread is None and self._is_worth_it():
            self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
            self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """End; what the log still holds is moved when the last connection closes."""
        self._is_closing = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        _give_way()
        with self._connect() as database:
            while not self._is_closing:
                self._wanted.wait()
                self._wanted.clear()
                if self._is_worth_it() and not self._is_closing:
                    # A full disk, say: whoever commits is told, and SQLite tries again by itself when the log is long.
                    with suppress(AccordError, *DatabaseFailure):
                        database.fetch("pragma wal_checkpoint(passive)")

    def _is_worth_it(self) -> bool:
        try:
            return self._log.stat().st_size >= _LOG_BYTES
        except FileNotFoundError:
            return False


def _give_way() -> None:
    """Let the run go first, where the system can do that; by three to one only, or a busy machine would stop it."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LATER)
