"""Computes what enrichment rules give, target after target, each value with its rule; set-based.

Nothing here writes: the result is the whole of the derived values, so that taking a rule away takes back what it gave.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from accord.engine.expressions import Column, Compiler
from accord.engine.frames import Engine, EngineError, literal, quote
from accord.engine.functions import install
from accord.governance.enrichment.rules import EnrichmentRule, Function, RuleKind, in_order
from accord.model.errors import ConfigError
from accord.model.schema import ValueType

SUBJECTS = pa.schema([("owner_id", pa.int64()), ("doc", pa.string())])
RELATED = pa.schema(
    [("relation", pa.string()), ("owner_id", pa.int64()), ("other_id", pa.int64()), ("doc", pa.string())]
)
"""Who is related to whom; `doc` holds the other's values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far a target is filled, and by how many owners rules disagree."""

    target: str
    filled: int
    owners: int
    conflicts: int
    by_rule: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """`values` has owner_id, target, value, rule, confidence, disputed (whether rules disagree): what won.

    And how far each target is covered, and whether time alone may change anything.
    """

    values: pa.Table
    coverage: tuple[Coverage, ...]
    is_time_dependent: bool


def enrich(  # noqa: PLR0913 - who, beside whom, by what, and when
    engine: Engine,
    subjects: pa.Table,
    related: pa.Table,
    rules: Sequence[EnrichmentRule],
    *,
    now: datetime,
    declared: Collection[str] = (),
) -> Enriched:
    """Return every derived value; raise ConfigError for rules that cannot be, ExpressionError for expressions.

    Expressions may read what anybody has, what rules give, and what is `declared`.
    """
    active = [rule for rule in rules if rule.is_active]
    install(engine, now=now, lookups={})
    engine.register("subject", subjects)
    engine.register("related", related)
    engine.run("create table offered(owner_id bigint, target varchar, value varchar, rule varchar, place integer, "
               "confidence double)")  # fmt: skip
    engine.run("create table won(owner_id bigint, target varchar, value varchar, rule varchar, confidence double)")
    attributes = _attributes(engine, active, declared)
    with Compiler() as compiler:
        compiled = {
            rule.id: compiler.compile(rule.expression, attributes, place=f"rule {rule.id}")
            for rule in active
            if rule.kind is RuleKind.DERIVE
        }
    reads = {r.id: compiled[r.id].uses if r.id in compiled else _reads(r) for r in active}
    for target in in_order(active, reads):
        for place, rule in enumerate(sorted((r for r in active if r.target == target), key=_precedence)):
            sql = compiled[rule.id].sql if rule.id in compiled else ""
            _offer_values(engine, rule, place, _offer(rule, sql, reads[rule.id]))
        engine.run(
            f"insert into won select owner_id, target, value, rule, confidence from offered "
            f"where target = {literal(target)} qualify place = min(place) over (partition by owner_id)"
        )
    values = engine.frame(_VALUES)
    is_time_dependent = any(expression.is_time_dependent for expression in compiled.values())
    return Enriched(values=values, coverage=_coverage(engine), is_time_dependent=is_time_dependent)


_VALUES = """select w.*, coalesce(d.disputed, false) as disputed from won w
    left join (select owner_id, target, count(distinct value) > 1 as disputed from offered group by 1, 2) d
        using (owner_id, target) order by owner_id, target"""


def _offer_values(engine: Engine, rule: EnrichmentRule, place: int, offer: str) -> None:
    """Write down what a rule gives everybody; raise ConfigError where the engine refuses it."""
    try:
        engine.run(
            f"insert into offered select owner_id, {literal(rule.target)}, value, {literal(rule.id)}, {place}, "
            f"{rule.confidence} from ({offer}) where value <> ''"
        )
    except EngineError as error:
        raise ConfigError(str(error).splitlines()[0], place=f"rule {rule.id}", remedy="correct the rule") from error


def _precedence(rule: EnrichmentRule) -> tuple[bool, int, str]:
    return rule.kind is not RuleKind.PIN, rule.order, rule.id


def _reads(rule: EnrichmentRule) -> frozenset[str]:
    """Return the own attributes a rule reads; what related ones have is as the systems say it."""
    is_own = rule.kind in (RuleKind.LOOKUP, RuleKind.NORMALISE, RuleKind.CLASSIFY)
    return frozenset((rule.source,)) if is_own else frozenset()


