-- name: answer_journal
-- The plus keeps SQLite from going through all of the activity's entries for each result.
update journal set state = s.state, code = s.code, message = s.message, anchor = coalesce(s.anchor, journal.anchor)
from staged_results s
where s.object_id = journal.object_id and journal.state = 'sending' and +journal.activity = :activity

-- name: record_failures
update pending set state = s.state, attempts = attempts + 1, due_at = s.due_at, code = s.code,
  message = s.message, sent_by = :activity
from staged_results s where s.object_id = pending.object_id and s.state in ('failed', 'unknown')

-- name: record_sent
update pending set state = 'exported', attempts = attempts + 1, due_at = null, code = '', message = '',
  sent_by = :activity
from staged_results s where s.object_id = pending.object_id and s.state = 'done'

-- name: keep_for_references
-- Values are sent, references are left: from here on it is an export of these alone.
update pending set state = 'pending', operation = 'update', dn = coalesce(new_dn, dn), new_dn = null,
  before = null, after = null, place = :place + length(coalesce(new_dn, dn, ''))
where state = 'exported' and operation <> 'delete'
  and object_id in (select object_id from staged_results where state = 'done')
  and object_id in (select object_id from pending_edge where state = 'pending')

-- name: taken_anchors
select m.id, s.anchor, o.id as other_id
from staged_done s join object m on m.id = s.object_id
  join object o on o.anchor = s.anchor and o.type = m.type and o.system = m.system and o.id <> m.id
order by m.id limit 1

-- name: remember_objects
insert into history (activity, kind, subject, operation, before, before_dn, system, type, anchor)
select :activity, 'object', o.id, 'update', o.doc, o.dn, o.system, o.type, o.anchor
from object o join staged_done s on s.object_id = o.id order by o.id

-- name: apply_objects
update object set anchor = coalesce(s.anchor, object.anchor), dn = s.dn, dn_key = s.dn_key, hash = s.hash,
  doc = s.doc, changed_by = :activity
from staged_done s where s.object_id = object.id

-- name: remember_deleted_objects
insert into history (activity, kind, subject, operation, before, before_dn, system, type, anchor, created_by)
select :activity, 'object', o.id, 'remove', o.doc, o.dn, o.system, o.type, o.anchor, o.created_by
from object o join staged_deleted s on s.object_id = o.id order by o.id

-- name: remember_deleted_links
insert into history (activity, kind, subject, operation, type, attr, dst, created_by)
select :activity, 'link', l.object_id, 'remove', l.how, l.rule, cast(l.identity_id as text), l.created_by
from link l join staged_deleted s on s.object_id = l.object_id order by l.object_id

-- name: remember_deleted_edges
insert into history (activity, kind, subject, operation, attr, dst)
select :activity, 'edge', e.src, 'remove', e.attr, e.dst
from edge e join staged_deleted s on s.object_id = e.src order by e.src, e.attr, e.dst

-- name: delete_edges
delete from edge where src in (select object_id from staged_deleted)

-- name: delete_links
delete from link where object_id in (select object_id from staged_deleted)

-- name: delete_pending_edges
delete from pending_edge where object_id in (select object_id from staged_deleted)

-- name: delete_pending
delete from pending where object_id in (select object_id from staged_deleted)

-- name: delete_objects
delete from object where id in (select object_id from staged_deleted)

-- name: mark_edges
update pending_edge set state = 'exported'
where (object_id, attr, dst_object, dst_text, change) in
  (select object_id, attr, dst_object, dst_text, change from staged_edges)

-- name: new_edges
select distinct s.object_id as src, s.attr, s.dst from staged_edges s
where s.change = 'add' and not exists
  (select 1 from edge e where e.src = s.object_id and e.attr = s.attr and e.dst = s.dst)

-- name: old_edges
select distinct s.object_id as src, s.attr, s.dst from staged_edges s
where s.change = 'remove' and exists
  (select 1 from edge e where e.src = s.object_id and e.attr = s.attr and e.dst = s.dst)

-- name: add_edges
insert into edge (src, attr, dst) select object_id, attr, dst from staged_edges where change = 'add'
on conflict (src, attr, dst) do nothing

-- name: remove_edges
delete from edge where (src, attr, dst) in
  (select object_id, attr, dst from staged_edges where change = 'remove')
