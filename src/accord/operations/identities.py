"""Identities looked for: by a value, an anchor, a dn; each found one with its name and where it has accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.operations.naming import name_identities
from accord.operations.values import Attribute, attributes_of
from accord.runs.context import Context

_SHOWN = ("mail", "email", "login", "uid", "employee", "title", "department")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIdentity:
    """One identity as it is listed; `values` are those of its attributes that tell people apart."""

    id: int
    type: str
    name: str
    systems: tuple[str, ...]
    values: tuple[Attribute, ...]
    is_leaving: bool


def name_all(context: Context, ids: Sequence[int]) -> dict[int, str]:
    """Return how identities are called; those that are gone are left out."""
    return dict(name_identities(context, context.store.metaverse.read_identities_by_id(list(ids)).table)) if ids else {}


def describe_identities(context: Context, rows: Sequence[Mapping[str, object]]) -> tuple[FoundIdentity, ...]:
    """Return identities (id, type, doc, gone_since) as they are listed."""
    if not rows:
        return ()
    ids = [int(str(row["id"])) for row in rows]
    names = name_identities(context, pa.Table.from_pylist([{k: r[k] for k in ("id", "type", "doc")} for r in rows]))
    systems = _systems_of(context, ids)
    return tuple(
        FoundIdentity(
            id=i,
            type=str(row["type"]),
            name=names[i],
            systems=tuple(sorted(systems.get(i, ()))),
            values=_telling(str(row["doc"])),
            is_leaving=row["gone_since"] is not None,
        )
        for i, row in zip(ids, rows, strict=True)
    )


def _systems_of(context: Context, ids: Sequence[int]) -> dict[int, set[str]]:
    links = context.store.metaverse.read_links_to(list(ids)).table
    objects = context.store.connector_space.read_objects_by_id(links["object_id"]).table
    system_of = dict(zip(objects["id"].to_pylist(), objects["system"].to_pylist(), strict=True))
    found: dict[int, set[str]] = {}
    for identity, object_id in zip(links["identity_id"].to_pylist(), links["object_id"].to_pylist(), strict=True):
        if object_id in system_of:
            found.setdefault(identity, set()).add(system_of[object_id])
    return found


def _telling(document: str) -> tuple[Attribute, ...]:
    found = [a for a in attributes_of(document) if any(word in a.name.lower() for word in _SHOWN)]
    return tuple(found[:3])