def _attributes(engine: Engine, rules: Sequence[EnrichmentRule], declared: Collection[str]) -> dict[str, Column]:
    names = {str(row[0]) for row in engine.rows("select distinct unnest(json_keys(doc)) from subject")}
    return {name: Column(ValueType.TEXT) for name in names | {rule.target for rule in rules} | set(declared)}


def _own(name: str) -> str:
    """Return the SQL for an owner's value: what an enrichment before gave, else what is known."""
    return (f"coalesce((select value from won w where w.owner_id = s.owner_id and w.target = {literal(name)}), "
            f"{_said('s.doc', name)})")  # fmt: skip


def _said(doc: str, name: str) -> str:
    return f"json_extract_string({doc}, {literal('$.' + json.dumps(name))})"


def _offer(rule: EnrichmentRule, sql: str, reads: frozenset[str]) -> str:
    match rule.kind:
        case RuleKind.LOOKUP | RuleKind.NORMALISE:
            cases = " ".join(f"when {literal(k.strip().casefold())} then {literal(v)}" for k, v in rule.mapping.items())
            otherwise = "null" if rule.default is None else literal(rule.default)
            asked = f"lower(trim({_own(rule.source)}))"
            return f"select s.owner_id, case {asked} {cases} else {otherwise} end as value from subject s"
        case RuleKind.CLASSIFY:
            source = _own(rule.source)
            cases = " ".join(
                f"when regexp_matches({source}, {literal(m)}, 'i') then {literal(v)}" for m, v in rule.patterns
            )
            otherwise = "null" if rule.default is None else literal(rule.default)
            return f"select s.owner_id, case {cases} else {otherwise} end as value from subject s"
        case RuleKind.DERIVE:
            columns = ", ".join(f"{_own(name)} as {quote(name)}" for name in sorted(reads))
            inner = f"select s.owner_id{', ' if columns else ''}{columns} from subject s"
            return f"select owner_id, (try({sql}))::varchar as value from ({inner})"
        case RuleKind.INHERIT:
            value = _said("r.doc", rule.source)
            relation = literal(rule.relation)
            return f"select r.owner_id, min({value}) as value from related r where r.relation = {relation} group by 1"
        case RuleKind.AGGREGATE:
            return _aggregate(rule)
        case RuleKind.PIN:
            rows = ", ".join(f"({owner}, {literal(value)})" for owner, value in sorted(rule.owners.items()))
            return f"select owner_id, value from (values {rows}) p(owner_id, value) semi join subject using (owner_id)"


def _aggregate(rule: EnrichmentRule) -> str:
    value = _said("r.doc", rule.source) if rule.source else "'1'"
    number = f"try_cast({value} as double)"
    made = {
        Function.COUNT: f"count({value})::varchar",
        Function.LIST: f"string_agg(distinct {value}, ', ' order by {value})",
        Function.SUM: f"(sum({number}))::varchar",
        Function.MAX: f"coalesce((max({number}))::varchar, max({value}))",
        Function.MIN: f"coalesce((min({number}))::varchar, min({value}))",
    }[rule.function]
    return (f"select r.owner_id, regexp_replace({made}, '\\.0$', '') as value from related r "
            f"where r.relation = {literal(rule.relation)} group by 1")  # fmt: skip


def _coverage(engine: Engine) -> tuple[Coverage, ...]:
    owners = int(engine.value("select count(*) from subject"))
    filled = engine.rows("select target, count(*) from won group by 1 order by 1")
    disputed = dict(
        engine.rows("""select target, count(*) from (select target, owner_id from offered
        group by 1, 2 having count(distinct value) > 1) group by 1""")
    )
    by_rule: dict[str, dict[str, int]] = {}
    for target, rule, count in engine.rows("select target, rule, count(*) from won group by 1, 2 order by 1, 2"):
        by_rule.setdefault(target, {})[rule] = int(count)
    return tuple(
        Coverage(target=t, filled=int(n), owners=owners, conflicts=int(disputed.get(t, 0)), by_rule=by_rule[t])
        for t, n in filled
    )
