"""Which identities have, get or lose an account in a target: existing accounts joined first, then new ones planned."""

from accord.engine.expressions import Expression, attempt
from accord.engine.frames import literal
from accord.model.rules import OnLeave, OutboundRule
from accord.sync.compiling import CompiledJoin, CompiledOutbound
from accord.sync.problems import record
from accord.sync.relations import account_relation, identity_relation, merged_relation, value_column
from accord.sync.workspace import Workspace, object_relation


def provision(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Make "account:R"(identity_id, object_id, is_new, dn, anchor): whom the rule keeps an account for, and which.

    Order: accounts already linked, then unlinked accounts that a join recognises, then new ones. An identity that
    another rule of the same object type already keeps an account for is left to that rule.
    """
    engine, rule = workspace.engine, outbound.rule
    _make_wanted(workspace, outbound)
    engine.run(
        "create or replace temp table kept as select w.id as identity_id, min(l.object_id) as object_id from wanted w "
        "join link l on l.identity_id = w.id join object o on o.id = l.object_id "
        f"and o.system = {literal(rule.system)} and o.type = {literal(rule.object_type)} group by all"
    )
    engine.run("delete from wanted where id in (select identity_id from kept)")
    for position, join_rule in enumerate(outbound.joins, start=1):
        _join(workspace, outbound, join_rule, how=f"joined by join {position}")
    _make_new(workspace, outbound)
    _name(workspace, outbound)


def leave(workspace: Workspace, system: str, object_type: str) -> None:
    """Decide what happens to accounts of outbound rules whose identity no rule of the object type keeps any more.

    Fills left(object_id, identity_id, rule, action); links of disconnected and planned accounts end.
    """
    engine = workspace.engine
    rules = [o.rule for o in workspace.rules.outbound if (o.rule.system, o.rule.object_type) == (system, object_type)]
    actions = ", ".join(f"({literal(r.name)}, {literal(r.on_leave)})" for r in rules)
    kept = " union all ".join(f"select object_id from {account_relation(r.name)}" for r in rules)
    engine.run(
        "create or replace temp table leaver as select l.object_id, l.identity_id, l.rule, "
        "case when o.is_planned then 'unplan' else a.action end as action, "
        "e.id is not null or i.id is null as is_over "
        "from stored_link l join object o on o.id = l.object_id "
        f"and o.system = {literal(system)} and o.type = {literal(object_type)} "
        f"join (values {actions}) a(rule, action) on a.rule = l.rule "
        "left join ended e on e.id = l.identity_id left join stored_identity i on i.id = l.identity_id "
        f"where l.object_id not in ({kept})"
    )
    engine.run("insert into left_account select object_id, identity_id, rule, action from leaver")
    ends = f"action in ('unplan', {literal(OnLeave.DISCONNECT)}) or is_over"
    engine.run(f"delete from link where object_id in (select object_id from leaver where {ends})")


def _make_wanted(workspace: Workspace, outbound: CompiledOutbound) -> None:
    engine, rule = workspace.engine, outbound.rule
    people = identity_relation(rule.identity_type)
    verdict = attempt(outbound.scope.sql) if outbound.scope is not None else "{'v': true}"
    engine.run(f"create or replace temp table verdict as select _id as id, {verdict} as v from {people}")
    record(
        workspace,
        "SCOPE_FAILED",
        "select null::bigint as object_id, id as identity_id, null as evidence from verdict where v is null",
        rule=rule.name,
    )
    engine.run(
        "create or replace temp table wanted as select v.id from verdict v anti join gone g on g.id = v.id "
        "anti join kept_elsewhere k on k.identity_id = v.id "
        f"and k.system = {literal(rule.system)} and k.type = {literal(rule.object_type)} "
        "where v.v.v or (v.v is null and v.id in (select identity_id from stored_link where rule = "
        f"{literal(rule.name)}))"
    )


def _join(workspace: Workspace, outbound: CompiledOutbound, join_rule: CompiledJoin, *, how: str) -> None:
    engine, rule = workspace.engine, outbound.rule
    if not engine.value("select count(*) from wanted"):
        return
    fold = "{}" if join_rule.rule.is_case_sensitive else "lower({})"
    theirs, ours, same = [], [], []
    for i, key in enumerate(join_rule.keys):
        value, attribute = f"({attempt(key.sql)}).v", value_column(key.attribute.name)
        theirs.append(f"unnest({value}) as k{i}" if key.is_multivalued else f"{value} as k{i}")
        ours.append(f"unnest({attribute}) as k{i}" if key.attribute.is_multivalued else f"{attribute}::varchar as k{i}")
        same.append(f"{fold.format(f'p.k{i}')} = {fold.format(f'w.k{i}')}")
    engine.run(
        "create or replace temp table matched as select distinct p.object_id, w.identity_id from "
        f"(select _id as object_id, {', '.join(theirs)} from {object_relation(rule.system, rule.object_type)} "
        "where not _is_planned and _id not in (select object_id from link)) p join "
        f"(select id as identity_id, {', '.join(ours)} from {merged_relation(rule.identity_type)} "
        f"where id in (select id from wanted)) w on {' and '.join(same)}"
    )
    engine.run(
        "create or replace temp table verdict as select m.object_id, m.identity_id, "
        "count(*) over (partition by m.identity_id) as objects, count(*) over (partition by m.object_id) as identities "
        "from matched m"
    )
    record(
        workspace,
        "JOIN_AMBIGUOUS",
        "select object_id, identity_id, 'accounts ' || object_id::varchar as evidence from verdict "
        "where objects > 1 or identities > 1",
        rule=rule.name,
    )
    engine.run(
        f"insert into link select object_id, identity_id, {literal(rule.name)}, {literal(how)}, true "
        "from verdict where objects = 1 and identities = 1"
    )
    engine.run("insert into kept select identity_id, object_id from verdict where objects = 1 and identities = 1")
    engine.run("delete from wanted where id in (select identity_id from verdict)")


def _make_new(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Give an object id to every identity still wanting an account, if the rule provisions."""
    engine = workspace.engine
    if not outbound.rule.provisions:
        engine.run("create or replace temp table fresh as select 0::bigint as identity_id, 0::bigint as object_id "
                   "where false")  # fmt: skip
        return
    first = workspace.take_object_ids(0)
    engine.run(
        "create or replace temp table fresh as select id as identity_id, "
        f"{first - 1} + row_number() over (order by id) as object_id from wanted"
    )
    workspace.take_object_ids(int(engine.value("select count(*) from fresh")))


def _name(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Compute dn and anchor of all accounts; new ones with a name that is missing or taken are problems."""
    engine, rule = workspace.engine, outbound.rule
    engine.run(
        "create or replace temp table named as select a.identity_id, a.object_id, a.is_new, p.dn, p.anchor from "
        f"(select _id as identity_id, {_attempt_text(outbound.dn)} as dn, {_attempt_text(outbound.anchor)} as anchor "
        f"from {identity_relation(rule.identity_type)}) p "
        "join (select identity_id, object_id, false as is_new from kept "
        "union all select identity_id, object_id, true from fresh) a on a.identity_id = p.identity_id"
    )
    key = "lower((n.dn).v)" if outbound.schema.has_dn else "(n.anchor).v"
    name = "dn" if outbound.schema.has_dn else "anchor"
    if (outbound.dn if outbound.schema.has_dn else outbound.anchor) is None:
        engine.run("create or replace temp table refused as select 0::bigint as object_id where false")
    else:
        engine.run(
            "create or replace temp table refused as select n.object_id, n.identity_id, "
            f"case when n.{name} is null then 'NAME_FAILED' when coalesce((n.{name}).v, '') = '' then 'NAME_MISSING' "
            "when o.id is not null then 'NAME_TAKEN' when count(*) over (partition by " + f"{key}) > 1 "
            f"then 'NAME_CONTESTED' end as code, (n.{name}).v as evidence from named n left join object o on "
            f"o.system = {literal(rule.system)} and o.key = {key} and o.id <> n.object_id "
            + ("" if outbound.schema.has_dn else f"and o.type = {literal(rule.object_type)} ")
            + "where n.is_new or n."
            + name
            + " is not null"
        )
        for code in ("NAME_FAILED", "NAME_MISSING", "NAME_TAKEN", "NAME_CONTESTED"):
            record(
                workspace,
                code,
                f"select null::bigint as object_id, identity_id, evidence from refused where code = {literal(code)}",
                rule=rule.name,
            )
        engine.run("delete from refused where code is null")
    account = account_relation(rule.name)
    engine.run(
        f"create table {account} as select n.identity_id, n.object_id, n.is_new, "
        "case when r.object_id is null then (n.dn).v end as dn, (n.anchor).v as anchor from named n "
        "left join refused r on r.object_id = n.object_id where not (n.is_new and r.object_id is not null)"
    )
    _remember(workspace, rule, account, has_dn=outbound.schema.has_dn)


def _remember(workspace: Workspace, rule: OutboundRule, account: str, *, has_dn: bool) -> None:
    engine = workspace.engine
    system, object_type = literal(rule.system), literal(rule.object_type)
    key = "lower(dn)" if has_dn else "anchor"
    engine.run(
        f"insert into object select object_id, {system}, {object_type}, anchor, dn, {key}, true "
        f"from {account} where is_new"
    )
    engine.run(
        f"insert into link select object_id, identity_id, {literal(rule.name)}, 'provisioned', true "
        f"from {account} where is_new"
    )
    engine.run(f"insert into kept_elsewhere select identity_id, {system}, {object_type} from {account}")


def _attempt_text(expression: Expression | None) -> str:
    return "{'v': null::varchar}" if expression is None else attempt(f"({expression.sql})::varchar")
