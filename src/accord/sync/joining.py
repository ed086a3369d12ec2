"""Which staged object belongs to which identity: links kept, objects joined, new identities projected.

Ambiguity is never guessed away: what matches more than one way is a problem with its candidates, and waits.
"""

from collections.abc import Sequence

from accord.engine.expressions import attempt
from accord.engine.frames import literal, quote
from accord.model.frames import Reviews
from accord.model.rules import InboundRule, OnLeave
from accord.model.schema import AttributeSchema
from accord.sync.compiling import CompiledInbound, CompiledJoin
from accord.sync.likeness import pick_candidates, score
from accord.sync.problems import record
from accord.sync.relations import contribution_relation, scope_relation, value_column
from accord.sync.workspace import Workspace, object_relation


def keep_links(workspace: Workspace) -> None:
    """Make link(object_id, identity_id, rule, how, is_new) of the stored links that still hold.

    A link ends when its object is gone, or when the object has left the scope of every inbound rule of its type
    and the rule that made the link does not let it remain. Links of outbound rules are theirs to end.
    """
    engine = workspace.engine
    engine.run(
        "create table link as select l.object_id, l.identity_id, l.rule, l.how, false as is_new "
        "from stored_link l semi join object o on o.id = l.object_id"
    )
    engine.run("create table identity as select id, type from stored_identity")
    engine.run("create table held(object_id bigint)")
    engine.load("review", Reviews.SCHEMA.empty_table())
    engine.run("create table flow_error(rule varchar, attribute varchar, identity_id bigint)")
    if engine.value("select count(*) from link"):
        _end_links(workspace)
    # Of those only referred to nothing is decided: what is stored holds.
    engine.run("insert into link select object_id, identity_id, rule, how, false from context_link")


def _end_links(workspace: Workspace) -> None:
    """End the links of objects that left the scope of all their rules."""
    engine = workspace.engine
    outbound = {o.rule.name for o in workspace.rules.outbound}
    by_type: dict[tuple[str, str], list[InboundRule]] = {}
    for inbound in workspace.rules.inbound:
        by_type.setdefault((inbound.rule.system, inbound.rule.object_type), []).append(inbound.rule)
    remaining = {r.name for rules in by_type.values() for r in rules if r.on_leave is OnLeave.REMAIN}
    untouched = ", ".join(literal(n) for n in sorted(outbound | remaining)) or "''"
    left_open = _left_open(workspace)
    fed = ", ".join(f"({literal(s)}, {literal(t)})" for s, t in by_type) or "('', '')"
    engine.run(
        f"delete from link where rule not in ({untouched}) and object_id in "
        f"(select id from object where (system, type) not in ({fed}) and not is_planned){left_open}"
    )
    for (system, object_type), rules in by_type.items():
        scopes = " union ".join(f"select id from {scope_relation(r.name)}" for r in rules)
        engine.run(
            f"delete from link where rule not in ({untouched}) and object_id in "
            f"(select o.id from object o where o.system = {literal(system)} and o.type = {literal(object_type)} "
            f"and not o.is_planned and o.id not in ({scopes})){left_open}"
        )


def may_join_more(workspace: Workspace) -> bool:
    """Tell whether new links may lead to more next time: an object has no identity, or an account was just joined."""
    outbound = ", ".join(literal(o.rule.name) for o in workspace.rules.outbound) or "null"
    unlinked = "select o.id from object o anti join link l on l.object_id = o.id where not o.is_planned"
    joined = f"select l.object_id from link l where l.is_new and l.how <> 'provisioned' and l.rule in ({outbound})"
    return bool(workspace.engine.value(f"select exists ({joined}) or exists ({unlinked})"))


def _left_open(workspace: Workspace) -> str:
    """Return the condition that spares links made by rules no longer there, of types that outbound rules serve.

    Who made such a link may have been renamed: an outbound rule of the type decides once it knows whom it keeps.
    """
    rules = workspace.rules
    names = {i.rule.name for i in rules.inbound} | {o.rule.name for o in rules.outbound}
    declared = ", ".join(literal(n) for n in sorted(names)) or "''"
    served = ", ".join(f"({literal(o.rule.system)}, {literal(o.rule.object_type)})" for o in rules.outbound)
    if not served:
        return ""
    return (
        f" and not (rule not in ({declared}) and object_id in "
        f"(select id from object where (system, type) in ({served})))"
    )


