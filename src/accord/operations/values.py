"""Values of objects as people read them: attributes by name, and what changes from what to what."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute with its values. `rule` names what gave them, `since` the run; empty where that is not told."""

    name: str
    values: tuple[str, ...]
    rule: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """One attribute that changes; for references `before` and `after` hold only what is removed and added."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def attributes_of(document: str | None) -> tuple[Attribute, ...]:
    """Return the attributes of a document by name."""
    return tuple(Attribute(name=n, values=values_of(v)) for n, v in sorted(_load(document).items()))


def changes_between(before: str | None, after: str | None) -> tuple[ValueChange, ...]:
    """Return the attributes that differ between two documents, by name; None is an empty one."""
    old, new = _load(before), _load(after)
    return tuple(
        ValueChange(name=name, before=values_of(old.get(name)), after=values_of(new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def values_of(value: object) -> tuple[str, ...]:
    """Return a document's value as texts: none, one or several."""
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _load(document: str | None) -> Mapping[str, object]:
    loaded = json.loads(document) if document else {}
    return loaded if isinstance(loaded, dict) else {}
