"""When cron means, in UTC. Pure: the time comes in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from croniter import croniter


def last_due(crons: Sequence[str], *, after: datetime, until: datetime) -> datetime | None:
    """Return the latest moment of any of them later than `after` and not later than `until`, None without any."""
    # What is looked for lies before the start, and `until` itself is meant as well.
    start = until.replace(microsecond=0) + timedelta(seconds=1)
    due = [moment for cron in crons if (moment := croniter(cron, start).get_prev(datetime)) > after]
    return max(due) if due else None


def next_due(crons: Sequence[str], *, after: datetime) -> datetime | None:
    """Return the first moment of any of them later than `after`, None without any."""
    found: list[datetime] = [croniter(cron, after).get_next(datetime) for cron in crons]
    return min(found) if found else None