def join(workspace: Workspace, inbound: CompiledInbound, earlier: Sequence[CompiledInbound]) -> None:
    """Join the rule's unlinked objects to identities, by its join rules in order.

    Identities are known by what `earlier` rules contributed in this very run, else by what is stored.
    """
    engine, rule = workspace.engine, inbound.rule
    engine.run(
        f"create or replace temp table unlinked as select s.id from {scope_relation(rule.name)} s "
        "anti join link l on l.object_id = s.id anti join held h on h.object_id = s.id"
    )
    for position, join_rule in enumerate(inbound.joins, start=1):
        if not engine.value("select count(*) from unlinked"):
            return
        known = [_known(rule.identity_type, key.attribute, earlier) for key in join_rule.keys]
        _probe(workspace, rule, join_rule)
        if join_rule.rule.fuzzy is None:
            _match(workspace, rule, join_rule, known)
        else:
            _find_alike(workspace, rule, join_rule, known, earlier)
        _judge(workspace, rule, how=f"joined by join {position}")


def project(workspace: Workspace, inbound: CompiledInbound) -> None:
    """Make a new identity for every object of the rule that is still unlinked and not held back by a problem."""
    if not inbound.rule.projects:
        return
    engine, rule = workspace.engine, inbound.rule
    first = workspace.take_identity_ids(0)
    engine.run(
        "create or replace temp table projected as select u.id as object_id, "
        f"{first - 1} + row_number() over (order by u.id) as identity_id "
        "from unlinked u anti join held h on h.object_id = u.id"
    )
    workspace.take_identity_ids(int(engine.value("select count(*) from projected")))
    engine.run(
        f"insert into link select object_id, identity_id, {literal(rule.name)}, 'projected', true from projected"
    )
    engine.run(f"insert into identity select identity_id, {literal(rule.identity_type)} from projected")


def _probe(workspace: Workspace, rule: InboundRule, join_rule: CompiledJoin) -> None:
    objects = object_relation(rule.system, rule.object_type)
    attempts = {f"k{i}": k.sql for i, k in enumerate(join_rule.keys)}
    attempts |= {f"c{i}": c.sql for i, c in enumerate(join_rule.comparisons)}
    keys = ", ".join(f"{attempt(sql)} as {name}" for name, sql in attempts.items())
    failed = " or ".join(f"{name} is null" for name in attempts)
    engine = workspace.engine
    engine.run(
        f"create or replace temp table attempted as select _id as object_id, {keys} "
        f"from {objects} where _id in (select id from unlinked)"
    )
    record(
        workspace,
        "JOIN_FAILED",
        f"select object_id, null::bigint as identity_id, null as evidence from attempted where {failed}",
        rule=rule.name,
    )
    engine.run(f"insert into held select object_id from attempted where {failed}")
    values = ", ".join(
        f"k{i}.v as k{i}" if k.is_multivalued else f"nullif(k{i}.v, '') as k{i}" for i, k in enumerate(join_rule.keys)
    )
    probe = f"select object_id, {values} from attempted where not ({failed})"
    # One at a time: several in one select would be read side by side instead of each with each.
    for i, key in enumerate(join_rule.keys):
        if key.is_multivalued:
            probe = f"select * replace (unnest(k{i}) as k{i}) from ({probe})"
    engine.run(f"create or replace temp table probe as {probe}")
    engine.run("delete from unlinked where id in (select object_id from held)")


def _find_alike(
    workspace: Workspace,
    rule: InboundRule,
    join_rule: CompiledJoin,
    known: Sequence[str],
    earlier: Sequence[CompiledInbound],
) -> None:
    engine = workspace.engine
    values = ", ".join(
        f"c{i}.v as c{i}" if c.is_multivalued else f"[c{i}.v] as c{i}" for i, c in enumerate(join_rule.comparisons)
    )
    engine.run(
        f"create or replace temp table compared as select object_id, {values} from attempted "
        "where object_id not in (select object_id from held)"
    )
    engine.run(
        f"create or replace temp table suitable as select id from identity where type = {literal(rule.identity_type)}"
    )
    pick_candidates(workspace, rule.name, join_rule, known)
    compared = [f"select distinct * from ({_known(rule.identity_type, c.attribute, earlier)})"
                for c in join_rule.comparisons]  # fmt: skip
    score(workspace, rule.name, join_rule, compared)


