"""Which identities have, get or lose an account in a target: existing accounts joined first, then new ones planned."""

from accord.engine.expressions import Expression, attempt
from accord.engine.frames import literal
from accord.model.rules import OnLeave, OutboundRule
from accord.sync.compiling import CompiledOutbound
from accord.sync.problems import record
from accord.sync.recognising import recognise
from accord.sync.relations import account_relation, identity_relation, scope_relation
from accord.sync.workspace import Workspace

_LINKED = (
    "select object_id, identity_id, rule from stored_link anti join parted using (object_id, identity_id) "
    "union all select l.object_id, l.identity_id, l.rule from link l join decided d using (object_id, identity_id) "
    "where l.is_new"
)
"""The links whose accounts may leave: those there were, and those made by hand in this run."""


def provision(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Make "account:R"(identity_id, object_id, is_new, dn, anchor): whom the rule keeps an account for, and which.

    Order: accounts already linked, then unlinked accounts that a join recognises, then new ones. An identity that
    another rule of the same object type already keeps an account for is left to that rule.
    """
    engine = workspace.engine
    _find_accounts(workspace, outbound.rule)
    _make_wanted(workspace, outbound)
    engine.run(
        "create or replace temp table kept as "
        "select identity_id, arg_min(object_id, (is_free, object_id)) as object_id from own "
        "where identity_id in (select id from wanted) group by 1"
    )
    engine.run("delete from wanted where id in (select identity_id from kept)")
    for position, join_rule in enumerate(outbound.joins, start=1):
        recognise(workspace, outbound, join_rule, how=f"joined by join {position}")
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
        "e.id is not null or i.id is null as is_over, d.object_id is not null as is_decided "
        f"from ({_LINKED}) l join object o on o.id = l.object_id "
        f"and o.system = {literal(system)} and o.type = {literal(object_type)} "
        f"join (values {actions}) a(rule, action) on a.rule = l.rule "
        "left join ended e on e.id = l.identity_id left join stored_identity i on i.id = l.identity_id "
        "left join decided d on d.object_id = l.object_id "
        f"where l.object_id not in ({kept}) and not (o.is_planned and l.object_id in "
        "(select object_id from stored_pending where state = 'unknown'))"
    )
    engine.run("insert into left_account select object_id, identity_id, rule, action from leaver")
    ends = f"action = 'unplan' or (action = {literal(OnLeave.DISCONNECT)} and not is_decided) or is_over"
    engine.run(f"delete from link where object_id in (select object_id from leaver where {ends})")


def forget_planned(workspace: Workspace) -> None:
    """Withdraw accounts that were planned by rules no longer there; one whose create may have arrived waits."""
    engine = workspace.engine
    kept = " union all ".join(
        f"select object_id from {account_relation(o.rule.name)}" for o in workspace.rules.outbound
    )
    engine.run(
        "create or replace temp table leaver as select l.object_id, l.identity_id, l.rule from stored_link l "
        "join object o on o.id = l.object_id and o.is_planned "
        f"where l.object_id not in ({kept or 'select 0::bigint where false'}) "
        "and l.object_id not in (select object_id from left_account) "
        "and l.object_id not in (select object_id from stored_pending where state = 'unknown')"
    )
    engine.run("insert into left_account select object_id, identity_id, rule, 'unplan' from leaver")
    engine.run("delete from link where object_id in (select object_id from leaver)")
    _end_links_of_nobody(workspace, kept or "select 0::bigint where false")


def _end_links_of_nobody(workspace: Workspace, kept: str) -> None:
    """End links that rules no longer there made, where no rule that is there keeps or reads the account."""
    rules = workspace.rules
    served = ", ".join(f"({literal(o.rule.system)}, {literal(o.rule.object_type)})" for o in rules.outbound)
    if not served:
        return
    names = [*(i.rule.name for i in rules.inbound), *(o.rule.name for o in rules.outbound)]
    scopes = " union all ".join(f"select id from {scope_relation(i.rule.name)}" for i in rules.inbound)
    strange = f"rule not in ({', '.join(literal(n) for n in names)})"
    if not workspace.engine.value(f"select exists (from link where {strange})"):
        return
    workspace.engine.run(
        f"delete from link where {strange} and object_id in "
        f"(select id from object where (system, type) in ({served})) and object_id not in ({kept}) "
        "and object_id not in (select object_id from decided) "
        f"and object_id not in ({scopes or 'select 0::bigint where false'}) "
        "and object_id not in (select object_id from context_link)"
    )


def _find_accounts(workspace: Workspace, rule: OutboundRule) -> None:
    """Make own(identity_id, object_id, is_free): accounts of the rule's slot, and those of none that nobody keeps."""
    workspace.engine.run(
        "create or replace temp table own as select identity_id, object_id, slot is null as is_free from "
        f"(select l.identity_id, l.object_id, {workspace.rules.slot_of('l.rule')} as slot from link l "
        f"join object o on o.id = l.object_id and o.system = {literal(rule.system)} "
        f"and o.type = {literal(rule.object_type)}) where slot = {literal(rule.slot)} or (slot is null "
        "and object_id not in (select object_id from kept_elsewhere where object_id is not null))"
    )


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
    # Who waits for deletion is disabled at once; whose account would be deleted keeps it until the wait is over.
    stays = "false" if rule.on_leave is OnLeave.DISABLE else "v.id in (select identity_id from own)"
    engine.run(
        "create or replace temp table wanted as select v.id from verdict v "
        "anti join kept_elsewhere k on k.identity_id = v.id "
        f"and k.system = {literal(rule.system)} and k.type = {literal(rule.object_type)} "
        f"and k.slot = {literal(rule.slot)} "
        "where (v.v.v or (v.v is null and v.id in (select identity_id from own))) "
        f"and (v.id not in (select id from gone) or {stays})"
    )


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
    if not rule.renames:
        engine.run(
            "update named set dn = {'v': o.dn} from object o where o.id = named.object_id and not named.is_new "
            "and not o.is_planned"
        )
    name = "dn" if outbound.schema.has_dn else "anchor"
    _refuse(workspace, outbound, name)
    account = account_relation(rule.name)
    # An anchor is for ever: only an account not there yet may still get another.
    engine.run(
        f"create table {account} as select n.identity_id, n.object_id, n.is_new, "
        "case when r.object_id is null then (n.dn).v else o.dn end as dn, "
        "case when (n.is_new or o.is_planned) and r.object_id is null then (n.anchor).v else o.anchor end as anchor "
        "from named n left join refused r on r.object_id = n.object_id left join object o on o.id = n.object_id "
        "where not (n.is_new and r.object_id is not null)"
    )
    _remember(workspace, rule, account, has_dn=outbound.schema.has_dn)


def _refuse(workspace: Workspace, outbound: CompiledOutbound, name: str) -> None:
    """Make refused(object_id, identity_id, code, evidence): names that cannot be given; an account keeps what it has.

    Looked at are new accounts, and accounts that would get another name than they have.
    """
    engine, rule, has_dn = workspace.engine, outbound.rule, outbound.schema.has_dn
    engine.run(
        "create or replace temp table refused(object_id bigint, identity_id bigint, code varchar, evidence varchar)"
    )
    if (outbound.dn if has_dn else outbound.anchor) is None:
        return
    key = f"lower((n.{name}).v)" if has_dn else f"(n.{name}).v"
    changes = "true" if has_dn else "o.is_planned"
    engine.run(
        f"create or replace temp table renamed as select n.object_id, n.identity_id, n.{name} as name, {key} as key "
        f"from named n left join object o on o.id = n.object_id where n.is_new or ({changes} and (n.{name} is null "
        f"or {key} is distinct from o.key))"
    )
    if workspace.beyond is not None:
        workspace.add_context_objects(workspace.beyond.named(rule.system, workspace.frame("from renamed")["key"]))
    engine.run(
        "insert into refused select n.object_id, n.identity_id, case when n.name is null then 'NAME_FAILED' "
        "when coalesce((n.name).v, '') = '' then 'NAME_MISSING' when o.id is not null then 'NAME_TAKEN' "
        "when c.key is not null then 'NAME_CONTESTED' end as code, (n.name).v from renamed n "
        "left join (select key from renamed group by key having count(*) > 1) c on c.key = n.key "
        f"left join (select system, key, min(id) as id from object where system = {literal(rule.system)}"
        + ("" if has_dn else f" and type = {literal(rule.object_type)}")
        + " group by all) o on o.key = n.key and o.id <> n.object_id"
    )
    engine.run("delete from refused where code is null")
    for code in ("NAME_FAILED", "NAME_MISSING", "NAME_TAKEN", "NAME_CONTESTED"):
        record(
            workspace,
            code,
            f"select null::bigint as object_id, identity_id, evidence from refused where code = {literal(code)}",
            rule=rule.name,
        )


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
    engine.run(
        f"insert into kept_elsewhere select identity_id, {system}, {object_type}, {literal(rule.slot)}, object_id "
        f"from {account}"
    )


def _attempt_text(expression: Expression | None) -> str:
    return "{'v': null::varchar}" if expression is None else attempt(f"({expression.sql})::varchar")
