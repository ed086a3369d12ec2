"""Expressions of time that no cron expression tells, in schedules beside them.

`@once 2026-12-01T02:30:00+00:00` is one moment, `@start` whenever a worker begins, which is no time of the clock.
"""

from datetime import UTC, datetime

AT_START = "@start"
_ONCE = "@once "


def once(moment: datetime) -> str:
    """Return the expression of one moment; without a zone it is in UTC."""
    return _ONCE + (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def moment_of(expression: str) -> datetime | None:
    """Return the moment that `once` wrote down, None of any other expression."""
    return datetime.fromisoformat(expression.removeprefix(_ONCE)) if expression.startswith(_ONCE) else None
