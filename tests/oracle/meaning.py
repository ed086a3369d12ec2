"""What the expressions of generated rules mean, in Python: each SQL text is made together with its function.

Only texts made here, and bare names of attributes, can be evaluated; that
keeps the second implementation independent of the engine's language.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

Term: TypeAlias = str | int | bool | tuple[str, ...] | None
Row: TypeAlias = Mapping[str, Term]


class Failed(Exception):
    """The expression fails for this row."""


_DAY = 24 * 60 * 60 * 1_000_000
_EPOCH_DAY = {"today": 0}
"""The present day since the epoch, of the world that is looked at."""

_MEANING: dict[str, Callable[[Row], Term]] = {}


def evaluate(sql: str, row: Row) -> Term:
    """Return what the expression gives; raise Failed when it fails. An empty text is null."""
    found = _of(sql, row)
    return None if found in ("", ()) else found


def set_time(now: int) -> None:
    """Make a time the present, in microseconds of the epoch."""
    _EPOCH_DAY["today"] = now // _DAY


def attribute(name: str) -> str:
    """The attribute itself."""
    return name


def constant(text: str) -> str:
    """A text."""
    return _means("'" + text + "'", lambda row: text)


def lower(sql: str) -> str:
    """Lower case."""
    return _means(f"lower({sql})", lambda row: _strict(lambda a: str(a).lower(), _of(sql, row)))


def joined(*parts: str) -> str:
    """Texts one after the other; null when any is null."""
    return _means(
        "(" + " || ".join(parts) + ")",
        lambda row: _strict(lambda *texts: "".join(str(t) for t in texts), *[_of(p, row) for p in parts]),
    )


def first_of(one: str, other: str) -> str:
    """The first that is not null."""
    return _means(f"coalesce({one}, {other})", lambda row: _of(other, row) if _of(one, row) is None else _of(one, row))


def when(condition: str, then: str, otherwise: str) -> str:
    """One or the other."""
    return _means(
        f"case when {condition} then {then} else {otherwise} end",
        lambda row: _of(then, row) if _of(condition, row) is True else _of(otherwise, row),
    )


def number(sql: str) -> str:
    """A text as a whole number; fails when it is none."""
    return _means(f"cast({sql} as bigint)", lambda row: _strict(_whole, _of(sql, row)))


def equals(sql: str, text: str) -> str:
    return _means(f"({sql} = '{text}')", lambda row: _strict(lambda a: a == text, _of(sql, row)))


def differs(sql: str, text: str) -> str:
    return _means(f"({sql} <> '{text}')", lambda row: _strict(lambda a: a != text, _of(sql, row)))


def is_null(sql: str) -> str:
    return _means(f"({sql} is null)", lambda row: _of(sql, row) is None)


def is_not_null(sql: str) -> str:
    return _means(f"({sql} is not null)", lambda row: _of(sql, row) is not None)


def is_one_of(sql: str, *texts: str) -> str:
    listed = ", ".join(f"'{t}'" for t in texts)
    return _means(f"({sql} in ({listed}))", lambda row: _strict(lambda a: a in texts, _of(sql, row)))


def starts_with(sql: str, text: str) -> str:
    return _means(
        f"starts_with({sql}, '{text}')", lambda row: _strict(lambda a: str(a).startswith(text), _of(sql, row))
    )


def above(sql: str, limit: int) -> str:
    """A number greater than another: of a cast it fails where the cast does."""
    return _means(f"({sql} > {limit})", lambda row: _strict(lambda a: int(a) > limit, _of(sql, row)))


def has_passed(sql: str, start: str) -> str:
    """More days have passed since a date (ISO) than a text says; fails when that is no number."""
    first = date.fromisoformat(start).toordinal() - date(1970, 1, 1).toordinal()
    return _means(
        f"(today() > cast('{start}' as date) + cast({sql} as integer))",
        lambda row: _strict(lambda a: _EPOCH_DAY["today"] > first + _whole(a), _of(sql, row)),
    )


def _means(sql: str, function: Callable[[Row], Term]) -> str:
    _MEANING[sql] = function
    return sql


def _of(sql: str, row: Row) -> Term:
    return _MEANING[sql](row) if sql in _MEANING else row[sql]


def _strict(function: Callable[..., Term], *arguments: Term) -> Term:
    return None if any(a is None for a in arguments) else function(*arguments)


def _whole(text: object) -> int:
    if isinstance(text, int):
        return text
    if not str(text).isdigit():
        raise Failed(text)
    return int(str(text))
