"""One server per data folder: a lock file held by the operating system, with the holder's process id in it.

A server lets its own children in: they inherit the open lock file and find its number in the environment. The folder
stays locked until the last of them is gone.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

from accord.model.errors import DataFolderBusy, SystemRefused

INHERITED = "ACCORD_FOLDER_LOCK"
"""Names the inherited file in the environment of a child."""

_NAME = "accord.lock"


class FolderLock:
    """The right to write to a data folder. Ends with `release` or with the process, however it dies."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        file = _open(folder)
        inherited = _inherited(file, environ)
        if inherited is not None:
            os.close(file)
            self._file, self._is_own = inherited, False
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(file, folder) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file, self._is_own = file, True

    def for_child(self) -> tuple[int, dict[str, str]]:
        """Return the file a child must inherit, and what its environment must say."""
        return self._file, {INHERITED: str(self._file)}

    def release(self) -> None:
        """Let others write. May be repeated."""
        if self._file >= 0 and self._is_own:
            os.close(self._file)
        self._file = -1


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SystemRefused(
            f"the data folder cannot be written to: {error.strerror}",
            place=str(folder),
            remedy="name a folder this user may write to, or grant the right",
        ) from error


def _inherited(file: int, environ: Mapping[str, str]) -> int | None:
    """Return the inherited lock, if there is one and it is that of this folder."""
    number = environ.get(INHERITED, "")
    if not number.isdecimal():
        return None
    try:
        return int(number) if os.path.sameopenfile(int(number), file) else None
    except OSError:
        return None


def _busy(file: int, folder: Path) -> DataFolderBusy:
    holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
    os.close(file)
    return DataFolderBusy(
        f"process {holder} writes to this data folder",
        place=str(folder),
        remedy=f"wait until process {holder} ends or end it, or name another data folder; "
        "if it is a server, let the server do it",
    )
