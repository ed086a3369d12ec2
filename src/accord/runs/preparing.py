"""Pending exports as the operations a connector carries out, and what the object will be once they are done."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.model.schema import ObjectTypeSchema

_OPERATIONS = {
    "create": Operation.CREATE,
    "update": Operation.UPDATE,
    "disable": Operation.UPDATE,
    "rename": Operation.RENAME,
    "delete": Operation.DELETE,
}

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One operation with its pending export's identity, and the object's document and dn after it."""

    row: int
    object_id: int
    identity_id: int | None
    object_type: str
    verb: str
    rule: str | None
    attempts: int
    operation: ExportOperation
    held: Mapping[str, object]
    anchor_attribute: str | None
    dn_after: str | None
    sent_edges: tuple[Row, ...]

    def doc_after(self, anchor: str | None) -> str:
        """Return the object's document once the operation is done; an anchor that is an attribute is part of it."""
        held = dict(self.held)
        if self.anchor_attribute is not None and anchor is not None:
            held[self.anchor_attribute] = anchor
        return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def prepare(claimed: pa.Table, edges: pa.Table, object_types: Mapping[str, ObjectTypeSchema]) -> list[Prepared]:
    """Return one operation per claimed export, in order; references to objects not there yet are left for later."""
    by_object: dict[int, list[Row]] = defaultdict(list)
    for edge in edges.to_pylist():
        if not edge["dst_is_planned"]:
            by_object[edge["object_id"]].append(edge)
    return [
        _prepare(number, export, by_object.get(export["object_id"], []), object_types[export["type"]])
        for number, export in enumerate(claimed.to_pylist())
    ]


def split_by_need(claimed: pa.Table, edges: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return the creates that refer to nothing the others create, with all else, and the rest in order.

    Where references form a circle everything goes first: the references then follow by themselves.
    """
    ids = claimed["object_id"]
    made = ids.filter(pc.equal(claimed["operation"], "create"))
    needs = pc.and_(
        pc.is_in(edges["dst_object"], value_set=made.combine_chunks()), pc.equal(edges["dst_is_planned"], 1)
    )
    own = pc.equal(edges["object_id"], edges["dst_object"])
    needing = edges["object_id"].filter(pc.and_(needs, pc.invert(pc.fill_null(own, False)))).unique()
    has_to_wait = pc.and_(pc.is_in(ids, value_set=needing), pc.equal(claimed["operation"], "create"))
    first, rest = claimed.filter(pc.invert(has_to_wait)), claimed.filter(has_to_wait)
    return (claimed, rest.slice(0, 0)) if not first.num_rows else (first, rest)


def _prepare(row: int, export: Row, edges: Sequence[Row], schema: ObjectTypeSchema) -> Prepared:
    verb = str(export["operation"])
    before, after = _document(export["before"]), _document(export["after"])
    sendable = [] if verb == "delete" else [(e, _text(e, schema)) for e in edges]
    operation = ExportOperation(
        row=row,
        # An account may be disabled and moved at once.
        operation=_OPERATIONS[verb] if export["new_dn"] is None else Operation.RENAME,
        object_type=str(export["type"]),
        anchor=_optional(export["anchor"]),
        dn=_optional(export["dn"]),
        new_dn=_optional(export["new_dn"]),
        changes=(*_value_changes(before, after), *_edge_changes(sendable, schema, is_create=verb == "create")),
    )
    now = _document(export["doc"])
    return Prepared(
        row=row,
        object_id=int(str(export["object_id"])),
        identity_id=None if export["identity_id"] is None else int(str(export["identity_id"])),
        object_type=str(export["type"]),
        verb=verb,
        rule=_optional(export["rule"]),
        attempts=int(str(export["attempts"])),
        operation=operation,
        held={name: value for name, value in now.items() if name not in before} | after,
        anchor_attribute=schema.anchor[0]
        if len(schema.anchor) == 1 and schema.anchor[0] in schema.attributes
        else None,
        dn_after=operation.new_dn or operation.dn,
        sent_edges=tuple(
            {n: e[n] for n in ("object_id", "attr", "change", "dst_object", "dst_text")} | {"dst": text}
            for e, text in sendable
        ),
    )


def _value_changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[AttributeChange]:
    changes = []
    for name in sorted(before.keys() | after.keys()):
        held, wanted = _values(before.get(name)), _values(after.get(name))
        changes.append(AttributeChange(name=name, added=_less(wanted, held), removed=_less(held, wanted), after=wanted))
    return changes


def _less(values: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    if not values or not others:
        return values
    left_out = frozenset(others)
    return tuple(v for v in values if v not in left_out)


def _edge_changes(
    edges: Sequence[tuple[Row, str]], schema: ObjectTypeSchema, *, is_create: bool
) -> list[AttributeChange]:
    named: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for edge, text in edges:
        named[str(edge["attr"])][0 if edge["change"] == "add" else 1].append(text)
    return [
        AttributeChange(
            name=name,
            added=tuple(added),
            removed=tuple(removed),
            after=tuple(added) if is_create or not schema.attributes[name].is_multivalued else None,
        )
        for name, (added, removed) in sorted(named.items())
    ]


def _text(edge: Row, schema: ObjectTypeSchema) -> str:
    if edge["dst_object"] is None:
        return str(edge["dst_text"])
    return str(edge["dst_dn"] if schema.has_dn else edge["dst_anchor"])


def _document(text: object) -> dict[str, object]:
    return {} if text is None else json.loads(str(text))


def _values(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)


def _optional(value: object) -> str | None:
    return None if value is None else str(value)
