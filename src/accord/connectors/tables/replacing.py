"""Replacing a file as a whole: readers see the old one or the new one, and a full disk leaves the old one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from accord.model.errors import AccordError, IncompleteRead, SystemRefused, SystemUnavailable

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What tells that a file is still the one it was."""

    size_bytes: int
    changed_ns: int
    inode: int


def file_state(path: Path) -> FileState:
    """Return the state of the file now; raise what `refused` makes of the failure."""
    try:
        stat = path.stat()
    except OSError as error:
        raise refused(error, path) from error
    return FileState(size_bytes=stat.st_size, changed_ns=stat.st_mtime_ns, inode=stat.st_ino)


def require_unchanged(path: Path, before: FileState) -> None:
    """Raise IncompleteRead when the file is no longer the one that was opened."""
    if file_state(path) != before:
        raise IncompleteRead(
            "changed while it was being read",
            place=str(path),
            remedy="try again when whoever writes the file is done; have it written elsewhere and moved here",
        )


def refused(error: OSError, path: Path) -> AccordError:
    """Return the error that tells who must act on a failed file operation."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.ENOENT:
        return SystemRefused("there is no such file", place=str(path), remedy="correct the path, or put the file there")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SystemRefused(f"may not be used ({reason})", place=str(path), remedy="give Accord's user permission")
    if error.errno in (errno.EISDIR, errno.ENOTDIR):
        return SystemRefused(f"is not a file ({reason})", place=str(path), remedy="correct the path")
    if error.errno in _FULL:
        return SystemUnavailable(
            f"could not be written, it is unchanged ({reason})",
            place=str(path),
            remedy="make room on the disk and export again",
        )
    return SystemUnavailable(f"did not answer ({reason})", place=str(path), remedy="check disk and mount")


@contextmanager
def replaced(path: Path, before: FileState | None) -> Iterator[Path]:
    """Yield a temporary path in the same folder to write to; on leaving, it takes the file's place and mode.

    `before` is the state of the file that the new content was made from, None when there was none. When that
    has changed, or anything fails, the file stays as it is and the temporary one is removed.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _settle(temporary, target, before)
    except OSError as error:
        raise refused(error, path) from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _settle(temporary: Path, target: Path, before: FileState | None) -> None:
    now = file_state(target) if target.exists() else None
    if now != before:
        raise SystemUnavailable(
            "was changed by someone else while the export was being written; nothing was exported",
            place=str(target),
            remedy="import it again, then export again",
        )
    if now is not None:
        temporary.chmod(target.stat().st_mode & 0o7777)
    _flush(temporary, os.O_RDWR)
    temporary.replace(target)
    _flush(target.parent, os.O_RDONLY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
