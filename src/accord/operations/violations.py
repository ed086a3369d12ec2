"""Violations as they stand now, exceptions for exactly their evidence, and what a change would violate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import merge

from accord.governance.policies.preventing import Gate, Prevented
from accord.governance.policies.rules import Severity, parse_policies
from accord.model.errors import NotFound, UsageError
from accord.operations.governance import Declared, Finding, FindingPage, drop_declared, keep_declared
from accord.runs.context import Context
from accord.runs.governing.policies_run import EXCEPTIONS, POLICIES, decided_states
from accord.runs.governing.terms import terms_of

__all__ = [
    "Prevented",
    "Severity",
    "ask_beforehand",
    "end_exception",
    "except_violation",
    "list_violations",
    "read_violation",
]

VIOLATION = "violation"
_TOLERATED = ("accepted", "mitigated")
_PIECE = 500
_GATES: dict[str, tuple[str, Gate]] = {}
"""The policies of each store, ready to be asked, with the state they were read in."""


def list_violations(  # noqa: PLR0913 - each narrows the list
    context: Context, *, state: str = "", owner: int = 0, search: str = "", after: str = "", limit: int = 50,
    at_least: str = "", at_most: str = "",
) -> FindingPage:  # fmt: skip
    """Return violations in order of id; an exception that was given, ended or ran out counts at once.

    `at_least` and `at_most` are severities; raises UsageError for what is none.
    """
    grave = _between(at_least, at_most)
    decided = decided_states(context, context.clock())
    kept = {d.id: d.doc for d in context.store.declarations.list(EXCEPTIONS)}
    streams = [_stored(context, stored, owner, search, after) for stored in _states_behind(state)]
    streams.append(_excepted(context, [i for i in sorted(decided) if i > after], owner, search))
    found: list[Finding] = []
    for finding in merge(*streams, key=lambda f: f.id):
        if found and found[-1].id == finding.id:
            continue
        standing = _standing(finding, decided, kept)
        if state in ("", standing.state) and standing.doc["severity"] in grave:
            found.append(standing)
        if len(found) > limit:
            break
    shown = tuple(found[:limit])
    return FindingPage(findings=shown, has_next=len(found) > limit, end_key=shown[-1].id if shown else None)


def read_violation(context: Context, violation_id: str) -> Finding:
    """Return one violation; raise NotFound."""
    kept = {d.id: d.doc for d in context.store.declarations.list(EXCEPTIONS)}
    found = context.store.findings.one(VIOLATION, violation_id)
    return _standing(found, decided_states(context, context.clock()), kept)


def except_violation(  # noqa: PLR0913 - what an exception says
    context: Context, violation_id: str, *, status: str, reason: str, valid_until: str | None = None, control: str = ""
) -> Declared:
    """Accept or mitigate one violation, for exactly its evidence, until a time; raise NotFound, UsageError.

    `control` is what makes up for it.
    """
    context.store.findings.one(VIOLATION, violation_id)
    if status not in _TOLERATED:
        raise UsageError(f"{status!r} is no status of an exception", remedy=f"use one of: {', '.join(_TOLERATED)}")
    if not reason.strip():
        raise UsageError("an exception needs a reason", remedy="say why it is tolerated")
    if valid_until is not None:
        _require_future(context, valid_until)
    doc = {
        "status": status, "reason": reason, "approver": context.actor, "validUntil": valid_until, "control": control,
    }  # fmt: skip
    return keep_declared(context, EXCEPTIONS, violation_id, doc, reason=reason)


def end_exception(context: Context, violation_id: str) -> None:
    """End an exception: its violation is open again at once. Raises NotFound."""
    drop_declared(context, EXCEPTIONS, violation_id)


def ask_beforehand(
    context: Context, *, requested: Sequence[str], held: Sequence[str] = (), removed: Sequence[str] = (), owner: int = 0
) -> tuple[Prevented, ...]:
    """Return which policies a change would violate that are not violated now; nothing is written.

    Of an `owner` what is held is looked up, in addition to `held`. Raises NotFound for an owner there is none of.
    """
    gate = _gate(context)
    had = {*held, *(terms_of(context, owner, gate.policies) if owner else ())}
    return gate.ask(had, requested, removed, now=context.clock())


def _gate(context: Context) -> Gate:
    """Return the policies, read anew only when one of them was kept or dropped."""
    state = context.store.declarations.state(POLICIES)
    known = _GATES.get(context.store.place)
    if known is None or known[0] != state:
        gate = Gate(parse_policies([declared.doc for declared in context.store.declarations.list(POLICIES)]))
        _GATES[context.store.place] = known = (state, gate)
    return known[1]


def _states_behind(state: str) -> tuple[str, ...]:
    """Return in which states violations are kept that may be in this one now."""
    match state:
        case "open":
            return ("open", *_TOLERATED)
        case "":
            return ("",)
        case _:
            return (state,)


def _stored(context: Context, state: str, owner: int, search: str, after: str) -> Iterator[Finding]:
    while True:
        found = context.store.findings.list(
            VIOLATION, state=state, owner=owner, search=search, after=after, limit=_PIECE
        )
        yield from found
        if len(found) < _PIECE:
            return
        after = found[-1].id


def _excepted(context: Context, ids: Sequence[str], owner: int, search: str) -> Iterator[Finding]:
    for violation_id in ids:
        try:
            found = context.store.findings.one(VIOLATION, violation_id)
        except NotFound:
            continue
        if owner in (0, found.owner_id) and search.lower() in found.name.lower():
            yield found


def _between(at_least: str, at_most: str) -> frozenset[str]:
    """Return the severities from one to another, both included."""
    order = [severity.value for severity in Severity]
    for wanted in (at_least, at_most):
        if wanted and wanted not in order:
            raise UsageError(f"{wanted!r} is no severity", remedy=f"use one of: {', '.join(order)}")
    first = order.index(at_least) if at_least else 0
    return frozenset(order[first : order.index(at_most) + 1 if at_most else None])


def _standing(finding: Finding, decided: Mapping[str, str], kept: Mapping[str, Mapping[str, object]]) -> Finding:
    """Return a violation in the state it has now, with its exception, though the last analysis kept another."""
    if finding.closed_at:
        return finding
    unexcepted = "mitigated" if finding.doc.get("mitigation") else "open"
    doc = {**finding.doc, "exception": dict(kept[finding.id])} if finding.id in kept else finding.doc
    return replace(finding, state=decided.get(finding.id, unexcepted), doc=doc)


def _require_future(context: Context, text: str) -> None:
    try:
        until = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time", remedy="write it as 2026-12-31T00:00:00Z") from error
    if until.tzinfo is None or until <= context.clock():
        raise UsageError(f"{text!r} is over, or has no zone", remedy="name a time to come, as 2026-12-31T00:00:00Z")
