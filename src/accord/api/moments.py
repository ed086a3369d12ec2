"""Moments as the contract writes them: ISO 8601 in UTC with `Z`; spans as .NET writes them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator


def _not_a_number(given: object) -> object:
    # What a library would take for seconds since 1970, the contract does not know.
    try:
        float(str(given))
    except ValueError:
        return given
    raise ValueError("a moment is written as 2026-03-01T12:00:00Z")


Moment = Annotated[AwareDatetime, BeforeValidator(_not_a_number)]
"""A moment in a request."""


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - a door answers now


def now_text() -> str:
    """Return the time as text."""
    return moment_text(now())


def moment_text(moment: datetime) -> str:
    """Return a moment as text, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def span_text(span: timedelta) -> str:
    """Return a span as `[d.]hh:mm:ss[.fffffff]`."""
    sign = "-" if span < timedelta(0) else ""
    whole = abs(span)
    hours, rest = divmod(whole.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{whole.days}." if whole.days else ""
    fraction = f".{whole.microseconds:06d}0" if whole.microseconds else ""
    return f"{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}"
