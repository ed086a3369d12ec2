"""Why a value is what it is: the very relations a plan was computed on, read for one identity.

Nothing is decided here a second time. The workspace must have gone through `settle_identities` and
`settle_accounts` with the identity's objects in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from accord.engine.frames import literal, quote
from accord.model.rules import UniqueValue
from accord.model.schema import ValueType
from accord.sync.compiling import CompiledFlow, CompiledInbound, CompiledOutbound, CompiledType
from accord.sync.relations import contribution_relation, merged_relation, scope_relation, value_column
from accord.sync.settling import contributors
from accord.sync.workspace import Workspace, object_relation, staged_relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One value an expression read."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one rule had to say about an attribute; `verdict` is won, lost, no value, failed or out of scope.

    `how` tells how its object came to belong to the identity: joined by hand is a person's decision.
    """

    rule: str
    system: str
    object_name: str
    expression: str
    inputs: tuple[Input, ...]
    value: str | None
    verdict: str
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueExplanation:
    """One attribute of the identity: its value, and everybody who fed it in the order of precedence.

    `since` names the run since which it is so, for whoever knows.
    """

    attribute: str
    value: str | None
    reason: str
    contributions: tuple[Contribution, ...]
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountExplanation:
    """One attribute of one account: what it should be and why, what it is, and what waits to be sent.

    `since` names the run since which it holds what it holds, for whoever knows.
    """

    rule: str
    system: str
    object_name: str
    attribute: str
    expression: str
    inputs: tuple[Input, ...]
    wanted: str | None
    held: str | None
    pending: str
    object_id: int = 0
    since: str = ""


def explain_values(workspace: Workspace, identity_id: int, identity_type: str) -> tuple[ValueExplanation, ...]:
    """Return why each value of the identity is what it is."""
    compiled = workspace.rules.types[identity_type]
    inbound = [i for i in workspace.rules.inbound if i.rule.identity_type == identity_type]
    return tuple(
        _explain_value(workspace, identity_id, compiled, attribute.name, inbound) for attribute in compiled.values
    )


def explain_accounts(workspace: Workspace, identity_id: int, identity_type: str) -> tuple[AccountExplanation, ...]:
    """Return why each value of each of the identity's accounts should be what it should be."""
    found: list[AccountExplanation] = []
    for outbound in workspace.rules.outbound:
        if outbound.rule.identity_type == identity_type:
            found += _explain_account(workspace, identity_id, outbound)
    return tuple(found)


def _explain_value(
    workspace: Workspace,
    identity_id: int,
    compiled: CompiledType,
    attribute: str,
    inbound: Sequence[CompiledInbound],
) -> ValueExplanation:
    name = compiled.type.name
    value = _one(workspace, merged_relation(name), "id", identity_id, value_column(attribute))
    order = [c.rule for c in contributors(compiled, attribute, inbound)]
    by_name = {i.rule.name: i for i in inbound}
    contributions: list[Contribution] = []
    has_winner = False
    for rule in order:
        for contribution in _contributions(workspace, identity_id, by_name[rule], attribute):
            wins = not has_winner and contribution.verdict == "lost"
            has_winner |= wins
            contributions.append(replace(contribution, verdict="won") if wins else contribution)
    unique = compiled.type.attributes[attribute].unique
    return ValueExplanation(
        attribute=attribute,
        value=value,
        reason=_reason(value, order, unique, has_winner=has_winner),
        contributions=tuple(contributions),
    )


def _reason(value: str | None, order: Sequence[str], unique: UniqueValue | None, *, has_winner: bool) -> str:
    if unique is not None and not has_winner:
        return f"made once so that no other identity has it, from {unique.base}, and kept since"
    if not order:
        return "no rule feeds this attribute"
    if value is None:
        return "no rule contributes a value"
    return "the first contributor in the order of precedence that has a value wins"


def _contributions(
    workspace: Workspace, identity_id: int, inbound: CompiledInbound, attribute: str
) -> Iterable[Contribution]:
    rule = inbound.rule
    flow = next(f for f in inbound.flows if f.target.name == attribute)
    rows = workspace.engine.rows(
        "select l.object_id, coalesce(o.dn, o.anchor), s.id is not null, l.how "
        "from link l join object o on o.id = l.object_id "
        f"and o.system = {literal(rule.system)} and o.type = {literal(rule.object_type)} "
        f"left join {scope_relation(rule.name)} s on s.id = l.object_id where l.identity_id = ? order by 1",
        [identity_id],
    )
    for object_id, object_name, is_in_scope, how in rows:
        value = _one(workspace, contribution_relation(rule.name), "object_id", object_id, value_column(attribute))
        failed = workspace.engine.value(
            "select count(*) from flow_error where rule = ? and attribute = ? and identity_id = ?",
            [rule.name, attribute, identity_id],
        )
        yield Contribution(
            rule=rule.name,
            system=rule.system,
            object_name=object_name or "",
            expression=flow.flow.expression,
            inputs=_inputs(workspace, object_relation(rule.system, rule.object_type), object_id, flow),
            value=value,
            verdict=_verdict(value, is_in_scope=is_in_scope, has_failed=bool(failed), flow=flow),
            how=how or "",
        )


def _verdict(value: str | None, *, is_in_scope: bool, has_failed: bool, flow: CompiledFlow) -> str:
    if not is_in_scope:
        return "out of scope"
    if has_failed:
        return "failed"
    return "lost" if value is not None or flow.flow.null_is_value else "no value"


def _explain_account(
    workspace: Workspace, identity_id: int, outbound: CompiledOutbound
) -> Iterable[AccountExplanation]:
    rule, engine = outbound.rule, workspace.engine
    accounts = engine.rows(
        f"select a.object_id, coalesce(o.dn, o.anchor), o.is_planned from {quote(f'account:{rule.name}')} a "
        "join object o on o.id = a.object_id where a.identity_id = ?",
        [identity_id],
    )
    values: Mapping[str, str] = {f.target.name: f"({f.sql})::varchar" for f in outbound.flows if f.reference is None}
    for object_id, object_name, _ in accounts:
        pending = engine.value("select operation from wanted_export where object_id = ?", [object_id])
        for flow in outbound.flows:
            if flow.reference is not None:
                continue
            people = quote(f"identity:{rule.identity_type}")
            yield AccountExplanation(
                rule=rule.name,
                system=rule.system,
                object_name=object_name or "",
                attribute=flow.target.name,
                expression=flow.flow.expression,
                inputs=_inputs(workspace, people, identity_id, flow),
                wanted=_one(workspace, people, "_id", identity_id, f"(try({{'v': {values[flow.target.name]}}})).v")
                or None,
                held=_one(
                    workspace,
                    staged_relation(rule.system, rule.object_type),
                    "id",
                    object_id,
                    value_column(flow.target.name),
                ),
                pending=pending or "",
                object_id=object_id,
            )


def _inputs(workspace: Workspace, relation: str, key: int, flow: CompiledFlow) -> tuple[Input, ...]:
    if flow.reference is not None or flow.target.type is ValueType.REFERENCE:
        return ()
    return tuple(
        Input(name=name, value=_one(workspace, relation, "_id", key, quote(name))) for name in sorted(flow.uses)
    )


def _one(workspace: Workspace, relation: str, column: str, key: int, value: str) -> str | None:
    found = workspace.engine.value(f"select ({value})::varchar from {relation} where {column} = {int(key)}")
    return None if found is None else str(found)
