"""What accounts that left become: deleted, or disabled with the values and in the container that the rule declares."""

from accord.engine.frames import literal, quote
from accord.model.rules import OnLeave, OutboundRule
from accord.sync.comparing import insert_updates, report_failures, wished
from accord.sync.compiling import CompiledOutbound
from accord.sync.problems import record
from accord.sync.relations import identity_relation
from accord.sync.workspace import Workspace

_OWN_NAME = r"regexp_extract(o.dn, '^(?:\\.|[^\\,])*')"
"""The first part of an account's name, up to the comma that is not escaped."""


def diff_leavers(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Add to wanted_export the deletions, disabled values and moves of accounts that left this rule's scope."""
    rule = outbound.rule
    if rule.on_leave is OnLeave.DELETE:
        workspace.engine.run(
            f"insert into wanted_export select l.object_id, l.identity_id, {literal(rule.system)}, "
            f"{literal(rule.object_type)}, {literal(rule.name)}, 'delete', o.dn, null, null, null, 'left scope' "
            f"from ({_leavers(rule)}) l join object o on o.id = l.object_id"
        )
    if rule.on_leave is OnLeave.DISABLE:
        _disable(workspace, outbound)


def _leavers(rule: OutboundRule) -> str:
    return (
        f"select object_id, identity_id from left_account where rule = {literal(rule.name)} "
        f"and action = {literal(rule.on_leave)}"
    )


def _disable(workspace: Workspace, outbound: CompiledOutbound) -> None:
    rule = outbound.rule
    flows = [f for f in outbound.disable if f.reference is None]
    last = quote(f"known:{rule.identity_type}")
    known = (
        f"(from {identity_relation(rule.identity_type)} union all by name "
        f"from {last} where _id in (select id from ended))"
    )
    _name_leavers(workspace, rule)
    who = "select identity_id, object_id, dn, now_dn from leaving"
    workspace.engine.run(f"create or replace temp table wish as {wished(workspace, known, who, flows)}")
    report_failures(workspace, rule, flows)
    insert_updates(workspace, rule, flows, operation="'disable'", reason="left scope")
    workspace.drop("wish", "leaving")


def _name_leavers(workspace: Workspace, rule: OutboundRule) -> None:
    """Make leaving(identity_id, object_id, dn, now_dn): dn where an account moves; one that cannot stays in place."""
    engine, container = workspace.engine, rule.disable_container
    wanted = "null::varchar" if container is None else f"{_OWN_NAME} || {literal(',' + container)}"
    engine.run(
        f"create or replace temp table leaving as select l.identity_id, l.object_id, {wanted} as dn, o.dn as now_dn "
        f"from ({_leavers(rule)}) l join object o on o.id = l.object_id"
    )
    if container is None:
        return
    moving = "select object_id, identity_id, dn, lower(dn) as key from leaving where lower(dn) <> lower(now_dn)"
    if workspace.beyond is not None:
        workspace.add_context_objects(workspace.beyond.named(rule.system, workspace.frame(moving)["key"]))
    engine.run(
        "create or replace temp table refused as select m.object_id, m.identity_id, m.dn as evidence, "
        "case when o.key is not null then 'NAME_TAKEN' else 'NAME_CONTESTED' end as code "
        f"from ({moving}) m left join (select distinct key from object where system = {literal(rule.system)}) o "
        f"on o.key = m.key where o.key is not null or m.key in (select key from ({moving}) group by key "
        "having count(*) > 1)"
    )
    for code in ("NAME_TAKEN", "NAME_CONTESTED"):
        refused = f"select object_id, identity_id, evidence from refused where code = {literal(code)}"
        record(workspace, code, refused, rule=rule.name)
    engine.run("update leaving set dn = null where object_id in (select object_id from refused)")
