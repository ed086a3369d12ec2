"""Why a reference is there, or is not: what each source names, whom that means, and what an account is to hold.

Read from the relations of a plan, like every explanation: of identities before the stages of accounts, which name
targets anew, of accounts after them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from accord.engine.frames import literal
from accord.model.schema import ValueType
from accord.sync.compiling import CompiledFlow, CompiledInbound, CompiledType
from accord.sync.explaining import AccountExplanation, Contribution, Input, ValueExplanation
from accord.sync.relations import account_relation, scope_relation
from accord.sync.workspace import Workspace

SHOWN = 100
"""How many references one text lists."""


def explain_references(workspace: Workspace, identity_id: int, identity_type: str) -> tuple[ValueExplanation, ...]:
    """Return why the identity refers to whom it refers to; each input of a contribution is a name and whom it means."""
    compiled = workspace.rules.types[identity_type]
    names = [n for n, a in compiled.type.attributes.items() if a.schema.type is ValueType.REFERENCE]
    return tuple(_explain(workspace, identity_id, compiled, name) for name in names)


def explain_account_references(
    workspace: Workspace, identity_id: int, identity_type: str
) -> tuple[AccountExplanation, ...]:
    """Return what the references of the identity's accounts should be, are, and what of that waits."""
    found: list[AccountExplanation] = []
    for outbound in workspace.rules.outbound:
        if outbound.rule.identity_type != identity_type:
            continue
        accounts = workspace.engine.rows(
            f"select a.object_id, coalesce(o.dn, o.anchor, '') from {account_relation(outbound.rule.name)} a "
            "join object o on o.id = a.object_id where a.identity_id = ?",
            [identity_id],
        )
        for flow in outbound.flows:
            if flow.reference is None:
                continue
            for object_id, name in accounts:
                held, wanted, waiting = _account(workspace, object_id, flow)
                found.append(
                    AccountExplanation(
                        rule=outbound.rule.name, system=outbound.rule.system, object_name=name,
                        attribute=flow.target.name, expression=flow.flow.expression, inputs=(), wanted=wanted,
                        held=held, pending=waiting, object_id=object_id,
                    )
                )  # fmt: skip
    return tuple(found)


def count_waiting_references(workspace: Workspace, object_id: int, attribute: str) -> Mapping[str, int]:
    """Return how many references of an account are to be added and removed."""
    query = "select change, count(*) from wanted_edge where object_id = ? and attr = ? group by change"
    return {str(change): int(n) for change, n in workspace.engine.rows(query, [object_id, attribute])}


def listed(texts: Sequence[str], count: int | None = None) -> str | None:
    """Return the first of some texts as one, and how many more there are of the count; None when there are none."""
    if not texts:
        return None
    more = (len(texts) if count is None else count) - len(texts[:SHOWN])
    return ", ".join(texts[:SHOWN]) + (f" and {more} more" if more else "")


def _explain(workspace: Workspace, identity_id: int, compiled: CompiledType, attribute: str) -> ValueExplanation:
    declared = compiled.type.attributes[attribute]
    rows = workspace.engine.rows(
        "select dst from new_edge where src = ? and attr = ? order by dst", [identity_id, attribute]
    )
    held = [f"identity:{dst}" for (dst,) in rows]
    if declared.derived is not None:
        derived = declared.derived
        reason = f"refers to every {derived.type} whose {derived.theirs} equals its {derived.ours}"
        contributions: tuple[Contribution, ...] = ()
    else:
        contributions = _ranked(workspace, identity_id, compiled, attribute)
        reason = "the first contributor that names anybody known wins" if held else _why_none(contributions)
    return ValueExplanation(attribute=attribute, value=listed(held), reason=reason, contributions=contributions)


def _why_none(contributions: Sequence[Contribution]) -> str:
    if not contributions:
        return "no rule feeds this attribute"
    return "no contributor names anybody who is known" if any(c.inputs for c in contributions) else "nobody is named"


def _ranked(workspace: Workspace, identity_id: int, compiled: CompiledType, attribute: str) -> tuple[Contribution, ...]:
    precedence = compiled.type.attributes[attribute].precedence
    flows = [
        (inbound, flow)
        for inbound in workspace.rules.inbound
        if inbound.rule.identity_type == compiled.type.name
        for flow in inbound.flows
        if flow.reference is not None and flow.target.name == attribute
    ]
    flows.sort(key=lambda f: precedence.index(f[0].rule.name) if f[0].rule.name in precedence else len(precedence))
    found: list[Contribution] = []
    winner = ""
    for inbound, flow in flows:
        for said in _said(workspace, identity_id, inbound, flow):
            counts = said.verdict == "lost" and winner in ("", inbound.rule.name)
            winner = inbound.rule.name if counts else winner
            found.append(replace(said, verdict="won") if counts else said)
    return tuple(found)


def _said(
    workspace: Workspace, identity_id: int, inbound: CompiledInbound, flow: CompiledFlow
) -> Iterator[Contribution]:
    rule, engine = inbound.rule, workspace.engine
    objects = engine.rows(
        "select l.object_id, coalesce(o.dn, o.anchor, ''), s.id is not null, l.how from link l "
        f"join object o on o.id = l.object_id and o.system = {literal(rule.system)} "
        f"and o.type = {literal(rule.object_type)} left join {scope_relation(rule.name)} s on s.id = l.object_id "
        "where l.identity_id = ? order by 1",
        [identity_id],
    )
    for object_id, name, is_in_scope, how in objects:
        named = engine.rows(
            "select t.dst, t.dst_object is not null, d.identity_id from target t "
            "left join link d on d.object_id = t.dst_object where t.src = ? and t.attr = ? order by t.dst",
            [object_id, flow.reference],
        )
        meant = [f"identity:{identity}" for _, _, identity in named if identity is not None]
        has_say = bool(meant) or flow.flow.null_is_value
        yield Contribution(
            rule=rule.name,
            system=rule.system,
            object_name=name,
            expression=flow.flow.expression,
            inputs=tuple(Input(name=text, value=_meaning(is_known, i)) for text, is_known, i in named[:SHOWN]),
            value=listed(meant),
            verdict="out of scope" if not is_in_scope else "lost" if has_say else "no value",
            how=how or "",
        )


def _meaning(is_known: bool, identity: int | None) -> str:  # noqa: FBT001 - a row's columns
    if not is_known:
        return "no object of this name is known"
    return "an object that belongs to nobody" if identity is None else f"identity:{identity}"


def _account(workspace: Workspace, object_id: int, flow: CompiledFlow) -> tuple[str | None, str | None, str]:
    """Return what an account's reference holds, what it should hold, and in words what waits."""
    engine, attribute = workspace.engine, flow.target.name
    held = [t for (t,) in engine.rows("select dst from edge where src = ? and attr = ?", [object_id, attribute])]
    changes = engine.rows(
        "select e.change, coalesce(e.dst_text, o.dn, o.anchor, 'object ' || e.dst_object::varchar), o.key "
        "from wanted_edge e left join object o on o.id = e.dst_object where e.object_id = ? and e.attr = ? order by 2",
        [object_id, attribute],
    )
    removed = {text for change, *names in changes if change == "remove" for text in names}
    added = [name for change, name, _ in changes if change == "add"]
    wanted = sorted({*(t for t in held if t not in removed), *added})
    waits = "; ".join(f"{change} {name}" for change, name, _ in changes[:SHOWN])
    return listed(sorted(held)), listed(wanted), waits
