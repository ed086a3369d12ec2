"""Undoing a synchronisation: identities, links, references as they were; what it planned no longer waits."""

from accord.sync.rewinding import CODE, Trace, chosen, document, value_in
from accord.sync.workspace import Workspace


def restore_identities(workspace: Workspace, trace: Trace) -> None:
    """Fill identity_change, gone_back, new_link, old_link, edges, unplanned, pending_removed and problem."""
    _keep(workspace, trace)
    is_whole = trace.choice.attribute is None
    _change_identities(workspace, is_whole=is_whole)
    if is_whole:
        _change_links(workspace, trace)
        _withdraw(workspace, trace)
    _change_edges(workspace)


def _keep(workspace: Workspace, trace: Trace) -> None:
    """Find the identities that the run made and that must stay, because later runs built on them."""
    engine = workspace.engine
    engine.run(
        "create table made as select m.id, i.type, i.doc, m.changed_by from made_identity m "
        f"join now_identity i on i.id = m.id where {chosen(trace.choice, 'identity', 'm.id')}"
    )
    engine.run(
        "create table built_on as select id, min(message) as message from ("
        "select id, 'A' || changed_by || ' changed it since' as message from made where changed_by <> "
        f"{trace.activity} "
        "union all select l.identity_id, 'its account ' || coalesce(o.dn, o.anchor) || ' was made in ' "
        "|| o.system "
        "|| ' since: undo that export first' from stored_link l join object o on o.id = l.object_id "
        "join made_object m on m.id = o.id where not o.is_planned "
        "union all select l.identity_id, 'a change of it was sent to ' || p.system || ' and never "
        "answered: import ' "
        "|| p.system || ' first' from stored_link l join stored_pending p on p.object_id = l.object_id "
        "where p.state = 'unknown' "
        "union all select l.identity_id, coalesce(o.dn, o.anchor) || ' of ' || o.system || ' was linked "
        "to it since' "
        "from stored_link l join object o on o.id = l.object_id "
        "anti join made_link m on m.object_id = l.object_id) where id in (select id from made) group by id"
    )
    ours = "select src, attr, dst from edge_turn where kind = 'identity_edge' and operation = 'add'"
    growing = (
        "insert into built_on select e.dst, 'others refer to it' from stored_edge e join made m on m.id = e.dst "
        "where e.src not in (select id from made anti join built_on using (id)) and e.dst not in "
        f"(select id from built_on) and (e.src, e.attr, e.dst::varchar) not in ({ours}) group by e.dst"
    )
    count = -1
    while count != (count := int(engine.value("select count(*) from built_on"))):
        engine.run(growing)
    engine.run(
        "create table kept_object as select l.object_id as id from stored_link l join built_on b on b.id "
        "= l.identity_id"
    )


def _change_identities(workspace: Workspace, *, is_whole: bool) -> None:
    engine = workspace.engine
    later = "coalesce('A' || t.since, 'a later run')"
    if is_whole:
        engine.run(
            "insert into identity_change select id, type, null, null, doc, 'remove' from made anti join "
            "built_on using (id)"
        )
        engine.run(
            "insert into identity_change select id, type, before, 0, null, 'add' from turned "
            "where kind = 'identity' and operation = 'remove' and not is_there"
        )
        engine.run(
            "insert into gone_back select id, before_gone from turned where kind = 'identity' and "
            "operation <> 'remove' "
            "and is_there and before_gone is distinct from after_gone and now_gone is not distinct from after_gone"
        )
        engine.run(
            f"insert into problem select '', m.type, null, b.id, null, null, null, '{CODE}', b.message "
            "from built_on b join made m on m.id = b.id union all "
            f"select '', t.type, null, t.id, null, null, null, '{CODE}', {later} || ' removed it since' "
            "from turned t "
            "where t.kind = 'identity' and t.operation <> 'remove' and not t.is_there union all "
            f"select '', t.type, null, t.id, null, null, null, '{CODE}', 'it is there again and was changed' "
            "from turned t where t.kind = 'identity' and t.operation = 'remove' and t.is_there "
            "and t.now is distinct from t.before"
        )
    engine.run(
        f"insert into problem select '', t.type, null, t.id, null, null, v.attribute, '{CODE}', "
        f"{later} || ' changed this value since' from value_change v join turned t on t.id = v.id and "
        "t.kind = v.kind "
        "where v.kind = 'identity' and v.what = 'changed'"
    )
    _change_values(workspace)


def _change_values(workspace: Workspace) -> None:
    """Put back the values that are as the run left them; all other values stay as they are now."""
    workspace.engine.run(
        "insert into identity_change select id, type, doc, origin, now, 'update' from ("
        f"select t.id, t.type, t.origin, t.now, {document('value')} as doc from ("
        "select x.*, case when v.id is not null then v.b else x.held end as value from ("
        f"select *, {value_in('now')} as held from ("
        "select id, type, origin, now, unnest(list_distinct(list_concat(json_keys(now), "
        "json_keys(before)))) as attribute "
        "from turned where kind = 'identity' and operation <> 'remove' and is_there and id in "
        "(select id from value_change where kind = 'identity' and what = 'back'))) x "
        "left join value_change v on v.kind = 'identity' and v.what = 'back' and v.id = x.id "
        "and v.attribute = x.attribute) t group by t.id, t.type, t.origin, t.now)"
    )


