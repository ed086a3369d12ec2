"""What targets should hold, against what they hold: the pending exports.

The comparison is level-based: it always yields the whole difference, so earlier pending changes need no merging.
"""

from collections.abc import Sequence

from accord.engine.frames import literal, quote
from accord.engine.types import doc_of
from accord.model.rules import OutboundRule
from accord.model.schema import Writability
from accord.sync.comparing import insert_updates, report_failures, wish_of, wished
from accord.sync.compiling import CompiledFlow, CompiledOutbound
from accord.sync.enforcing import find_due, keep_due_references
from accord.sync.relations import (
    account_relation,
    failed_column,
    identity_relation,
    value_column,
)
from accord.sync.workspace import Workspace


def diff_desired(workspace: Workspace, outbound: CompiledOutbound) -> None:
    """Add to wanted_export and wanted_edge what the rule's accounts lack: values, names, references."""
    flows = [f for f in outbound.flows if f.reference is None]
    _create(workspace, outbound.rule, flows)
    _update(workspace, outbound.rule, [f for f in flows if not f.flow.initial_only])
    _make_edges(workspace, outbound)


def merge_pending(workspace: Workspace) -> None:
    """Make pending_put, pending_removed, pending_edge_put and pending_edge_removed against what is stored.

    A pending export that is wanted exactly as it stands is left alone, with its attempts and its place in time.
    """
    engine = workspace.engine
    engine.run(f"create temp table evaluated as {_evaluated(workspace)}")
    engine.run(
        "insert into wanted_export "
        "select distinct e.object_id, a.identity_id, o.system, o.type, a.rule, 'update', o.dn, "
        "null, null, null, null from wanted_edge e join object o on o.id = e.object_id "
        "join edge_account a on a.object_id = e.object_id anti join wanted_export w on w.object_id = e.object_id "
        "where not o.is_planned"
    )
    # A new account whose values could not be computed waits as a whole, references included.
    engine.run("delete from wanted_edge where object_id not in (select object_id from wanted_export)")
    if engine.value("select count(*) from stored_pending"):
        _leave_alone_what_stands(workspace)
    else:
        engine.run("create view pending_put as from wanted_export")
    engine.run(
        "create table pending_removed as select p.object_id as id from stored_pending p "
        "left join object o on o.id = p.object_id left join evaluated e on e.object_id = p.object_id "
        "anti join wanted_export w on w.object_id = p.object_id "
        "where o.id is null or (e.object_id is not null and p.state not in ('exported', 'unknown'))"
    )
    if engine.value("select count(*) from stored_pending_edge"):
        _compare_pending_edges(workspace)
    else:
        engine.run("create view pending_edge_put as from wanted_edge")
        engine.run("create view pending_edge_removed as from stored_pending_edge")


def _evaluated(workspace: Workspace) -> str:
    """Return SQL for the accounts about which this run has decided, so that what they no longer want is withdrawn."""
    accounts = [f"select object_id from {account_relation(o.rule.name)}" for o in workspace.rules.outbound]
    linked = "select l.object_id from stored_link l join object o on o.id = l.object_id"
    nobodys = (
        "select p.object_id from stored_pending p join object o on o.id = p.object_id "
        "anti join context_object c on c.id = p.object_id where p.identity_id is null"
    )
    return " union ".join([*accounts, "select object_id from left_account", linked, nobodys])


def _leave_alone_what_stands(workspace: Workspace) -> None:
    columns = "object_id, operation, dn, new_dn, before, after"
    workspace.engine.run(
        f"create table pending_put as select w.* from wanted_export w anti join "
        f"(select {columns} from stored_pending where state <> 'exported') p "
        "on p.object_id = w.object_id and p.operation = w.operation "
        "and p.dn is not distinct from w.dn and p.new_dn is not distinct from w.new_dn "
        "and p.before is not distinct from w.before and p.after is not distinct from w.after"
    )


