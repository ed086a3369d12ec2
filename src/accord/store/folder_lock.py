"""One server per data folder: a lock file held by the operating system, with the holder's process id in it.

A server lets its own children in: they inherit the open lock file and find its number in the environment. The folder
stays locked until the last of them is gone. They end by themselves when the server dies, so that whoever finds the
holder dead waits for them: a server started again right after a crash comes up.
"""

import fcntl
import os
import time
from collections.abc import Mapping
from pathlib import Path

from accord.model.errors import DataFolderBusy, SystemRefused

INHERITED = "ACCORD_FOLDER_LOCK"
"""Names the inherited file in the environment of a child."""

ORPHANS_END_S = 20.0
"""How long children of a dead holder may take to end; one that starts up notices only when it is ready."""

_NAME = "accord.lock"
_RETRY_S = 0.05


class FolderLock:
    """The right to write to a data folder. Ends with `release` or with the process, however it dies."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        file = _open(folder)
        inherited = _inherited(file, environ)
        if inherited is not None:
            os.close(file)
            self._file, self._is_own = inherited, False
            return
        if not _lock(file):
            raise _busy(file, folder)
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


def _lock(file: int) -> bool:
    """Lock the file; False when somebody living holds it, or the children of somebody dead do not end."""
    deadline = time.monotonic() + ORPHANS_END_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _is_alive(_holder(file)) or time.monotonic() > deadline:
                return False
            time.sleep(_RETRY_S)
        else:
            return True


def _holder(file: int) -> str:
    return os.pread(file, 32, 0).decode("ascii", "replace").strip()


def _is_alive(holder: str) -> bool:
    # A holder that has not said yet who it is has only just begun.
    if not holder.isdecimal():
        return True
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _busy(file: int, folder: Path) -> DataFolderBusy:
    holder = _holder(file) or "unknown"
    os.close(file)
    return DataFolderBusy(
        f"process {holder} writes to this data folder",
        place=str(folder),
        remedy=f"wait until process {holder} ends or end it, or name another data folder; "
        "if it is a server, let it do the work: accord jobs add PROFILE SYSTEM, or release and apply over HTTP",
    )
