"""Why a value is what it is: the very relations a plan was computed on, read for one identity.

Nothing is decided here a second time. The workspace must have gone through `settle_identities` and
`settle_accounts` with the identity's objects in it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from accord.engine.frames import literal, quote
from accord.model.rules import UniqueValue
from accord.model.schema import ValueType
from accord.sync.compiling import CompiledFlow, CompiledInbound, CompiledOutbound, CompiledType
from accord.sync.relations import contribution_relation, merged_relation, scope_relation, value_column
from accord.sync.settling import Contributor, contributors
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
    """Return why each value of the identity is what it is; a handful of queries for each rule that feeds it."""
    compiled = workspace.rules.types[identity_type]
    inbound = [i for i in workspace.rules.inbound if i.rule.identity_type == identity_type]
    columns = {attribute.name: value_column(attribute.name) for attribute in compiled.values}
    values = _row(workspace, merged_relation(compiled.type.name), "id", identity_id, columns)
    failed = set(workspace.engine.rows("select rule, attribute from flow_error where identity_id = ?", [identity_id]))
    fed = {i.rule.name: _Fed(workspace, identity_id, i, failed) for i in inbound}
    return tuple(
        _explain_value(compiled, name, values.get(name), contributors(compiled, name, inbound), fed) for name in columns
    )


def explain_accounts(workspace: Workspace, identity_id: int, identity_type: str) -> tuple[AccountExplanation, ...]:
    """Return why each value of each of the identity's accounts should be what it should be."""
    found: list[AccountExplanation] = []
    for outbound in workspace.rules.outbound:
        if outbound.rule.identity_type == identity_type:
            found += _explain_account(workspace, identity_id, outbound)
    return tuple(found)


def _explain_value(
    compiled: CompiledType, attribute: str, value: str | None, ranked: Sequence[Contributor], fed: Mapping[str, "_Fed"]
) -> ValueExplanation:
    order = [c.rule for c in ranked]
    contributions: list[Contribution] = []
    has_winner = False
    for rule in order:
        for contribution in fed[rule].contributions(attribute):
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


class _Fed:
    """What one rule had to say about an identity, read at once for all attributes."""

    def __init__(
        self, workspace: Workspace, identity_id: int, inbound: CompiledInbound, failed: Collection[tuple[str, str]]
    ) -> None:
        self._rule = rule = inbound.rule
        self._failed = failed
        self._flows = {f.target.name: f for f in inbound.flows if not _is_reference(f)}
        self._objects = workspace.engine.rows(
            "select l.object_id, coalesce(o.dn, o.anchor), s.id is not null, l.how "
            "from link l join object o on o.id = l.object_id "
            f"and o.system = {literal(rule.system)} and o.type = {literal(rule.object_type)} "
            f"left join {scope_relation(rule.name)} s on s.id = l.object_id where l.identity_id = ? order by 1",
            [identity_id],
        )
        ids = [object_id for object_id, *_ in self._objects]
        columns = {name: value_column(name) for name in self._flows}
        self._values = _rows(workspace, contribution_relation(rule.name), "object_id", ids, columns)
        used = {name: quote(name) for flow in self._flows.values() for name in flow.uses}
        self._inputs = _rows(workspace, object_relation(rule.system, rule.object_type), "_id", ids, used)

    def contributions(self, attribute: str) -> Iterator[Contribution]:
        """Yield what each of the identity's objects had to say about an attribute."""
        flow = self._flows[attribute]
        has_failed = (self._rule.name, attribute) in self._failed
        for object_id, object_name, is_in_scope, how in self._objects:
            value = self._values.get(object_id, {}).get(attribute)
            yield Contribution(
                rule=self._rule.name,
                system=self._rule.system,
                object_name=object_name or "",
                expression=flow.flow.expression,
                inputs=_inputs(self._inputs.get(object_id, {}), flow),
                value=value,
                verdict=_verdict(value, is_in_scope=is_in_scope, has_failed=has_failed, flow=flow),
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
        f"select a.object_id, coalesce(o.dn, o.anchor) from {quote(f'account:{rule.name}')} a "
        "join object o on o.id = a.object_id where a.identity_id = ?",
        [identity_id],
    )
    flows = [flow for flow in outbound.flows if flow.reference is None]
    if not accounts or not flows:
        return
    ids = [object_id for object_id, _ in accounts]
    pending = _rows(workspace, "wanted_export", "object_id", ids, {"operation": "operation"})
    held_columns = {f.target.name: value_column(f.target.name) for f in flows}
    held = _rows(workspace, staged_relation(rule.system, rule.object_type), "id", ids, held_columns)
    people = quote(f"identity:{rule.identity_type}")
    used = {name: quote(name) for flow in flows if not _is_reference(flow) for name in flow.uses}
    inputs = _row(workspace, people, "_id", identity_id, used)
    attempts = {f.target.name: f"(try({{'v': ({f.sql})::varchar}})).v" for f in flows}
    wanted = _row(workspace, people, "_id", identity_id, attempts)
    for object_id, object_name in accounts:
        for flow in flows:
            name = flow.target.name
            yield AccountExplanation(
                rule=rule.name,
                system=rule.system,
                object_name=object_name or "",
                attribute=name,
                expression=flow.flow.expression,
                inputs=_inputs(inputs, flow),
                wanted=wanted.get(name) or None,
                held=held.get(object_id, {}).get(name),
                pending=pending.get(object_id, {}).get("operation") or "",
                object_id=object_id,
            )


def _is_reference(flow: CompiledFlow) -> bool:
    return flow.reference is not None or flow.target.type is ValueType.REFERENCE


def _inputs(values: Mapping[str, str | None], flow: CompiledFlow) -> tuple[Input, ...]:
    if _is_reference(flow):
        return ()
    return tuple(Input(name=name, value=values.get(name)) for name in sorted(flow.uses))


def _row(
    workspace: Workspace, relation: str, column: str, key: int, wanted: Mapping[str, str]
) -> Mapping[str, str | None]:
    return _rows(workspace, relation, column, [key], wanted).get(key, {})


def _rows(
    workspace: Workspace, relation: str, column: str, keys: Sequence[int], wanted: Mapping[str, str]
) -> Mapping[int, Mapping[str, str | None]]:
    """Return expressions over the rows with these keys, as text by the names they are wanted under."""
    if not keys or not wanted:
        return {}
    texts = ", ".join(f"({expression})::varchar" for expression in wanted.values())
    listed = ", ".join(str(int(key)) for key in keys)
    found = workspace.engine.rows(f"select {column}, {texts} from {relation} where {column} in ({listed})")
    return {key: dict(zip(wanted, values, strict=True)) for key, *values in found}
