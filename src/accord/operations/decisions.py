"""What a person decides about links: join, split, never; made for a reason, listed, withdrawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from accord.model.errors import NotFound, UsageError
from accord.model.rules import RuleSet
from accord.operations.naming import name_identities
from accord.operations.subjects import find_subject
from accord.runs.context import Context, Recorder, recorded
from accord.store.activities import ActivityState
from accord.store.audit import Deed
from accord.store.decisions import NewDecision, StoredDecision
from accord.sync.deciding import BY_HAND

__all__ = [
    "BY_HAND", "Decision", "decide", "decisions_about", "decisions_behind", "join_by_hand", "list_decisions",
    "never_match", "split_by_hand", "withdraw_decision",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. `state` is holds, spent, waiting, replaced or withdrawn; `note` says what comes of it."""

    id: int
    kind: str
    system: str
    object: str
    identity_id: int
    identity: str
    actor: str
    reason: str
    made_at: str
    state: str
    note: str
    ended_at: str | None = None
    ended_by: str | None = None


def decide(  # noqa: PLR0913 - what is decided about whom, and why
    context: Context, kind: str, system: str, name: str, identity: str | None, *, reason: str
) -> Decision:
    """Decide by a word: join, which names the identity, split, or never. Raises NotFound, UsageError."""
    if kind == "never":
        return never_match(context, system, name, identity, reason=reason)
    if kind == "split":
        if identity is not None:
            raise UsageError("a split is of the present link", remedy="name no identity, or decide never")
        return split_by_hand(context, system, name, reason=reason)
    if identity is None:
        raise UsageError("a join names the identity", remedy="name it: identity:7, or any value of it")
    return join_by_hand(context, system, name, identity, reason=reason)


def join_by_hand(context: Context, system: str, name: str, identity: str, *, reason: str) -> Decision:
    """Decide that an object belongs to an identity; the next synchronisation links them.

    Raises NotFound or UsageError when either is not there, or no rule connects them.
    """
    object_type, anchor = _find_object(context, system, name)
    identity_id = _find_identity(context, identity)
    _require_rule(context.rules, system, object_type, _type_of(context, identity_id))
    return _decide(context, "join", (system, object_type, anchor), identity_id, reason)


def split_by_hand(context: Context, system: str, name: str, *, reason: str) -> Decision:
    """Decide that an object's present link ends; the rules then decide anew. Raises UsageError when it has none."""
    object_type, anchor = _find_object(context, system, name)
    return _decide(context, "split", (system, object_type, anchor), _identity_of(context, system, name), reason)


def never_match(context: Context, system: str, name: str, identity: str | None = None, *, reason: str) -> Decision:
    """Decide that an object never belongs to an identity, the one it is linked to unless another is named."""
    object_type, anchor = _find_object(context, system, name)
    identity_id = _identity_of(context, system, name) if identity is None else _find_identity(context, identity)
    return _decide(context, "never", (system, object_type, anchor), identity_id, reason)


def withdraw_decision(context: Context, number: int, *, reason: str) -> Decision:
    """End a decision: what it made stays until the rules decide otherwise. Raises NotFound."""

    def withdraw(run: Recorder) -> None:
        context.store.decisions.withdraw(
            number, actor=context.actor, reason=reason, activity=run.id, at=context.clock()
        )

    _carry_out(context, withdraw, action="decision.withdraw", subject=f"decision {number}", reason=reason)
    return _listed(context, number)


def list_decisions(context: Context, *, with_ended: bool = False) -> tuple[Decision, ...]:
    """Return the decisions, newest first; those replaced and withdrawn too if wanted."""
    return _views(context, context.store.decisions.list(with_ended=with_ended))


def decisions_about(context: Context, identities: Sequence[int], objects: Sequence[int]) -> tuple[Decision, ...]:
    """Return the decisions that hold about any of these identities or objects, newest first."""
    stored = context.store.decisions.list()
    return _views(context, [d for d in stored if d.decision.identity_id in identities or d.object_id in objects])


def decisions_behind(context: Context, links: Mapping[int, int]) -> Mapping[int, Decision]:
    """Return by object the newest decision that it belongs to whom it is linked to, also one withdrawn since."""
    stored = {
        d.object_id: d
        for d in reversed(context.store.decisions.list(with_ended=True))
        if d.decision.kind == "join" and d.object_id is not None and links.get(d.object_id) == d.decision.identity_id
    }
    return dict(zip(stored, _views(context, list(stored.values())), strict=True))


def _decide(context: Context, kind: str, what: tuple[str, str, str], identity_id: int, reason: str) -> Decision:
    system, object_type, anchor = what
    new = NewDecision(
        kind=kind, system=system, object_type=object_type, anchor=anchor, identity_id=identity_id,
        actor=context.actor, reason=reason,
    )  # fmt: skip
    made: list[int] = []

    def add(run: Recorder) -> None:
        made.append(context.store.decisions.add(new, activity=run.id, at=context.clock()))

    subject = f"{system}/{anchor} identity:{identity_id}"
    _carry_out(context, add, action=f"decision.{kind}", subject=subject, reason=reason)
    return _listed(context, made[0])