def _match(workspace: Workspace, rule: InboundRule, join_rule: CompiledJoin, known: Sequence[str]) -> None:
    """Make matched(object_id, identity_id): the objects of probe, and the identities with equal keys."""
    tables = []
    for i, query in enumerate(known):
        fold = "{}" if join_rule.rule.is_case_sensitive else "lower({})"
        same = f"{fold.format(f'i{i}.v')} = {fold.format(f'p.k{i}')}"
        same += f" and i{i}.identity_id = i0.identity_id" if i else ""
        tables.append(f"join ({query}) i{i} on {same}")
    workspace.engine.run(
        "create or replace temp table matched as select distinct p.object_id, i0.identity_id "
        f"from probe p {' '.join(tables)} semi join identity t on t.id = i0.identity_id "
        f"and t.type = {literal(rule.identity_type)} "
        "anti join never n on n.object_id = p.object_id and n.identity_id = i0.identity_id"
    )


def _judge(workspace: Workspace, rule: InboundRule, *, how: str) -> None:
    """Link whoever matches one identity that is free; hold all others that match."""
    engine = workspace.engine
    may_have = "false" if rule.joins_many else f"coalesce({workspace.rules.slot_of('l.rule')}, '') = ''"
    is_contested = "false" if rule.joins_many else "w.n > 1"
    engine.run(
        "create or replace temp table verdict as with per_object as (select object_id, count(*) as n, "
        "min(identity_id) as identity_id from matched group by 1), "
        # Lists are made of the few only that need one to be told.
        "many as (select object_id, list_sort(list(identity_id))[1:5] as candidates from matched "
        "semi join (select object_id from per_object where n > 1) p using (object_id) group by 1), "
        "taken as (select distinct l.identity_id from link l join object o on o.id = l.object_id "
        f"where o.system = {literal(rule.system)} and o.type = {literal(rule.object_type)} and {may_have}), "
        "contested as (select identity_id, count(*) as n from per_object where n = 1 group by 1 having count(*) > 1), "
        "wanted as (select identity_id, any_value(c.n) as n, list_sort(list(object_id))[1:5] as objects "
        "from per_object p join contested c using (identity_id) where p.n = 1 group by 1) "
        "select m.object_id, m.identity_id, case when m.n > 1 then 'JOIN_AMBIGUOUS' "
        f"when t.identity_id is not null then 'JOIN_TAKEN' when {is_contested} then 'JOIN_CONTESTED' end as code, "
        "case when m.n > 1 then 'identities ' || array_to_string(y.candidates, ', ') "
        "when t.identity_id is not null then 'identity ' || m.identity_id::varchar "
        "when w.n > 1 then 'identity ' || m.identity_id::varchar || ', objects ' || array_to_string(w.objects, ', ') "
        "end as evidence from per_object m left join taken t using (identity_id) "
        "left join wanted w using (identity_id) left join many y on y.object_id = m.object_id"
    )
    for code in ("JOIN_AMBIGUOUS", "JOIN_TAKEN", "JOIN_CONTESTED"):
        record(
            workspace,
            code,
            "select object_id, case when code <> 'JOIN_AMBIGUOUS' then identity_id end as identity_id, evidence "
            f"from verdict where code = {literal(code)}",
            rule=rule.name,
        )
    engine.run("insert into held select object_id from verdict where code is not null")
    engine.run(
        f"insert into link select object_id, identity_id, {literal(rule.name)}, {literal(how)}, true "
        "from verdict where code is null"
    )
    engine.run("delete from unlinked where id in (select object_id from verdict)")


def _known(identity_type: str, attribute: AttributeSchema, earlier: Sequence[CompiledInbound]) -> str:
    value = f"unnest({value_column(attribute.name)})" if attribute.is_multivalued else value_column(attribute.name)
    rules = [
        e.rule.name
        for e in earlier
        if e.rule.identity_type == identity_type and any(f.target.name == attribute.name for f in e.flows)
    ]
    fresh = [contribution_relation(r) for r in rules]
    queries = [
        f"select identity_id, {value} as v from {c} where {value_column(attribute.name)} is not null" for c in fresh
    ]
    # Who keeps the last good value, because the expression failed, is known by it.
    stale = "".join(
        f" anti join (select identity_id from {contribution_relation(r)} anti join flow_error e "
        f"on e.identity_id = {contribution_relation(r)}.identity_id and e.rule = {literal(r)} "
        f"and e.attribute = {literal(attribute.name)}) x{n} on x{n}.identity_id = s.id"
        for n, r in enumerate(rules)
    )
    queries.append(
        f"select s.id as identity_id, {value} as v from {quote(f'stored:{identity_type}')} s{stale} "
        f"where {value_column(attribute.name)} is not null"
    )
    return " union all ".join(queries)
