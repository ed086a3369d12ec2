"""Sections 10 and 11: what is to be exported, and what becomes of what is pending."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from accord.model.rules import Flow, OnLeave
from accord.model.schema import AttributeSchema, ValueType, Writability
from oracle.accounts import Account, Accounts, Leaver, is_unanswered
from oracle.meaning import Failed, Row
from oracle.metaverse import find_named
from oracle.run import Run, texts, value_of
from oracle.state import Decided, Pending, PendingEdge, Value


def settle_exports(run: Run, accounts: Accounts, decided: Decided) -> None:
    """Decide pending exports and pending references."""
    wanted: dict[int, Pending] = {}
    edges: set[PendingEdge] = set()
    for object_id, account in accounts.kept.items():
        export = _desire(run, account)
        if export is not None:
            wanted[object_id] = export
        edges |= _references(run, account, accounts)
    moves = _moves(run, accounts)
    for object_id, leaver in accounts.left.items():
        export = _dismiss(run, leaver, moves)
        if export is not None:
            wanted[object_id] = export
    for object_id in _unclaimed(run) - wanted.keys():
        wanted[object_id] = _unwanted(run, object_id)
    for object_id in {e.object_id for e in edges} - wanted.keys():
        if not run.objects[object_id].is_planned:
            wanted[object_id] = _export(run, accounts.kept[object_id], "update")
    _merge(run, accounts, wanted, {e for e in edges if e.object_id in wanted}, decided)


def _unclaimed(run: Run) -> set[int]:
    """Return the objects that belong to nobody, of types whose rules delete such, and about which nothing is open."""
    kinds = {(r.system, r.object_type) for r in run.rules.outbound if r.deletes_unclaimed}
    open_cases = {p.object_id for p in run.problems} | {r.object_id for r in run.reviews}
    open_cases |= {d.object_id for d in run.given.decisions}
    claimed = run.links.keys() | run.given.links.keys() | open_cases
    return {o for o, s in run.objects.items() if (s.system, s.type) in kinds and not s.is_planned} - claimed


def _unwanted(run: Run, object_id: int) -> Pending:
    staged = run.objects[object_id]
    rule = next(r for r in run.rules.outbound
                if r.deletes_unclaimed and (r.system, r.object_type) == (staged.system, staged.type))  # fmt: skip
    whose = Leaver(object_id=object_id, identity_id=0, rule=rule, action=OnLeave.DELETE, is_planned=False)
    return replace(_export(run, whose, "delete"), identity_id=None, reason="unclaimed")


def _desire(run: Run, account: Account) -> Pending | None:
    staged = run.objects[account.object_id]
    row = run.identity_row(account.rule.identity_type, run.identities[account.identity_id].values)
    flows = [(f, a) for f in account.rule.flows if (a := _target(run, account, f)).type is not ValueType.REFERENCE]
    if staged.is_planned:
        values, failed = _evaluate(run, account, flows, row)
        after = {n: v for n, v in values.items() if v is not None}
        return None if failed else _export(run, account, "create", dn=staged.dn, after=after)
    flows = [(f, a) for f, a in flows if not f.initial_only and a.writability is Writability.READ_WRITE]
    values, _ = _evaluate(run, account, flows, row)
    due = {f.target: values[f.target] for f, a in flows if f.target in values and _is_due(run, account, f, a, values)}
    before, after = _difference(staged.values or {}, due, {f.target: a for f, a in flows})
    is_renamed = account.dn is not None and staged.dn is not None and account.dn.lower() != staged.dn.lower()
    if not is_renamed and not before and not after:
        return None
    return _export(run, account, "rename" if is_renamed else "update", new_dn=account.dn if is_renamed else None,
                   before=before, after=after)  # fmt: skip


def _enforces(account: Account, flow: Flow) -> bool:
    return account.rule.is_enforced if flow.is_enforced is None else flow.is_enforced


def _is_new_link(run: Run, object_id: int) -> bool:
    return run.links.get(object_id) is not run.given.links.get(object_id)


def _is_due(run: Run, account: Account, flow: Flow, target: AttributeSchema, values: dict[str, Value | None]) -> bool:
    """Tell whether drift of an attribute is put back, or its value is the identity's own change."""
    if _enforces(account, flow) or _is_new_link(run, account.object_id):
        return True
    pending = run.given.pending.get(account.object_id)
    if pending is not None and flow.target in {**(pending.before or {}), **(pending.after or {})}:
        return True
    stored = run.given.identities.get(account.identity_id)
    before: Value | None = None
    if stored is not None:
        try:
            before = value_of(flow.expression, run.identity_row(stored.type, stored.values), target)
        except Failed:
            before = None
    return set(texts(before)) != set(texts(values[flow.target]))


