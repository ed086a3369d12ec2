"""What a failing database means for the person who can act."""

import adbc_driver_manager
import pyarrow as pa

from accord.model.errors import AccordError, SystemRefused, SystemUnavailable

_FULL = ("disk is full", "no space left on device", "disk i/o error", "could not extend file")
_LOCKED = ("database is locked", "database table is locked", "deadlock detected", "lock timeout")
_DAMAGED = ("file is not a database", "disk image is malformed")
_GONE = (
    "could not connect", "connection refused", "server closed the connection", "terminating connection",
    "no connection to the server", "connection to server", "ssl connection has been closed",
)  # fmt: skip

DatabaseFailure = (adbc_driver_manager.Error, OSError, pa.ArrowException)
"""What the drivers raise; errors in the middle of a result come as OSError."""


def explain(failure: Exception, place: str) -> AccordError | None:
    """Return the error to raise instead, None when the failure is our own mistake and must be seen as it is."""
    text = str(failure).lower()
    if any(sign in text for sign in _FULL):
        return SystemUnavailable(
            "the store cannot write: its disk is full or broken; nothing of this step was kept",
            remedy="free space on the disk of the store, then run again",
            place=place,
        )
    if any(sign in text for sign in _LOCKED):
        return SystemUnavailable(
            "another program held what this step needed for too long; nothing of this step was kept",
            remedy="wait for the other program or end it, then run again",
            place=place,
        )
    if any(sign in text for sign in _GONE):
        return SystemUnavailable(
            f"the database of the store does not answer: {failure}".splitlines()[0],
            remedy="start the database server or correct the URL, then run again",
            place=place,
        )
    if any(sign in text for sign in _DAMAGED):
        return SystemRefused(
            f"the store is damaged or no store at all: {failure}".splitlines()[0],
            remedy="restore the file from a backup, or name another data folder",
            place=place,
        )
    return None
