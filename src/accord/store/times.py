"""How moments are written: ISO 8601 text for people, microseconds of the epoch for comparing; always UTC."""

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(moment: datetime) -> str:
    """Return the moment as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, which sorts as text."""
    return _utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def micros(moment: datetime) -> int:
    """Return the moment as microseconds of the epoch, exact."""
    elapsed = _utc(moment) - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock is read, for runs and jobs


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC)
