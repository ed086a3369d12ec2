"""Undoing an export: the pending exports that put the target's objects back to what they were."""

from accord.engine.frames import literal
from accord.sync.rewinding import CODE, Trace, document, value_in
from accord.sync.workspace import Workspace


def return_objects(workspace: Workspace, trace: Trace) -> None:
    """Fill pending_put, pending_edge_put, planned, new_link and problem with what undoes an export."""
    engine = workspace.engine
    _block(workspace, trace)
    engine.run(
        "create table free_turn as select t.* from turned t "
        "where t.kind = 'object' and t.id not in (select id from blocked)"
    )
    engine.run(
        "create table value_back as select * from value_change v where kind = 'object' and what = 'back' "
        "and id in (select id from free_turn) and exists (select 1 from attribute_fact f "
        "where f.system = v.system and f.type = v.type and f.attribute = v.attribute and f.on_update)"
    )
    reason = literal(f"undo of A{trace.activity}")
    if trace.choice.attribute is None:
        _delete(workspace, reason)
        _create(workspace, trace, reason)
    _update(workspace, trace, reason)
    _return_edges(workspace, reason)


def _block(workspace: Workspace, trace: Trace) -> None:
    """Find what must not be touched, and what of the rest was changed again; each is told."""
    engine = workspace.engine
    later = "coalesce('A' || t.since, 'a later run')"
    engine.run(
        "create table blocked as select id, min(message) as message from ("
        "select t.id, 'it was sent a change that was never answered: import ' || t.system || ' first' as message "
        "from turned t join stored_pending p on p.object_id = t.id and p.state = 'unknown' "
        "union all select t.id, 'A' || w.planned_by || ' planned another change of it, which waits to be "
        "exported' "
        "from turned t join stored_pending p on p.object_id = t.id and p.state in ('pending', 'failed') "
        f"join waiting w on w.object_id = t.id and w.planned_by > {trace.activity} "
        f"union all select t.id, {later} || ' removed it since' from turned t "
        "where t.operation <> 'remove' and not t.is_there and t.before is not null "
        "union all select t.id, 'it is there again' from turned t where t.operation = 'remove' and t.is_there "
        "union all select t.id, 'another object has its name' from turned t join object o on o.system = t.system "
        "and o.id <> t.id and (lower(o.dn) = lower(t.before_dn) or (o.anchor = t.anchor and o.type = t.type)) "
        "where t.operation = 'remove' and not t.is_there "
        f"union all select t.id, {later} || ' changed it since: ' || string_agg(t.attribute, ', ' order "
        "by t.attribute) "
        f"from {_made()} where t.a is distinct from t.n group by t.id, t.since "
        f"union all select t.id, {later} || ' renamed it since' from turned t where t.before is null "
        "and t.operation <> 'remove' and t.is_there and lower(t.now_dn) is distinct from lower(t.after_dn)"
        ") where id in (select id from turned where kind = 'object') group by id"
    )
    columns = "t.system, t.type, t.id, null, coalesce(t.now_dn, t.before_dn, t.anchor), null"
    engine.run(
        f"insert into problem select {columns}, null, '{CODE}', b.message from blocked b "
        "join turned t on t.id = b.id and t.kind = 'object' union all "
        f"select {columns}, v.attribute, '{CODE}', {later} || ' changed this value since' from value_change v "
        "join turned t on t.id = v.id and t.kind = v.kind where v.kind = 'object' and v.what = 'changed' "
        "and v.id not in (select id from blocked) union all "
        f"select {columns}, 'dn', '{CODE}', {later} || ' renamed it since' from turned t where {_renamed()} "
        "and lower(t.now_dn) <> lower(t.after_dn) and lower(t.now_dn) <> lower(t.before_dn) "
        "and t.id not in (select id from blocked) union all "
        f"select {columns}, e.attr, '{CODE}', 'this reference was changed since' from edge_changed e "
        "join turned t on t.id = e.src and t.kind = 'object' where e.kind = 'edge' "
        "and t.before is not null and t.id not in (select id from blocked)"
    )


def _made() -> str:
    """Return the relation of attributes of objects that the run created: as it left them, and as they are."""
    return (
        f"(select *, {value_in('after')} as a, {value_in('now')} as n from "
        "(select *, unnest(json_keys(after)) as attribute from turned where kind = 'object' and before is null "
        "and operation <> 'remove' and is_there and after is not null)) t"
    )