def _compare_pending_edges(workspace: Workspace) -> None:
    engine = workspace.engine
    same = (
        "on s.object_id = e.object_id and s.attr = e.attr and s.change = e.change "
        "and s.dst_object is not distinct from e.dst_object and s.dst_text is not distinct from e.dst_text"
    )
    engine.run(f"create table pending_edge_put as select e.* from wanted_edge e anti join stored_pending_edge s {same}")
    engine.run(
        f"create table pending_edge_removed as select e.* from stored_pending_edge e anti join wanted_edge s {same} "
        "where e.object_id in (select object_id from evaluated) or e.object_id not in (select id from object)"
    )


def _create(workspace: Workspace, rule: OutboundRule, flows: Sequence[CompiledFlow]) -> None:
    """Ask for the accounts that are not there yet; one with a failing flow waits as a whole."""
    engine = workspace.engine
    after = doc_of({f.target.name: (f"p.{value_column(f.target.name)}", f.target.is_multivalued) for f in flows})
    failed = [failed_column(f.target.name) for f in flows if f.can_fail]
    query = wished(workspace, identity_relation(rule.identity_type), _accounts(rule, "o.is_planned"), flows)
    engine.run(
        f"create or replace temp table wish as select object_id, identity_id, dn, {after} as after"
        f"{''.join(f', p.{name}' for name in failed)} from ({query}) p"
    )
    report_failures(workspace, rule, flows)
    engine.run(
        f"insert into wanted_export select object_id, identity_id, {literal(rule.system)}, "
        f"{literal(rule.object_type)}, {literal(rule.name)}, 'create', dn, null, null, after, null "
        f"from wish where not ({' or '.join(failed) or 'false'})"
    )
    workspace.drop("wish")


def _update(workspace: Workspace, rule: OutboundRule, flows: Sequence[CompiledFlow]) -> None:
    """Change what differs of the accounts that are there; an attribute whose flow fails is left as it is."""
    query = wished(workspace, identity_relation(rule.identity_type), _accounts(rule, "not o.is_planned"), flows)
    workspace.engine.run(f"create or replace temp table wish as {query}")
    report_failures(workspace, rule, flows)
    compared = [f for f in flows if f.target.writability is Writability.READ_WRITE]
    find_due(workspace, rule, compared, wish_of(quote(f"known:{rule.identity_type}"), flows))
    insert_updates(workspace, rule, compared, operation=None, reason=None)
    workspace.drop("wish")


def _accounts(rule: OutboundRule, condition: str) -> str:
    return (
        "select a.identity_id, a.object_id, a.dn, o.dn as now_dn "
        f"from {account_relation(rule.name)} a join object o on o.id = a.object_id and {condition}"
    )


def _make_edges(workspace: Workspace, outbound: CompiledOutbound) -> None:
    rule, engine = outbound.rule, workspace.engine
    for flow in outbound.flows:
        if flow.reference is None:
            continue
        attribute = literal(flow.target.name)
        engine.run(
            "create or replace temp table want_edge as select a.object_id, t.object_id as dst_object "
            f"from {account_relation(rule.name)} a join new_edge e on e.src = a.identity_id "
            f"and e.attr = {literal(flow.reference)} join system_account t on t.identity_id = e.dst "
            f"and t.system = {literal(rule.system)}"
        )
        engine.run(
            "create or replace temp table have_edge as select t.src as object_id, t.dst_object, t.dst from target t "
            f"semi join {account_relation(rule.name)} a on a.object_id = t.src where t.attr = {attribute}"
        )
        keep_due_references(workspace, rule, flow)
        only_new = " semi join object o on o.id = w.object_id and o.is_planned" if flow.flow.initial_only else ""
        engine.run(
            f"insert into wanted_edge select w.object_id, {attribute}, 'add', w.dst_object, null from want_edge w"
            f"{only_new} anti join have_edge h on h.object_id = w.object_id and h.dst_object = w.dst_object"
        )
        if not flow.flow.initial_only:
            engine.run(
                f"insert into wanted_edge select distinct h.object_id, {attribute}, 'remove', h.dst_object, "
                "case when h.dst_object is null then h.dst end from have_edge h "
                "anti join want_edge w on w.object_id = h.object_id and w.dst_object = h.dst_object"
            )
        engine.run(
            f"insert into edge_account select a.object_id, a.identity_id, {literal(rule.name)} "
            f"from {account_relation(rule.name)} a anti join edge_account x on x.object_id = a.object_id"
        )
