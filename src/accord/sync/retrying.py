"""When a change that failed is tried again."""

from datetime import datetime, timedelta

MAX_ATTEMPTS = 5
_WAITS_MIN = (2, 4, 8, 16, 32)


def due_after(attempts: int, now: datetime) -> int | None:
    """Return the earliest next attempt in microseconds (UTC) after that many; None: a person must look at it."""
    if attempts >= MAX_ATTEMPTS:
        return None
    wait = timedelta(minutes=_WAITS_MIN[max(attempts - 1, 0)])
    return int((now + wait).timestamp() * 1_000_000)
