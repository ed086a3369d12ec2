"""One writer per data folder: a lock file held by the operating system, with the holder's process id in it."""

import fcntl
import os
from pathlib import Path

from accord.model.errors import DataFolderBusy, SystemRefused

_NAME = "accord.lock"


class FolderLock:
    """The right to write to a data folder. Ends with `release` or with the process, however it dies."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SystemRefused(
                f"the data folder cannot be written to: {error.strerror}",
                place=str(folder),
                remedy="name a folder this user may write to, or grant the right",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise DataFolderBusy(
                f"process {holder} writes to this data folder",
                place=str(folder),
                remedy=f"wait until process {holder} ends or end it, or name another data folder",
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others write. May be repeated."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