def _change_links(workspace: Workspace, trace: Trace) -> None:
    engine = workspace.engine
    wanted = f"({chosen(trace.choice, 'identity', 'l.identity_id')} or {_objects(trace, 'l.object_id')})"
    real = "select m.id from made_object m join object o on o.id = m.id and not o.is_planned"
    engine.run(
        "insert into old_link select l.* from stored_link l semi join made_link m on m.object_id = l.object_id "
        f"where {wanted} and l.object_id not in (select id from kept_object) and l.object_id not in ({real})"
    )
    engine.run(
        "insert into problem select o.system, o.type, o.id, l.identity_id, coalesce(o.dn, o.anchor), "
        f"null, null, '{CODE}', "
        "'the account was made since: undo that export first' from stored_link l "
        "join made_link m on m.object_id = l.object_id join object o on o.id = l.object_id "
        f"where {wanted} and o.id in ({real}) and l.object_id not in (select id from kept_object)"
    )
    _restore_links(workspace, trace, wanted)


def _restore_links(workspace: Workspace, trace: Trace, wanted: str) -> None:
    """Bring links back, also those of objects that are missing as then: a synchronisation decides about these."""
    engine = workspace.engine
    engine.run(
        "create table lost_link as select l.* from (select subject as object_id, dst::bigint as identity_id, "
        f"attr as rule, type as how from hist where activity = {trace.activity} and kind = 'link' "
        f"and operation = 'remove') l where {wanted} and not exists (select 1 from stored_link s "
        "where s.object_id = l.object_id and s.identity_id = l.identity_id)"
    )
    alive = (
        "(select id from stored_identity where id not in (select id from identity_change where operation "
        "= 'remove') "
        "union select id from identity_change where operation = 'add')"
    )
    engine.run(
        "create table link_verdict as select l.*, case "
        f"when l.identity_id not in {alive} then 'the identity it belonged to is no longer there' "
        "when s.object_id is not null then 'it belongs to another identity since' end as message, "
        "o.system, o.type, coalesce(o.dn, o.anchor) as name from lost_link l left join object o on o.id "
        "= l.object_id "
        "left join (select object_id from stored_link where object_id not in (select object_id from old_link)) s "
        "on s.object_id = l.object_id"
    )
    engine.run("insert into new_link select object_id, identity_id, rule, how from link_verdict where message is null")
    engine.run(
        "insert into problem select coalesce(system, ''), coalesce(type, ''), object_id, identity_id, "
        "name, rule, null, "
        f"'{CODE}', message from link_verdict where message is not null"
    )


def _withdraw(workspace: Workspace, trace: Trace) -> None:
    """Drop what the run planned and nobody sent: accounts that are planned only, and pending exports."""
    engine = workspace.engine
    wanted = f"({_objects(trace, 'p.object_id')} or {_linked(trace, 'p.object_id')})"
    engine.run(
        "insert into pending_removed select p.object_id from stored_pending p join waiting w on "
        "w.object_id = p.object_id "
        f"where w.planned_by = {trace.activity} and p.state in ('pending', 'failed') and {wanted} "
        "and p.object_id not in (select id from kept_object)"
    )
    engine.run(
        f"insert into problem select p.system, p.type, p.object_id, p.identity_id, p.dn, p.rule, null, '{CODE}', "
        "'it was sent and never answered: import ' || p.system || ' first' from stored_pending p "
        f"join waiting w on w.object_id = p.object_id where w.planned_by = {trace.activity} and p.state = "
        "'unknown' "
        f"and {wanted} and p.object_id not in (select id from kept_object)"
    )
    engine.run(
        "insert into unplanned select p.object_id from (select id as object_id from made_object "
        f"join object o using (id) where o.is_planned) p where {wanted} "
        "and p.object_id not in (select id from kept_object) "
        "and p.object_id not in (select object_id from stored_pending where state = 'unknown')"
    )


def _change_edges(workspace: Workspace) -> None:
    engine = workspace.engine
    engine.run(
        "create table alive as select id from stored_identity "
        "where id not in (select id from identity_change where operation = 'remove') "
        "union select id from identity_change where operation = 'add'"
    )
    engine.run(
        "insert into old_edge select src, attr, dst::bigint from edge_back where kind = 'identity_edge' "
        "and change = 'remove' and dst::bigint not in (select id from built_on)"
    )
    engine.run(
        "insert into new_edge select src, attr, dst::bigint from edge_back where kind = 'identity_edge' "
        "and change = 'add' and src in (select id from alive) and dst::bigint in (select id from alive)"
    )
    engine.run(
        f"insert into problem select '', t.type, null, e.src, null, null, e.attr, '{CODE}', "
        "'this reference was changed since' from edge_changed e join turned t on t.id = e.src and t.kind "
        "= 'identity' "
        "where e.kind = 'identity_edge' union all "
        f"select '', '', null, e.src, null, null, e.attr, '{CODE}', 'who it referred to is no longer there' "
        "from edge_back e where e.kind = 'identity_edge' and e.change = 'add' and e.src in (select id from alive) "
        "and e.dst::bigint not in (select id from alive)"
    )


def _objects(trace: Trace, column: str) -> str:
    return chosen(trace.choice, "object", column)


def _linked(trace: Trace, column: str) -> str:
    identities = chosen(trace.choice, "identity", "identity_id")
    return f"{column} in (select object_id from stored_link where {identities})"
