"""Which identity or object a person means by a text: a name, a number, an e-mail address, a dn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.model.errors import NotFound, UsageError
from accord.model.frames import StagedObjects
from accord.operations.naming import name_identities
from accord.operations.values import attributes_of
from accord.runs.context import Context

_SHOWN = 8
_LOOKED_AT = 200
_IDENTITY = "identity:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was meant: an identity, or a staged object that belongs to none."""

    identity_id: int | None = None
    object_id: int | None = None


def find_subject(context: Context, text: str) -> Subject:
    """Return what a text means; raise NotFound, or UsageError naming the candidates when it may be several.

    Tried in this order: `identity:7`; `system/name`; an anchor or dn of any system; a value of an identity that is
    the text; a value that contains it. Case counts in anchors only.
    """
    if text.startswith(_IDENTITY):
        return _by_identity_id(context, text)
    system, slash, name = text.partition("/")
    if slash and system in context.rules.systems:
        return _one_object(context, text, context.store.connector_space.find_objects(name, system=system))
    objects = context.store.connector_space.find_objects(text)
    return _one_object(context, text, objects) if len(objects) else _by_value(context, text)


def find_named(context: Context, text: str) -> Subject:
    """Return what a number, an anchor or a dn means, at once however much there is; raise NotFound, UsageError."""
    if text.startswith(_IDENTITY):
        return _by_identity_id(context, text)
    system, slash, name = text.partition("/")
    space = context.store.connector_space
    is_of_system = bool(slash) and system in context.rules.systems
    return _one_object(
        context, text, space.find_objects(name, system=system) if is_of_system else space.find_objects(text)
    )


def name_object(context: Context, object_id: int) -> str:
    """Return a text that means an object and nothing else; raise NotFound when there is none of that number."""
    rows = context.store.connector_space.read_objects_by_id([object_id]).table.to_pylist()
    if not rows:
        raise NotFound(f"there is no object {object_id}", remedy="it may be gone: look for it by its name")
    return f"{rows[0]['system']}/{rows[0]['anchor'] or rows[0]['dn']}"


def _by_identity_id(context: Context, text: str) -> Subject:
    number = text.removeprefix(_IDENTITY)
    if number.isdecimal() and len(context.store.metaverse.read_identities_by_id([int(number)])):
        return Subject(identity_id=int(number))
    raise NotFound(f"there is no {text}", remedy="name it by a value, an anchor or a dn")


def _one_object(context: Context, text: str, objects: StagedObjects) -> Subject:
    if not len(objects):
        raise NotFound(f"nothing is called {text!r}", remedy="name an anchor, a dn or a value as it was last imported")
    ids = objects.table["id"].to_pylist()
    links = context.store.metaverse.read_links_of(ids).table
    linked = dict(zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True))
    subjects = list(dict.fromkeys(_subject(i, linked.get(i)) for i in ids))
    if len(subjects) > 1:
        names = zip(objects.table["system"].to_pylist(), objects.table["anchor"].to_pylist(), strict=True)
        raise _ambiguous(text, [f"{system}/{anchor}" for system, anchor in names])
    return subjects[0]


def _by_value(context: Context, text: str) -> Subject:
    found = context.store.metaverse.find_identities(text, limit=_LOOKED_AT).table
    exact = [i for i, doc in _rows(found) if _has_value(doc, text)]
    ids = exact or found["id"].to_pylist()
    if not ids:
        raise NotFound(
            f"nothing is called {text!r}", remedy="name an anchor, a dn or a value as it was last synchronised"
        )
    if len(ids) > 1:
        names = name_identities(context, found)
        raise _ambiguous(text, [f"{_IDENTITY}{i} ({names[i]})" for i in ids])
    return Subject(identity_id=ids[0])


def _subject(object_id: int, identity_id: int | None) -> Subject:
    return Subject(object_id=object_id) if identity_id is None else Subject(identity_id=identity_id)


def _rows(found: pa.Table) -> Iterable[tuple[int, str]]:
    return zip(found["id"].to_pylist(), found["doc"].to_pylist(), strict=True)


def _has_value(document: str, text: str) -> bool:
    folded = text.casefold()
    return any(value.casefold() == folded for a in attributes_of(document) for value in a.values)


def _ambiguous(text: str, candidates: Sequence[str]) -> UsageError:
    count = f"{len(candidates)}" if len(candidates) < _LOOKED_AT else f"at least {_LOOKED_AT}"
    more = f" and {len(candidates) - _SHOWN} more" if len(candidates) > _SHOWN else ""
    return UsageError(
        f"{text!r} may mean {count} different things", remedy=f"say which: {', '.join(candidates[:_SHOWN])}{more}"
    )