def _dismiss(run: Run, leaver: Leaver, moves: Mapping[int, str]) -> Pending | None:
    if leaver.is_planned:
        return None
    if leaver.action is OnLeave.DELETE:
        return replace(_export(run, leaver, "delete"), reason="left scope")
    if leaver.action is not OnLeave.DISABLE:
        return None
    identity = run.identities.get(leaver.identity_id) or run.given.identities[leaver.identity_id]
    row = run.identity_row(leaver.rule.identity_type, identity.values)
    flows = [(f, a) for f in leaver.rule.disable if (a := _target(run, leaver, f)).type is not ValueType.REFERENCE]
    values, _ = _evaluate(run, leaver, flows, row)
    staged = run.objects[leaver.object_id]
    before, after = _difference(staged.values or {}, values, {f.target: a for f, a in flows})
    new_dn = moves.get(leaver.object_id)
    if not before and not after and new_dn is None:
        return None
    return replace(_export(run, leaver, "disable", new_dn=new_dn, before=before, after=after), reason="left scope")


def _moves(run: Run, accounts: Accounts) -> dict[int, str]:
    """Return where disabled accounts go, of those that can; the others are told."""
    wanted: dict[int, str] = {}
    for object_id, leaver in accounts.left.items():
        container, dn = leaver.rule.disable_container, run.objects[object_id].dn
        if container is None or dn is None or leaver.is_planned or leaver.action is not OnLeave.DISABLE:
            continue
        name = f"{_first_part(dn)},{container}"
        if name.lower() != dn.lower():
            wanted[object_id] = name
    counts = Counter((accounts.left[o].rule.name, name.lower()) for o, name in wanted.items())
    codes: dict[int, str] = {}
    for object_id, name in wanted.items():
        leaver = accounts.left[object_id]
        others = {(s.dn or "").lower() for s in run.objects.values() if s.system == leaver.rule.system}
        if name.lower() in others:
            codes[object_id] = "NAME_TAKEN"
        elif counts[leaver.rule.name, name.lower()] > 1:
            codes[object_id] = "NAME_CONTESTED"
    for object_id, code in codes.items():
        leaver = accounts.left[object_id]
        run.report(code, leaver.rule.name, object_id=object_id, identity_id=leaver.identity_id)
    return {o: name for o, name in wanted.items() if o not in codes}


def _first_part(dn: str) -> str:
    at = 0
    while at < len(dn) and dn[at] != ",":
        at += 2 if dn[at] == "\\" else 1
    return dn[:at]


def _target(run: Run, account: Account | Leaver, flow: Flow) -> AttributeSchema:
    return run.schema(account.rule.system, account.rule.object_type).attributes[flow.target]


def _evaluate(
    run: Run, account: Account | Leaver, flows: list[tuple[Flow, AttributeSchema]], row: Row
) -> tuple[dict[str, Value | None], bool]:
    values: dict[str, Value | None] = {}
    for flow, target in flows:
        try:
            values[flow.target] = value_of(flow.expression, row, target)
        except Failed:
            run.report("FLOW_FAILED", account.rule.name, object_id=account.object_id,
                       identity_id=account.identity_id, attribute=flow.target)  # fmt: skip
    return values, len(values) < len(flows)


def _difference(
    held: object, wanted: dict[str, Value | None], attributes: dict[str, AttributeSchema]
) -> tuple[dict[str, Value], dict[str, Value]]:
    before: dict[str, Value] = {}
    after: dict[str, Value] = {}
    for name, value in wanted.items():
        present = held.get(name)  # type: ignore[attr-defined] # a mapping
        if _compared(present, attributes[name]) == _compared(value, attributes[name]):
            continue
        if present is not None:
            before[name] = present
        if value is not None:
            after[name] = value
    return before, after


def _compared(value: Value | None, attribute: AttributeSchema) -> set[str]:
    return set(texts(value)) if attribute.is_case_sensitive else {t.lower() for t in texts(value)}


