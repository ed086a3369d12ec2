"""Views as plain values: field names become keys in camelCase, and stay what they are from release to release."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """Return a view as what JSON can hold. Mappings keep their keys as they are."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {camel(f.name): plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    raise TypeError(f"a view holds a {type(value).__name__}")


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
