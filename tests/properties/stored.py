"""A store of dictionaries: its state as frames for the engine, and a plan's frames written into it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import md5
from typing import Any

import pyarrow as pa

from accord.engine.frames import Engine
from accord.model.frames import (
    Decisions,
    Identities,
    IdentityEdges,
    Links,
    PendingEdges,
    PendingExports,
    Reviews,
    StagedEdges,
    StagedObjects,
)
from accord.model.plan import SyncPlan
from accord.sync.compiling import CompiledRules
from accord.sync.planning import plan_sync
from accord.sync.workspace import NextIds, Workspace
from oracle import Identity, Link, Pending, PendingEdge, Staged, State
from oracle.state import Edge, Value

Row = dict[str, Any]


def plan_of(
    state: State, rules: CompiledRules, now: datetime, *, shuffled: "Shuffle | None" = None, partitions: int = 1
) -> SyncPlan:
    """Return the engine's plan for a state, handed in by so many partitions and computed by as many threads."""
    order = shuffled or _as_they_come
    with Engine(threads=partitions, memory_limit="512MB") as engine:
        ids = NextIds(object_id=state.next_object, identity_id=state.next_identity)
        workspace = Workspace(engine, rules, now=now, next_ids=ids)
        for number in range(partitions):
            _hand_in(workspace, state, Partition(number=number, of=partitions, order=order))
        return plan_sync(workspace).plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One of several parts of a state, told apart by the hash of the id that a row is of."""

    number: int
    of: int
    order: Callable[[list[Row]], list[Row]]

    def of_rows(self, rows: Iterable[Row], owner: str) -> list[Row]:
        return self.order([r for r in rows if self._number_of(r[owner]) == self.number])

    def _number_of(self, owner: int) -> int:
        return int(md5(str(owner).encode(), usedforsecurity=False).hexdigest(), 16) % self.of


def _hand_in(workspace: Workspace, state: State, part: Partition) -> None:
    def table(rows: Iterable[Row], owner: str, schema: pa.Schema) -> pa.Table:
        return _table(part.of_rows(rows, owner), schema)

    workspace.add_objects(StagedObjects(table(_objects(state), "id", StagedObjects.SCHEMA)))
    workspace.add_edges(StagedEdges(table(_edges(state.edges), "src", StagedEdges.SCHEMA)))
    workspace.add_identities(Identities(table(_identities(state), "id", Identities.SCHEMA)))
    workspace.add_links(Links(table(_links(state), "object_id", Links.SCHEMA)))
    decisions = [d._asdict() for d in sorted(state.decisions)]
    workspace.add_decisions(Decisions(table(decisions, "object_id", Decisions.SCHEMA)))
    workspace.add_reviews(Reviews(table(state.reviews.values(), "object_id", Reviews.SCHEMA)))
    edges = table(_edges(state.identity_edges), "src", IdentityEdges.SCHEMA)
    workspace.add_identity_edges(IdentityEdges(edges))
    pending = part.of_rows(_pending(state), "object_id")
    states = pa.chunked_array([[row["state"] for row in pending]], pa.string())
    workspace.add_pending(PendingExports(_table(pending, PendingExports.SCHEMA)), states)
    pending_edges = table([e._asdict() for e in state.pending_edges], "object_id", PendingEdges.SCHEMA)
    workspace.add_pending_edges(PendingEdges(pending_edges))


def commit(state: State, plan: SyncPlan) -> State:
    """Return the state after the plan, as the store writes it (accord.store.sync_commit)."""
    after = state.copy()
    _commit_identities(after, plan)
    for row in _rows(plan.links_removed):
        after.links.pop(row["object_id"], None)
    for row in _rows(plan.links_added):
        assert row["object_id"] not in after.links, "a link must be removed before its object gets another"
        after.links[row["object_id"]] = Link(identity_id=row["identity_id"], rule=row["rule"], how=row["how"])
    for row in _rows(plan.objects_unplanned):
        _forget_planned(after, row["id"])
    for row in _rows(plan.objects_planned):
        after.next_object = max(after.next_object, row["id"] + 1)
        after.objects[row["id"]] = Staged(
            system=row["system"], type=row["type"], anchor=row["anchor"], dn=row["dn"], values=None
        )
    _commit_pending(after, plan)
    for row in _rows(plan.reviews_removed):
        del after.reviews[row["object_id"], row["identity_id"]]
    after.reviews |= {(row["object_id"], row["identity_id"]): row for row in _rows(plan.reviews_put)}
    return after


def document(text: str | None) -> dict[str, Value] | None:
    """Return a document as values."""
    if text is None:
        return None
    return {n: tuple(v) if isinstance(v, list) else v for n, v in json.loads(text).items()}


def text_of(values: Mapping[str, Value] | None) -> str | None:
    """Return values as a canonical document."""
    if values is None:
        return None
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _commit_identities(after: State, plan: SyncPlan) -> None:
    for row in _rows(plan.identities_removed):
        del after.identities[row["id"]]
        after.identity_edges = {e for e in after.identity_edges if row["id"] not in (e.src, e.dst)}
    for row in _rows(plan.identities_gone):
        after.identities[row["id"]] = replace(after.identities[row["id"]], gone_since=row["gone_since"])
    for row in _rows(plan.identities_updated):
        known = after.identities[row["id"]]
        after.identities[row["id"]] = replace(known, values=document(row["doc"]) or {}, origin=row["origin"])
    for row in _rows(plan.identities_added):
        assert row["id"] not in after.identities
        after.next_identity = max(after.next_identity, row["id"] + 1)
        after.identities[row["id"]] = Identity(
            type=row["type"], values=document(row["doc"]) or {}, origin=row["origin"]
        )
    after.identity_edges -= {Edge(**row) for row in _rows(plan.identity_edges_removed)}
    added = {Edge(**row) for row in _rows(plan.identity_edges_added)}
    assert all(e.src in after.identities and e.dst in after.identities for e in added), "an edge to nobody"
    after.identity_edges |= added


def _forget_planned(after: State, object_id: int) -> None:
    if after.objects[object_id].is_planned:
        del after.objects[object_id]
        after.links.pop(object_id, None)
        after.pending.pop(object_id, None)
        after.pending_edges = {e: s for e, s in after.pending_edges.items() if e.object_id != object_id}


def _commit_pending(after: State, plan: SyncPlan) -> None:
    for row in _rows(plan.pending_removed):
        after.pending.pop(row["id"], None)
        after.pending_edges = {e: s for e, s in after.pending_edges.items() if e.object_id != row["id"]}
    for row in _rows(plan.pending_edges_removed):
        after.pending_edges.pop(PendingEdge(**row), None)
    for row in _rows(plan.pending_put):
        put = Pending(**_without_id(row))
        stored = after.pending.get(row["object_id"])
        if stored is not None and stored.state == "unknown":
            put = replace(put, state="unknown")
        elif stored is not None and stored.state == "failed" and stored.wants_the_same(put):
            put = replace(put, state="failed")
        after.pending[row["object_id"]] = put
    for row in _rows(plan.pending_edges_put):
        after.pending_edges[PendingEdge(**row)] = "pending"


def _without_id(row: Row) -> Row:
    row = {**row, "before": document(row["before"]), "after": document(row["after"])}
    del row["object_id"]
    return row


def _objects(state: State) -> list[Row]:
    return [
        {"id": i, "system": o.system, "type": o.type, "anchor": o.anchor, "dn": o.dn, "doc": text_of(o.values)}
        for i, o in state.objects.items()
    ]


def _edges(edges: Iterable[Edge]) -> list[Row]:
    return [e._asdict() for e in sorted(edges, key=str)]


def _identities(state: State) -> list[Row]:
    return [
        {"id": i, "type": m.type, "doc": text_of(m.values), "origin": m.origin, "gone_since": m.gone_since}
        for i, m in state.identities.items()
    ]


def _links(state: State) -> list[Row]:
    return [
        {"object_id": i, "identity_id": link.identity_id, "rule": link.rule, "how": link.how}
        for i, link in state.links.items()
    ]


def _pending(state: State) -> list[Row]:
    return [
        {
            "object_id": i, "identity_id": p.identity_id, "system": p.system, "type": p.type, "rule": p.rule,
            "operation": p.operation, "dn": p.dn, "new_dn": p.new_dn, "before": text_of(p.before),
            "after": text_of(p.after), "reason": p.reason, "state": p.state,
        }
        for i, p in state.pending.items()
    ]  # fmt: skip


def _table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([{n: row[n] for n in schema.names} for row in rows], schema=schema)


def _rows(frame: Any) -> list[Row]:
    rows: list[Row] = frame.table.to_pylist()
    return rows


def _as_they_come(rows: list[Row]) -> list[Row]:
    return rows


class Shuffle:
    """Puts rows into another order, the same each time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, rows: list[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: md5(f"{self._seed}{row}".encode(), usedforsecurity=False).digest())
