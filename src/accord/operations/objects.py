"""One identity with its accounts, or one object that belongs to nobody: everything known of it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from accord.operations.naming import name_identities
from accord.operations.provenance import told_by
from accord.operations.subjects import Subject, find_subject
from accord.operations.values import Attribute, ValueChange, attributes_of, changes_between
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """What waits to be sent to an object, or to be confirmed by the next import of its system."""

    operation: str
    state: str
    attempts: int
    code: str
    message: str
    changes: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectView:
    """One staged object. `is_planned`: asked for, not there yet. `rule` and `how` tell why it is linked.

    `since` names the run that linked it, where that is told.
    """

    id: int
    system: str
    type: str
    anchor: str | None
    dn: str | None
    is_planned: bool
    rule: str
    how: str
    attributes: tuple[Attribute, ...]
    pending: PendingChange | None
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView:
    """One identity. `gone_since` is set while its deletion waits."""

    id: int
    type: str
    name: str
    gone_since: str | None
    attributes: tuple[Attribute, ...]
    references: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPage:
    """An identity with the objects linked to it; without identity, one object that is linked to none."""

    identity: IdentityView | None
    objects: tuple[ObjectView, ...]


def read_object(context: Context, text: str) -> ObjectPage:
    """Return what is known of the identity or object a text means; raise NotFound or UsageError."""
    return read_subject(context, find_subject(context, text))


def read_subject(context: Context, subject: Subject) -> ObjectPage:
    """Return what is known of an identity or object."""
    if subject.identity_id is None:
        ids = [] if subject.object_id is None else [subject.object_id]
        return ObjectPage(identity=None, objects=_objects(context, ids, {}))
    links = context.store.metaverse.read_links_to([subject.identity_id]).table.to_pylist()
    linked = {row["object_id"]: (str(row["rule"] or ""), str(row["how"])) for row in links}
    return ObjectPage(identity=_identity(context, subject.identity_id), objects=_objects(context, list(linked), linked))


def _identity(context: Context, identity_id: int) -> IdentityView:
    table = context.store.metaverse.read_identities_by_id([identity_id]).table
    row = table.to_pylist()[0]
    return IdentityView(
        id=identity_id,
        type=row["type"],
        name=str(name_identities(context, table)[identity_id]),
        gone_since=_time(row["gone_since"]),
        attributes=told_by(context, attributes_of(row["doc"]), row["origin"]),
        references=_references(context, identity_id),
    )


def _references(context: Context, identity_id: int) -> tuple[Attribute, ...]:
    edges = context.store.metaverse.read_identity_edges_of([identity_id]).table
    if not edges.num_rows:
        return ()
    names = name_identities(context, context.store.metaverse.read_identities_by_id(edges["dst"]).table)
    by_attribute: dict[str, list[str]] = {}
    for edge in edges.to_pylist():
        by_attribute.setdefault(edge["attr"], []).append(str(names.get(edge["dst"], f"identity {edge['dst']}")))
    return tuple(Attribute(name=n, values=tuple(sorted(v))) for n, v in sorted(by_attribute.items()))


def _objects(context: Context, ids: Sequence[int], linked: Mapping[int, tuple[str, str]]) -> tuple[ObjectView, ...]:
    if not ids:
        return ()
    rows = context.store.connector_space.read_objects_by_id(ids).table.to_pylist()
    edges = context.store.connector_space.read_edges_of(ids).table.to_pylist()
    references: dict[int, dict[str, list[str]]] = {}
    for edge in edges:
        references.setdefault(edge["src"], {}).setdefault(edge["attr"], []).append(edge["dst"])
    pending = _pending(context, ids)
    return tuple(
        ObjectView(
            id=row["id"],
            system=row["system"],
            type=row["type"],
            anchor=row["anchor"],
            dn=row["dn"],
            is_planned=row["doc"] is None,
            rule=linked.get(row["id"], ("", ""))[0],
            how=linked.get(row["id"], ("", ""))[1],
            attributes=_with_references(attributes_of(row["doc"]), references.get(row["id"], {})),
            pending=pending.get(row["id"]),
        )
        for row in sorted(rows, key=lambda r: (r["system"], r["type"], r["id"]))
    )


def _with_references(attributes: tuple[Attribute, ...], references: Mapping[str, list[str]]) -> tuple[Attribute, ...]:
    edges = (Attribute(name=n, values=tuple(sorted(v))) for n, v in references.items())
    return tuple(sorted((*attributes, *edges), key=lambda a: a.name))


def _pending(context: Context, ids: Sequence[int]) -> Mapping[int, PendingChange]:
    edges: dict[int, list[ValueChange]] = {}
    for row in context.store.pending.read_pending_edges_of(ids).table.to_pylist():
        name = row["dst_text"] or row["dst_dn"] or row["dst_anchor"] or f"object {row['dst_object']}"
        is_added = row["change"] == "add"
        change = ValueChange(name=row["attr"], before=() if is_added else (name,), after=(name,) if is_added else ())
        edges.setdefault(row["object_id"], []).append(change)
    found: dict[int, PendingChange] = {}
    for row in context.store.pending.read_pending_of(ids).table.to_pylist():
        found[row["object_id"]] = PendingChange(
            operation=row["operation"],
            state=row["state"],
            attempts=row["attempts"],
            code=row["code"],
            message=row["message"],
            changes=(*changes_between(row["before"], row["after"]), *edges.get(row["object_id"], ())),
        )
    return found


def _time(micros: int | None) -> str | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat()