def _export(
    run: Run,
    account: Account | Leaver,
    operation: str,
    *,
    dn: str | None = None,
    new_dn: str | None = None,
    before: dict[str, Value] | None = None,
    after: dict[str, Value] | None = None,
) -> Pending:
    staged = run.objects[account.object_id]
    return Pending(
        identity_id=account.identity_id, system=staged.system, type=staged.type, rule=account.rule.name,
        operation=operation, dn=dn if operation == "create" else staged.dn, new_dn=new_dn, before=before, after=after,
        reason=None,
    )  # fmt: skip


def _references(run: Run, account: Account, accounts: Accounts) -> set[PendingEdge]:
    found: set[PendingEdge] = set()
    own = account.object_id
    for flow in account.rule.flows:
        target = _target(run, account, flow)
        if target.type is not ValueType.REFERENCE or (flow.initial_only and not run.objects[own].is_planned):
            continue
        source = flow.expression.strip('"')
        wanted = {
            o
            for e in run.identity_edges
            if (e.src, e.attr) == (account.identity_id, source)
            and (o := _account_of(run, accounts, int(e.dst), account.rule.system)) is not None
        }
        held = {
            (find_named(run, own, str(e.dst), with_planned=True), str(e.dst))
            for e in run.given.edges
            if (e.src, e.attr) == (own, flow.target)
        }
        present = {o for o, _ in held}
        added, removed = wanted - present, {(o, name) for o, name in held if o not in wanted}
        if not _enforces(account, flow) and not _is_new_link(run, own):
            before = _wanted_before(run, account, source)
            waiting = {(e.change, e.dst_object) for e in run.given.pending_edges if e[:2] == (own, flow.target)}
            added = {o for o in added if o not in before or ("add", o) in waiting}
            removed = {(o, n) for o, n in removed if o is not None and (o in before or ("remove", o) in waiting)}
        found |= {PendingEdge(own, flow.target, "add", o, None) for o in added}
        if not flow.initial_only:
            found |= {
                PendingEdge(own, flow.target, "remove", o, None if o is not None else _as_key(run, own, name))
                for o, name in removed
            }
    return found


def _wanted_before(run: Run, account: Account, source: str) -> set[int]:
    identities = {e.dst for e in run.given.identity_edges if (e.src, e.attr) == (account.identity_id, source)}
    return {
        o
        for o, link in run.given.links.items()
        if link.identity_id in identities and o in run.objects and run.objects[o].system == account.rule.system
    }


def _as_key(run: Run, object_id: int, name: str) -> str:
    return name.lower() if run.has_dn(run.objects[object_id]) else name


def _account_of(run: Run, accounts: Accounts, identity_id: int, system: str) -> int | None:
    for object_id in sorted(run.objects, key=lambda o: (o in run.links and bool(run.slot_of(o)), o)):
        link = run.links.get(object_id)
        if link is None or link.identity_id != identity_id or run.objects[object_id].system != system:
            continue
        leaver = accounts.left.get(object_id)
        if leaver is None or leaver.action is not OnLeave.DELETE:
            return object_id
    return None


def _merge(run: Run, accounts: Accounts, wanted: dict[int, Pending], edges: set[PendingEdge], decided: Decided) -> None:
    """Section 11."""
    linked = run.given.links.keys() | run.links.keys()
    nobodys = {o for o, stored in run.given.pending.items() if stored.identity_id is None}
    decided_about = nobodys | accounts.kept.keys() | accounts.left.keys() | {o for o in linked if not _waits(run, o)}
    for object_id, stored in run.given.pending.items():
        is_there = object_id in run.objects and object_id in decided.objects
        if not is_there or object_id in wanted:
            continue
        if stored.state == "exported" or object_id not in decided_about:
            decided.pending[object_id] = stored
    for object_id, export in wanted.items():
        standing = run.given.pending.get(object_id)
        if standing is not None and standing.state != "exported" and standing.wants_the_same(export):
            decided.pending[object_id] = standing
        else:
            decided.pending[object_id] = export
            decided.put.add(object_id)
    kept = {e for e in run.given.pending_edges if e.object_id in decided.objects and e.object_id not in decided_about}
    decided.pending_edges = edges | kept


def _waits(run: Run, object_id: int) -> bool:
    return object_id in run.objects and run.objects[object_id].is_planned and is_unanswered(run, object_id)
