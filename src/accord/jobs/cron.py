"""When schedules are due, in UTC: by cron expressions and those of `model.moments`. Pure: the time comes in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from croniter import croniter

from accord.model.moments import AT_START, moment_of


def last_due(crons: Sequence[str], *, after: datetime, until: datetime) -> datetime | None:
    """Return the latest moment of any of them later than `after` and not later than `until`, None without any."""
    # What is looked for lies before the start, and `until` itself is meant as well.
    start = until.replace(microsecond=0) + timedelta(seconds=1)
    moments = [moment_of(cron) or croniter(cron, start).get_prev(datetime) for cron in crons if cron != AT_START]
    return max((moment for moment in moments if after < moment <= until), default=None)


def next_due(crons: Sequence[str], *, after: datetime) -> datetime | None:
    """Return the first moment of any of them later than `after`, None without any."""
    moments = [moment_of(cron) or croniter(cron, after).get_next(datetime) for cron in crons if cron != AT_START]
    return min((moment for moment in moments if moment > after), default=None)