def _renamed() -> str:
    return (
        "t.kind = 'object' and t.before is not null and t.operation <> 'remove' and t.is_there "
        "and lower(t.before_dn) <> lower(t.after_dn)"
    )


def _delete(workspace: Workspace, reason: str) -> None:
    workspace.engine.run(
        "insert into pending_put select t.id, l.identity_id, t.system, t.type, l.rule, 'delete', t.now_dn, null, "
        f"null, null, {reason} from free_turn t left join stored_link l on l.object_id = t.id "
        "where t.before is null and t.operation <> 'remove' and t.is_there and t.now is not null"
    )


def _create(workspace: Workspace, trace: Trace, reason: str) -> None:
    """Bring objects back under their old id, with the link they had; a system that gives anchors gives a new one."""
    engine = workspace.engine
    assigning = ", ".join(literal(s) for s in sorted(trace.assigning)) or "''"
    gone = "t.operation = 'remove' and not t.is_there and t.before is not null"
    engine.run(
        f"insert into planned select t.id, t.system, t.type, case when t.system in ({assigning}) then null "
        f"else t.anchor end, t.before_dn from free_turn t where {gone}"
    )
    engine.run(
        "insert into new_link select h.subject, h.dst::bigint, h.attr, h.type from hist h "
        f"where h.activity = {trace.activity} and h.kind = 'link' and h.operation = 'remove' "
        "and h.subject in (select id from planned) and h.dst::bigint in (select id from stored_identity) "
        "and h.subject not in (select object_id from stored_link)"
    )
    engine.run(
        "insert into pending_put select t.id, any_value(l.identity_id), t.system, t.type, any_value(l.rule), "
        f"'create', t.before_dn, null, null, {document('t.b')}, {reason} from "
        f"(select *, {value_in('before')} as b "
        f"from (select *, unnest(json_keys(before)) as attribute from free_turn t where {gone})) t "
        "semi join attribute_fact f on f.system = t.system and f.type = t.type and f.attribute = t.attribute "
        "and f.on_create left join (from new_link union from stored_link) l on l.object_id = t.id group "
        "by t.id, t.system, t.type, t.before_dn"
    )


def _update(workspace: Workspace, trace: Trace, reason: str) -> None:
    is_renamed = f"{_renamed()} and lower(t.now_dn) = lower(t.after_dn)"
    if trace.choice.attribute is not None and trace.choice.attribute.lower() != "dn":
        is_renamed = "false"
    workspace.engine.run(
        "insert into pending_put select t.id, l.identity_id, t.system, t.type, l.rule, "
        f"case when {is_renamed} then 'rename' else 'update' end, t.now_dn, "
        f"case when {is_renamed} then t.before_dn end, v.held, v.wanted, {reason} from free_turn t "
        f"left join (select id, {document('n')} as held, {document('b')} as wanted from value_back group by id) v "
        "on v.id = t.id left join stored_link l on l.object_id = t.id "
        "where t.before is not null and t.operation <> 'remove' and t.is_there and (v.id is not null or "
        f"({is_renamed}))"
    )


def _return_edges(workspace: Workspace, reason: str) -> None:
    """Put references back by the object they name where there is one, also one that is planned only."""
    engine = workspace.engine
    engine.run(
        "create view named as select id, system, key from object union "
        "select id, system, case when exists (select 1 from attribute_fact f where f.system = p.system "
        "and f.type = p.type and f.has_dn) then lower(p.dn) else p.anchor end from planned p"
    )
    engine.run(
        "insert into pending_edge_put select e.src, e.attr, e.change, min(d.id), "
        "case when min(d.id) is null then e.dst end from edge_back e "
        "join free_turn t on t.id = e.src and t.before is not null "
        "join attribute_fact f on f.system = t.system and f.type = t.type and f.attribute = e.attr and "
        "f.on_update "
        "left join named d on d.system = t.system and d.key = e.dst "
        "where e.kind = 'edge' and (t.is_there or t.id in (select id from planned)) group by e.src, "
        "e.attr, e.change, e.dst"
    )
    engine.run(
        "insert into pending_put select distinct t.id, l.identity_id, t.system, t.type, l.rule, "
        "'update', t.now_dn, "
        f"null, null, null, {reason} from pending_edge_put e join free_turn t on t.id = e.object_id "
        "left join stored_link l on l.object_id = t.id anti join pending_put p on p.object_id = e.object_id"
    )
    engine.run(
        "insert into pending_edge_dropped select s.* from stored_pending_edge s "
        "semi join pending_put p on p.object_id = s.object_id"
    )
