"""Transforms: the strings of the contract as values of ours, and as expressions of our language.

The contract shows the encodings of Static, Join and Script. Those of the others are ours:
`Left:field=X;length=n`, `Substring:field=X;start=s;length=n` (counted from 0), `Resolve:field=X;attribute=Y`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accord.datasync.loose import wrong
from accord.engine.frames import literal, quote

_PARTS = re.compile(r"(?:^|;)\s*([A-Za-z]+)=")
_VARIABLE = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)%")
_COUNTS = ("length", "count", "chars", "characters")
_STARTS = ("start", "startat")


@dataclass(frozen=True, slots=True)
class Copy:
    """The value of a field as it is."""

    field: str


@dataclass(frozen=True, slots=True)
class Static:
    """One text for all, with variables between per cent signs."""

    text: str


@dataclass(frozen=True, slots=True)
class Join:
    """Fields and texts between them, in order; `is_field` tells them apart."""

    parts: tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """The first characters of a field."""

    field: str
    length: int


@dataclass(frozen=True, slots=True)
class Substring:
    """Characters of a field after position `start`."""

    field: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Resolve:
    """The name of the destination object whose attribute equals a field."""

    field: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Script:
    """A value that a script computes."""

    code: str


Transform = Copy | Static | Join | Left | Substring | Resolve | Script


def parse_transform(text: str, source_field: str, place: str) -> Transform:
    """Return the transform of one mapping; raise Invalid when it is none."""
    if not text.strip():
        if not source_field:
            raise wrong(place, "a mapping needs a source field or a transform")
        return Copy(source_field)
    name, colon, rest = text.partition(":")
    parse = _PARSERS.get(name.strip().casefold()) if colon else None
    if parse is None:
        raise wrong(place, f"there is no transform {name.strip()!r}", f"use one of: {', '.join(_PARSERS).title()}")
    return parse(rest, source_field, place)


def fields_used(transform: Transform) -> tuple[str, ...]:
    """Return the source fields that a transform reads; a script may read any."""
    match transform:
        case Copy(field) | Left(field) | Substring(field) | Resolve(field):
            return (field,)
        case Join(parts):
            return tuple(text for is_field, text in parts if is_field)
        case _:
            return ()


def to_expression(transform: Transform, variables: Mapping[str, str], *, needs_all: bool) -> str:
    """Return the expression of a transform over the source's columns.

    `needs_all`: without one of its fields there is no value, as keys and names want it; else a missing field is an
    empty text, and only when all are missing there is no value. Scripts and Resolve are columns of their own.
    """
    match transform:
        case Copy(field):
            return quote(field)
        case Static(text):
            return _static(text, variables)
        case Left(field, length):
            return f"left({quote(field)}, {length:d})"
        case Substring(field, start, length):
            return f"substring({quote(field)}, {start + 1:d}, {length:d})"
        case Join(parts):
            return _joined(parts, needs_all=needs_all)
        case Resolve() | Script():
            raise TypeError("scripts and look-ups are columns, not expressions")


def _joined(parts: tuple[tuple[bool, str], ...], *, needs_all: bool) -> str:
    texts = [quote(text) if is_field else literal(text) for is_field, text in parts]
    if needs_all:
        return " || ".join(texts)
    fields = [quote(text) for is_field, text in parts if is_field]
    return f"case when coalesce({', '.join(fields)}) is not null then concat({', '.join(texts)}) end"


def _static(text: str, variables: Mapping[str, str]) -> str:
    pieces: list[str] = []
    position = 0
    for match in _VARIABLE.finditer(text):
        expression = variables.get(match.group(1).upper())
        if expression is None:
            continue
        if match.start() > position:
            pieces.append(literal(text[position : match.start()]))
        pieces.append(expression)
        position = match.end()
    if text[position:] or not pieces:
        pieces.append(literal(text[position:]))
    return " || ".join(pieces)


def _join(rest: str, _source: str, place: str) -> Join:
    parts: list[tuple[bool, str]] = []
    marks = list(_PARTS.finditer(rest))
    for number, mark in enumerate(marks):
        key = mark.group(1).casefold()
        if key not in ("field", "separator"):
            continue
        end = next(
            (m.start() for m in marks[number + 1 :] if m.group(1).casefold() in ("field", "separator")), len(rest)
        )
        parts.append((key == "field", rest[mark.end() : end]))
    if sum(is_field for is_field, _ in parts) < 1:
        raise wrong(place, "Join needs field=, separator= and field=")
    return Join(tuple(part for part in parts if part[0] or part[1]))


def _rest(rest: str, key: str, place: str) -> str:
    name, equals, value = rest.partition("=")
    if not equals or name.strip().casefold() != key:
        raise wrong(place, f"the transform needs {key}=")
    return value


def _keys(rest: str) -> dict[str, str]:
    found = {}
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        found[name.strip().casefold()] = value
    return found


def _field(keys: dict[str, str], source_field: str, place: str) -> str:
    field = keys.get("field") or source_field
    if not field:
        raise wrong(place, "the transform needs field=")
    return field


def _count(keys: dict[str, str], names: tuple[str, ...], place: str) -> int:
    text = next((keys[name] for name in names if name in keys), "").strip()
    if not text.isdigit():
        raise wrong(place, f"the transform needs {names[0]}= and a whole number")
    return int(text)


def _static_of(rest: str, _source: str, place: str) -> Static:
    return Static(_rest(rest, "value", place))


def _script_of(rest: str, _source: str, place: str) -> Script:
    return Script(_rest(rest, "text", place))


def _left_of(rest: str, source: str, place: str) -> Left:
    keys = _keys(rest)
    return Left(_field(keys, source, place), _count(keys, _COUNTS, place))


def _substring_of(rest: str, source: str, place: str) -> Substring:
    keys = _keys(rest)
    return Substring(_field(keys, source, place), _count(keys, _STARTS, place), _count(keys, _COUNTS, place))


def _resolve_of(rest: str, source: str, place: str) -> Resolve:
    keys = _keys(rest)
    attribute = keys.get("attribute", "")
    if not attribute:
        raise wrong(place, "Resolve needs attribute=, the destination attribute to look in")
    return Resolve(_field(keys, source, place), attribute)


_PARSERS: Mapping[str, Callable[[str, str, str], Transform]] = {
    "static": _static_of,
    "join": _join,
    "left": _left_of,
    "substring": _substring_of,
    "resolve": _resolve_of,
    "script": _script_of,
}
