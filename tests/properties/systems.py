"""Connected systems of dictionaries: read into the state and written from it, as runs and store do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from accord.model.rules import RuleSet
from accord.model.schema import ValueType
from oracle import Staged, State
from oracle.state import Edge, Pending, PendingEdge, Value

Outcome = str
"""done, refused or silent (carried out or not, no answer came)."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One object of a system."""

    type: str
    dn: str | None = None
    values: dict[str, Value] = field(default_factory=dict)
    references: dict[str, set[str]] = field(default_factory=dict)


System = dict[str, Entry]
"""The objects of a system by anchor."""


def take_in(state: State, system: str, entries: Mapping[str, Entry]) -> State:
    """Return the state after a complete import of a system."""
    after = state.copy()
    by_anchor = {o.anchor: i for i, o in state.objects.items() if o.system == system and o.anchor is not None}
    by_dn = {
        o.dn.lower(): i
        for i, o in sorted(state.objects.items(), reverse=True)
        if o.system == system and o.anchor is None and o.dn is not None
    }
    seen: set[int] = set()
    different: set[int] = set()
    for anchor, entry in sorted(entries.items()):
        object_id = by_anchor.get(anchor, by_dn.get((entry.dn or "").lower()))
        if object_id is None:
            object_id = after.next_object
            after.next_object += 1
        seen.add(object_id)
        now = Staged(system=system, type=entry.type, anchor=anchor, dn=entry.dn, values=dict(entry.values))
        edges = {Edge(object_id, attr, dst) for attr, texts in entry.references.items() for dst in texts}
        known = {e for e in after.edges if e.src == object_id}
        if now != state.objects.get(object_id) or known != edges:
            different.add(object_id)
            after.objects[object_id] = now
            after.edges = (after.edges - known) | edges
    for object_id, staged in state.objects.items():
        if staged.system == system and not staged.is_planned and object_id not in seen:
            del after.objects[object_id]
            after.edges = {e for e in after.edges if e.src != object_id}
            different.add(object_id)
    _settle(after, system, different)
    return after


def _settle(after: State, system: str, different: set[int]) -> None:
    for object_id, pending in list(after.pending.items()):
        if pending.system != system:
            continue
        after.pending_edges = {
            e: s for e, s in after.pending_edges.items() if e.object_id != object_id or s != "exported"
        }
        staged = after.objects.get(object_id)
        if pending.state == "exported":
            if object_id in different and not _shows(staged, pending):
                after.pending[object_id] = replace(pending, state="failed")
            else:
                del after.pending[object_id]
        elif pending.state == "unknown":
            is_answered = staged is None or (pending.operation == "create" and not staged.is_planned)
            if is_answered:
                del after.pending[object_id]
            else:
                after.pending[object_id] = replace(pending, state="pending")


def _shows(staged: Staged | None, pending: Pending) -> bool:
    if staged is None:
        return False
    names = (pending.before or {}).keys() | (pending.after or {}).keys()
    return all((staged.values or {}).get(n) == (pending.after or {}).get(n) for n in names)


def send(state: State, system: str, entries: System, rules: RuleSet, answer: Callable[[int], Outcome]) -> State:
    """Return the state after an export to a system; what is carried out is in `entries` afterwards."""
    after = state.copy()
    claimed = [
        i
        for i, p in state.pending.items()
        if p.system == system and p.state in ("pending", "failed") and (_has_values(p) or _sendable(state, i))
    ]
    rank = {"rename": 0, "create": 1, "update": 2, "disable": 2, "delete": 3}
    for object_id in sorted(claimed, key=lambda i: (rank[state.pending[i].operation], i)):
        outcome = answer(object_id)
        if outcome == "done" and not _clashes(after, object_id, entries):
            _carry_out(after, object_id, entries, rules)
        elif outcome == "silent":
            after.pending[object_id] = replace(after.pending[object_id], state="unknown")
        else:
            after.pending[object_id] = replace(after.pending[object_id], state="failed")
    return after


def _has_values(pending: Pending) -> bool:
    return pending.operation != "update" or pending.before is not None or pending.after is not None


def _sendable(state: State, object_id: int) -> list[PendingEdge]:
    return [
        e
        for e, s in state.pending_edges.items()
        if e.object_id == object_id
        and s == "pending"
        and (e.dst_object is None or (e.dst_object in state.objects and not state.objects[e.dst_object].is_planned))
    ]


def _clashes(state: State, object_id: int, entries: System) -> bool:
    pending, staged = state.pending[object_id], state.objects.get(object_id)
    if staged is None or (pending.operation != "create" and staged.anchor not in entries):
        return True
    name = pending.new_dn or pending.dn
    others = (e.dn for a, e in entries.items() if a != staged.anchor)
    if (
        (pending.operation == "create" or pending.new_dn is not None)
        and name is not None
        and name.lower() in {(d or "").lower() for d in others}
    ):
        return True
    return pending.operation == "create" and staged.anchor in entries


def _carry_out(after: State, object_id: int, entries: System, rules: RuleSet) -> None:
    pending, staged = after.pending[object_id], after.objects[object_id]
    if pending.operation == "delete":
        assert staged.anchor is not None
        del entries[staged.anchor], after.objects[object_id], after.pending[object_id]
        after.links.pop(object_id, None)
        after.edges = {e for e in after.edges if e.src != object_id}
        after.pending_edges = {e: s for e, s in after.pending_edges.items() if e.object_id != object_id}
        return
    schema = rules.systems[staged.system].object_types[staged.type]
    anchor = staged.anchor if staged.anchor is not None else f"{staged.system}-{object_id}"
    entry = entries.setdefault(anchor, Entry(type=staged.type))
    entry.dn = pending.new_dn or pending.dn
    for name in (pending.before or {}).keys() | (pending.after or {}).keys():
        entry.values.pop(name, None)
        if pending.after is not None and name in pending.after:
            entry.values[name] = pending.after[name]
    for edge in _sendable(after, object_id):
        named = after.objects[edge.dst_object] if edge.dst_object is not None else None
        text = edge.dst_text if named is None else named.dn if schema.has_dn else named.anchor
        assert text is not None
        held = entry.references.setdefault(edge.attr, set())
        if edge.change == "add":
            if (
                schema.attributes[edge.attr].type is ValueType.REFERENCE
                and not schema.attributes[edge.attr].is_multivalued
            ):
                held.clear()
            held.add(text)
            after.edges.add(Edge(object_id, edge.attr, text))
        else:
            held -= {h for h in held if h.lower() == text.lower()}
            after.edges.discard(Edge(object_id, edge.attr, text))
        after.pending_edges[edge] = "exported"
    after.objects[object_id] = Staged(
        system=staged.system, type=staged.type, anchor=anchor, dn=entry.dn, values=dict(entry.values)
    )
    has_more = any(e.object_id == object_id and s == "pending" for e, s in after.pending_edges.items())
    if has_more:
        after.pending[object_id] = replace(
            pending, state="pending", operation="update", dn=entry.dn, new_dn=None, before=None, after=None
        )
    else:
        after.pending[object_id] = replace(pending, state="exported")
