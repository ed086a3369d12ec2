"""The values of conditions: which texts are values of a type, and how they are written in an expression.

A date or time may be relative to the run: `30 days ago`, `2 hours from now`, `today`, `now`. Days and all longer
units count from midnight UTC, hours from the moment.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from accord.engine.frames import literal
from accord.model.schema import ValueType

_RELATIVE = re.compile(r"(\d{1,4}) (hour|day|week|month|year)s? (ago|from now)", re.IGNORECASE | re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_GUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")
_DAYS = {"day": 1, "week": 7}
# A decimal has 38 digits, 10 of them behind the point.
_MAX_PLACES, _MAX_DECIMAL = 10, Decimal(10) ** 28
_SAMPLES = {
    ValueType.INTEGER: "a whole number, such as 42",
    ValueType.DECIMAL: "a number, such as 1.5, with at most 28 digits before the point and 10 behind it",
    ValueType.BOOLEAN: "true or false",
    ValueType.DATE: "a date such as 2030-05-17, today, 30 days ago, or 2 months from now",
    ValueType.DATETIME: "a time such as 2030-05-17T08:30:00Z, now, today, 3 hours ago, or 30 days from now",
    ValueType.BINARY: "bytes as base64, such as AP8=",
    ValueType.GUID: "a GUID, such as 9a7b3c1e-0d2f-4e5a-8b6c-7d8e9f0a1b2c",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a text is no value of a type, and what is one."""

    message: str
    remedy: str


def problem_with(value: str, kind: ValueType) -> Problem | None:
    """Return why the text is no value of the type, None when it is one."""
    if not value.strip():
        return Problem(message="the value is empty", remedy="write `is_absent: true` for no value")
    try:
        written(value, kind)
    except ValueError:
        return Problem(message=f"{value!r} is not a value of type {kind}", remedy=f"write {_SAMPLES[kind]}")
    return None


def written(value: str, kind: ValueType) -> str:
    """Return the value as it stands in an expression; raise ValueError when it is none of the type."""
    # Edges are part of a text and of nothing else.
    return _WRITERS[kind](value if kind is ValueType.TEXT else value.strip())


def _integer(value: str) -> str:
    if not _INTEGER.fullmatch(value) or not -(2**63) <= int(value) < 2**63:
        raise ValueError(value)
    return f"cast('{int(value)}' as bigint)"


def _decimal(value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(value) from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(number) >= _MAX_DECIMAL or exponent < -_MAX_PLACES:
        raise ValueError(value)
    return f"cast('{number:f}' as decimal(38, 10))"


def _boolean(value: str) -> str:
    if value.lower() not in {"true", "false"}:
        raise ValueError(value)
    return value.lower()


def _guid(value: str) -> str:
    found = _GUID.fullmatch(value.lower())
    if found is None:
        raise ValueError(value)
    return literal("-".join(found.groups()))


def _binary(value: str) -> str:
    try:
        octets = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(value) from error
    return f"from_base64('{base64.b64encode(octets).decode()}')"


def _date(value: str) -> str:
    return _relative(value) or f"date '{date.fromisoformat(value).isoformat()}'"


def _time(value: str) -> str:
    relative = _relative(value)
    if relative is not None:
        return relative if relative.startswith("now()") else f"cast({relative} as timestamp)"
    time = datetime.fromisoformat(value)
    in_utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return f"timestamp '{in_utc.replace(tzinfo=None).isoformat(sep=' ')}'"


def _relative(value: str) -> str | None:
    """Return a relative time: a date, or a time that begins with now()."""
    text = " ".join(value.lower().split())
    if text in {"today", "now"}:
        return f"{text}()"
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return None
    unit = found[2]
    count = int(found[1]) * (-1 if found[3] == "ago" else 1)
    if unit == "hour":
        return f"now() + to_hours({count})"
    if unit in _DAYS:
        return f"add_days(today(), {count * _DAYS[unit]})"
    return f"add_{unit}s(today(), {count})"


_WRITERS: Mapping[ValueType, Callable[[str], str]] = {
    ValueType.TEXT: literal,
    ValueType.INTEGER: _integer,
    ValueType.DECIMAL: _decimal,
    ValueType.BOOLEAN: _boolean,
    ValueType.DATE: _date,
    ValueType.DATETIME: _time,
    ValueType.BINARY: _binary,
    ValueType.GUID: _guid,
    ValueType.REFERENCE: literal,
}