def _carry_out(context: Context, work: Callable[[Recorder], None], *, action: str, subject: str, reason: str) -> None:
    if not reason.strip():
        raise UsageError("a decision is made for a reason", remedy='give it: --reason "TEXT"')
    with recorded(context, "decide", profile="decide", reason=reason) as run:
        work(run)
        deed = Deed(actor=context.actor, action=action, subject=subject, reason=reason)
        context.store.audit.add(deed, at=context.clock())
        run.finish(ActivityState.DONE, message=f"{action} {subject}")


def _find_object(context: Context, system: str, name: str) -> tuple[str, str]:
    rows = context.store.connector_space.find_objects(name, system=context.system(system).name).table.to_pylist()
    if not rows:
        raise NotFound(f"{system} has no object {name!r}", remedy="name an anchor or a dn as it was last imported")
    if len(rows) > 1:
        types = ", ".join(sorted(row["type"] for row in rows))
        raise UsageError(f"{name!r} is the name of several objects of {system} ({types})", remedy="name its dn")
    row = rows[0]
    if row["doc"] is None or row["anchor"] is None:
        raise UsageError(
            f"{system}/{name} is not there yet, it is only planned",
            remedy="decide about the object that is there; a planned account gives way to it",
        )
    return row["type"], row["anchor"]


def _identity_of(context: Context, system: str, name: str) -> int:
    ids = context.store.connector_space.find_objects(name, system=system).table["id"]
    links = context.store.metaverse.read_links_of(ids).table["identity_id"].to_pylist()
    if not links:
        raise UsageError(
            f"{system}/{name} belongs to no identity",
            remedy="name the identity that it never belongs to: --never --from IDENTITY",
        )
    return int(links[0])


def _find_identity(context: Context, text: str) -> int:
    found = find_subject(context, text).identity_id
    if found is None:
        raise UsageError(f"{text!r} is an object that belongs to no identity", remedy="name the identity itself")
    return found


def _type_of(context: Context, identity_id: int) -> str:
    return str(context.store.metaverse.read_identities_by_id([identity_id]).table["type"][0].as_py())


def _require_rule(rules: RuleSet, system: str, object_type: str, identity_type: str) -> None:
    wanted = (system, object_type, identity_type)
    connected = {(r.system, r.object_type, r.identity_type) for r in rules.inbound}
    connected |= {(r.system, r.object_type, r.identity_type) for r in rules.outbound}
    if wanted not in connected:
        raise UsageError(
            f"no rule connects {object_type} of {system} with {identity_type}", remedy="declare a rule between them"
        )


def _listed(context: Context, number: int) -> Decision:
    found = [d for d in context.store.decisions.list(with_ended=True) if d.id == number]
    return _views(context, found)[0]


def _views(context: Context, stored: Sequence[StoredDecision]) -> tuple[Decision, ...]:
    ids = [d.decision.identity_id for d in stored]
    names = name_identities(context, context.store.metaverse.read_identities_by_id(ids).table)
    objects = [d.object_id for d in stored if d.object_id is not None]
    links = context.store.metaverse.read_links_of(objects).table
    linked = dict(zip(links["object_id"].to_pylist(), links["identity_id"].to_pylist(), strict=True))
    in_force = {(r["object_id"], r["identity_id"], r["kind"]) for r in context.store.decisions.read().table.to_pylist()}
    return tuple(_view(d, names, linked, in_force) for d in stored)


def _view(
    stored: StoredDecision, names: Mapping[int, str], linked: Mapping[int, int], in_force: set[tuple[int, int, str]]
) -> Decision:
    new = stored.decision
    state, note = _state(stored, linked, in_force, is_identity_there=new.identity_id in names)
    return Decision(
        id=stored.id,
        kind=new.kind,
        system=new.system,
        object=new.anchor,
        identity_id=new.identity_id,
        identity=names.get(new.identity_id, f"identity {new.identity_id}"),
        actor=new.actor,
        reason=new.reason,
        made_at=stored.made_at,
        state=state,
        note=note,
        ended_at=stored.ended_at,
        ended_by=stored.ended_actor,
    )


def _state(
    stored: StoredDecision, linked: Mapping[int, int], in_force: set[tuple[int, int, str]], *, is_identity_there: bool
) -> tuple[str, str]:
    """Return where a decision stands, and in words what comes of it."""
    new, object_id = stored.decision, stored.object_id
    if stored.ended_at is not None:
        return (
            ("replaced", "a later decision")
            if stored.ended_why == "replaced"
            else ("withdrawn", stored.ended_why or "")
        )
    if object_id is None:
        return "waiting", "the object is not there"
    if not is_identity_there:
        return "waiting", "the identity is not there"
    is_linked = linked.get(object_id) == new.identity_id
    if new.kind == "split" and (object_id, new.identity_id, "split") not in in_force:
        return "spent", "the link has ended; the rules decide"
    if is_linked == (new.kind == "join"):
        return "holds", "linked" if is_linked else "not linked"
    return "holds", "the next synchronisation links them" if new.kind == "join" else "the next one ends the link"
