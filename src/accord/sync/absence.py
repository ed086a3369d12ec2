"""Why not: why an object belongs to nobody, why an identity has no account, why it does not end.

Read from the relations of a plan, like every explanation. Only what a plan does not keep is computed again, for the one
object or identity: which conditions of a scope hold, and which values a join looks for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from accord.engine.columns import identity_columns, object_columns
from accord.engine.conditions import expression_of
from accord.engine.expressions import Column, Compiler, attempt
from accord.engine.frames import quote
from accord.model.rules import Condition, ConditionGroup, GroupKind, Scope
from accord.sync.compiling import CompiledInbound, CompiledJoin, CompiledOutbound
from accord.sync.relations import account_relation, identity_relation, merged_relation, value_column
from accord.sync.workspace import Workspace, object_relation

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTrial:
    """One condition of a scope, what it read, and whether it holds: yes, no, or failed."""

    condition: str
    reads: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTrial:
    """One key of a join: what it looked for, in which attribute of identities."""

    expression: str
    values: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTrial:
    """One join rule: its keys, and the candidates, objects or identities, that have these values now."""

    keys: tuple[KeyTrial, ...]
    candidates: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrial:
    """What one rule had to say: its scope, its joins, and in words what came of it."""

    rule: str
    system: str
    object_type: str
    scope: str
    conditions: tuple[ConditionTrial, ...]
    joins: tuple[JoinTrial, ...]
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeTrial:
    """What keeps an identity alive: the deletion rule, links that count as `system by rule`, and the outcome."""

    trigger: str
    kept_by: tuple[str, ...]
    outcome: str


def why_unlinked(workspace: Workspace, object_id: int) -> tuple[RuleTrial, ...]:
    """Return what every rule of its type had to say about an object."""
    place = workspace.engine.rows("select system, type from object where id = ?", [object_id])
    rules = workspace.rules
    inbound = [i for i in rules.inbound if (i.rule.system, i.rule.object_type) in place]
    outbound = [o for o in rules.outbound if (o.rule.system, o.rule.object_type) in place]
    return (
        *(_try_inbound(workspace, i, object_id) for i in inbound),
        *(_try_as_account(workspace, o, object_id) for o in outbound),
    )


def why_without_account(workspace: Workspace, identity_id: int, identity_type: str) -> tuple[RuleTrial, ...]:
    """Return what every outbound rule of its type had to say about an identity that it keeps no account for."""
    return tuple(
        _try_outbound(workspace, outbound, identity_id)
        for outbound in workspace.rules.outbound
        if outbound.rule.identity_type == identity_type
        and not workspace.engine.value(
            f"select count(*) from {account_relation(outbound.rule.name)} where identity_id = ?", [identity_id]
        )
    )


def why_alive(workspace: Workspace, identity_id: int, identity_type: str) -> LifeTrial:
    """Return what keeps an identity from ending, or since when it waits."""
    deletion = workspace.rules.types[identity_type].type.deletion
    outbound = {o.rule.name for o in workspace.rules.outbound}
    links = workspace.engine.rows(
        "select o.system, l.rule from link l join object o on o.id = l.object_id where l.identity_id = ? order by all",
        [identity_id],
    )
    kept_by = tuple(
        f"{system} by {rule}"
        for system, rule in links
        if rule not in outbound and (not deletion.sources or system in deletion.sources)
    )
    engine = workspace.engine
    if engine.value("select count(*) from ended where id = ?", [identity_id]):
        outcome = "it ends with the next synchronisation"
    elif engine.value("select count(*) from gone where id = ?", [identity_id]):
        outcome = f"it waits, {deletion.grace_days} days in all, and ends then unless it returns"
    elif kept_by:
        outcome = "it lives on: links that count keep it"
    elif deletion.unless is not None:
        outcome = "it lives on: its values as stored meet `unless`, or it never had what it would end for want of"
    else:
        outcome = "it lives on: only a person may end it, or it never had what it would end for want of"
    return LifeTrial(trigger=str(deletion.trigger), kept_by=kept_by, outcome=outcome)


def _try_inbound(workspace: Workspace, inbound: CompiledInbound, object_id: int) -> RuleTrial:
    rule = inbound.rule
    relation = object_relation(rule.system, rule.object_type)
    columns = object_columns(workspace.rules.rules.systems[rule.system].object_types[rule.object_type])
    conditions = tuple(_try_scope(workspace, rule.scope, columns, relation, object_id))
    scope = _verdict(workspace, inbound.scope.sql if inbound.scope is not None else "true", relation, object_id)
    joins = tuple(_try_join(workspace, j, relation, rule.identity_type, object_id) for j in inbound.joins)
    problems = _problems(workspace, rule.name, f"object_id = {int(object_id)}")
    reviews = workspace.engine.rows(
        "select identity_id, score, evidence from review where object_id = ? and rule = ? order by score desc",
        [object_id, rule.name],
    )
    if scope != "yes":
        outcome = "out of scope" if scope == "no" else "the scope could not be evaluated"
    elif problems:
        outcome = "; ".join(problems)
    elif reviews:
        outcome = "waits for a person: " + "; ".join(f"identity {i} is like it by {s:.3f} ({e})" for i, s, e in reviews)
    elif workspace.engine.value("select count(*) from held where object_id = ?", [object_id]):
        outcome = "held back by what an earlier rule or a decision left open"
    elif _is_forbidden(workspace, joins, object_id):
        outcome = _FORBIDDEN
    elif inbound.joins:
        outcome = "no identity has these values" + ("" if rule.projects else ", and the rule does not project")
    else:
        outcome = "the rule does not join" + ("" if rule.projects else ", and does not project")
    return RuleTrial(
        rule=rule.name, system=rule.system, object_type=rule.object_type, scope=_SCOPES[scope],
        conditions=conditions, joins=joins if scope == "yes" else (), outcome=outcome,
    )  # fmt: skip


def _try_as_account(workspace: Workspace, outbound: CompiledOutbound, object_id: int) -> RuleTrial:
    """Return whose account an outbound rule looked for in an object."""
    rule = outbound.rule
    relation = object_relation(rule.system, rule.object_type)
    problems = _problems(workspace, rule.name, f"object_id = {int(object_id)}")
    joins = tuple(_try_join(workspace, j, relation, rule.identity_type, object_id) for j in outbound.joins)
    if problems:
        outcome = "; ".join(problems)
    elif _is_forbidden(workspace, joins, object_id):
        outcome = _FORBIDDEN
    elif outbound.joins:
        outcome = "nobody who wants such an account, and has none, has these values"
    else:
        outcome = "the rule does not look for accounts that are there: it has no join"
    return RuleTrial(
        rule=rule.name, system=rule.system, object_type=rule.object_type, scope="as an account", conditions=(),
        joins=joins, outcome=outcome,
    )  # fmt: skip


def _is_forbidden(workspace: Workspace, joins: Iterable[JoinTrial], object_id: int) -> bool:
    """Tell whether an object would match, if a person had not decided that it never does."""
    candidates = ", ".join(str(c) for j in joins for c in j.candidates) or "null"
    found = workspace.engine.value(
        f"select count(*) from never where object_id = {int(object_id)} and identity_id in ({candidates})"
    )
    return bool(found)


def _try_outbound(workspace: Workspace, outbound: CompiledOutbound, identity_id: int) -> RuleTrial:
    rule = outbound.rule
    relation = identity_relation(rule.identity_type)
    columns = identity_columns(workspace.rules.rules.identity_types[rule.identity_type])
    conditions = tuple(_try_scope(workspace, rule.scope, columns, relation, identity_id))
    scope = _verdict(workspace, outbound.scope.sql if outbound.scope is not None else "true", relation, identity_id)
    problems = _problems(workspace, rule.name, f"identity_id = {int(identity_id)}")
    elsewhere = workspace.engine.value(
        "select count(*) from kept_elsewhere where identity_id = ? and system = ? and type = ? and slot = ?",
        [identity_id, rule.system, rule.object_type, rule.slot],
    )
    if workspace.engine.value("select count(*) from ended where id = ?", [identity_id]):
        outcome = "the identity ends"
    elif scope != "yes":
        outcome = "out of scope" if scope == "no" else "the scope could not be evaluated"
    elif problems:
        outcome = "; ".join(problems)
    elif workspace.engine.value("select count(*) from gone where id = ?", [identity_id]):
        outcome = "the identity waits for its end, and gets nothing new meanwhile"
    elif elsewhere:
        outcome = "an earlier rule keeps this account, or could not decide which"
    elif not rule.provisions:
        outcome = "no account there matches, and the rule does not provision"
    else:
        outcome = "it is in scope: the next synchronisation decides"
    return RuleTrial(
        rule=rule.name, system=rule.system, object_type=rule.object_type, scope=_SCOPES[scope],
        conditions=conditions, joins=(), outcome=outcome,
    )  # fmt: skip


_FORBIDDEN = "who has these values never matches it: a person decided so"
_SCOPES = {"yes": "in scope", "no": "out of scope", "failed": "failed"}


def _problems(workspace: Workspace, rule: str, whose: str) -> list[str]:
    rows = workspace.engine.rows(f"select message, code from problem where rule = ? and {whose} order by all", [rule])
    return [f"{message} [{code}]" for message, code in rows]


def _try_join(workspace: Workspace, join: CompiledJoin, relation: str, identity_type: str, object_id: int) -> JoinTrial:
    keys, same = [], []
    fold = "{}" if join.rule.is_case_sensitive else "lower({})"
    for number, (key, declared) in enumerate(zip(join.keys, join.rule.keys, strict=True)):
        value = f"({attempt(key.sql)}).v"
        listed = value if key.is_multivalued else f"[{value}]"
        theirs = f"(select unnest({listed}) as v from {relation} where _id = {int(object_id)})"
        values = [str(v) for (v,) in workspace.engine.rows(f"select v from {theirs} where v is not null order by 1")]
        keys.append(KeyTrial(expression=declared.expression, values=", ".join(values), attribute=declared.attribute))
        column = value_column(key.attribute.name)
        ours = f"unnest({column})" if key.attribute.is_multivalued else column
        same.append(
            f"id in (select i{number}.id from (select id, {ours} as v from {merged_relation(identity_type)}) i{number} "
            f"join {theirs} t on {fold.format('t.v')} = {fold.format(f'i{number}.v')} where t.v <> '')"
        )
    found = workspace.engine.rows(
        f"select id from {merged_relation(identity_type)} where {' and '.join(same)} order by id limit {_SHOWN}"
    )
    return JoinTrial(keys=tuple(keys), candidates=tuple(int(i) for (i,) in found))


def _try_scope(
    workspace: Workspace, scope: Scope | None, columns: Mapping[str, Column], relation: str, key: int
) -> Iterator[ConditionTrial]:
    if scope is None:
        return
    with Compiler(lookups=workspace.rules.rules.lookups) as compiler:
        texts = [(scope, scope)] if isinstance(scope, str) else list(_members(scope, columns))
        for told, text in texts:
            compiled = compiler.compile_condition(text, columns)
            reads = ", ".join(f"{n} = {_read(workspace, relation, key, n)}" for n in sorted(compiled.uses))
            yield ConditionTrial(condition=told, reads=reads, verdict=_verdict(workspace, compiled.sql, relation, key))


def _members(group: ConditionGroup, columns: Mapping[str, Column], under: str = "") -> Iterator[tuple[str, str]]:
    """Yield the conditions of a group one by one: as people read them, and as expressions."""
    kind = f"{under}{group.kind}: "
    for member in group.members:
        if isinstance(member, ConditionGroup):
            yield from _members(member, columns, kind)
        else:
            yield (
                f"{kind}{_told(member)}",
                expression_of(ConditionGroup(kind=GroupKind.ALL, members=(member,)), columns),
            )


def _told(condition: Condition) -> str:
    return f"{condition.attribute} {condition.operator} {', '.join(condition.values)}".strip()


def _read(workspace: Workspace, relation: str, key: int, name: str) -> str:
    found = workspace.engine.rows(f"select {quote(name)}::varchar from {relation} where _id = {int(key)}")
    return "nothing" if not found or found[0][0] is None else str(found[0][0])


def _verdict(workspace: Workspace, sql: str, relation: str, key: int) -> str:
    rows = workspace.engine.rows(
        f"select case when v is null then 'failed' when v.v then 'yes' else 'no' end from "
        f"(select {attempt(sql)} as v from {relation} where _id = {int(key)})"
    )
    return str(rows[0][0]) if rows else "no"
