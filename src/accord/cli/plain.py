"""Views as plain values: field names become keys in camelCase, and stay what they are from release to release."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """Return a view as what JSON can hold. Mappings keep their keys as they are."""
    # Most of a large plan are texts and tuples of texts: they come first.
    if value is None or type(value) in _PLAIN:
        return value  # type: ignore[return-value]  # its type was looked up
    if type(value) is tuple or type(value) is list:
        return [plain(inner) for inner in value]
    keys = _keys(type(value))
    if keys:
        return {key: plain(getattr(value, name)) for name, key in keys}
    return _seldom(value)


def _seldom(value: object) -> Plain:
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    raise TypeError(f"a view holds a {type(value).__name__}")


_PLAIN = frozenset({str, int, float, bool})


_KNOWN: dict[type, tuple[tuple[str, str], ...]] = {}


def _keys(kind: type) -> tuple[tuple[str, str], ...]:
    """Return fields and keys of a view's class, none when it is no view; found out once."""
    if kind not in _KNOWN:
        _KNOWN[kind] = tuple((f.name, camel(f.name)) for f in fields(kind)) if is_dataclass(kind) else ()
    return _KNOWN[kind]


def camel(name: str) -> str:
    """Return a field's name as a key: started_at becomes startedAt."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def flat(row: Plain) -> dict[str, str]:
    """Return a row for CSV: keys of inner objects joined by a point, lists as JSON."""
    flattened: dict[str, str] = {}
    for key, value in (row if isinstance(row, dict) else {"value": row}).items():
        if isinstance(value, dict):
            flattened |= {f"{key}.{inner}": text for inner, text in flat(value).items()}
        else:
            flattened[key] = _cell(value)
    return flattened


def _cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
