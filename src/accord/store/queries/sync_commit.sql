-- name: remember_removed_identities
insert into history (activity, kind, subject, operation, before, type, gone_since, created_by, origin)
select :activity, 'identity', i.id, 'remove', i.doc, i.type, i.gone_since, i.created_by, i.origin
from identity i join staged_removed s on s.id = i.id order by i.id

-- name: remember_edges_of_removed
insert into history (activity, kind, subject, operation, attr, dst)
select :activity, 'identity_edge', e.src, 'remove', e.attr, cast(e.dst as text)
from identity_edge e
where e.src in (select id from staged_removed) or e.dst in (select id from staged_removed)
order by e.src, e.attr, e.dst

-- name: remove_edges_of_removed
delete from identity_edge
where src in (select id from staged_removed) or dst in (select id from staged_removed)

-- name: remove_identities
delete from identity where id in (select id from staged_removed)

-- name: remember_gone_identities
insert into history (activity, kind, subject, operation, before, type, gone_since, origin)
select :activity, 'identity', i.id, 'update', i.doc, i.type, i.gone_since, i.origin
from identity i join staged_gone s on s.id = i.id order by i.id

-- name: mark_gone_identities
update identity set gone_since = s.gone_since, changed_by = :activity from staged_gone s where s.id = identity.id

-- name: remember_updated_identities
insert into history (activity, kind, subject, operation, before, type, gone_since, origin)
select :activity, 'identity', i.id, 'update', i.doc, i.type, i.gone_since, i.origin
from identity i join staged_updated s on s.id = i.id order by i.id

-- name: update_identities
update identity set doc = s.doc, origin = s.origin, changed_by = :activity
from staged_updated s where s.id = identity.id

-- name: add_origins
insert into origin (id, doc) select id, doc from staged_origins where true on conflict (id) do nothing

-- name: remember_removed_edges
insert into history (activity, kind, subject, operation, attr, dst)
select :activity, 'identity_edge', e.src, 'remove', e.attr, cast(e.dst as text)
from identity_edge e join staged_edges_removed s on s.src = e.src and s.attr = e.attr and s.dst = e.dst
order by e.src, e.attr, e.dst

-- name: remove_edges
delete from identity_edge where (src, attr, dst) in (select src, attr, dst from staged_edges_removed)

-- name: remember_removed_links
insert into history (activity, kind, subject, operation, type, attr, dst, created_by)
select :activity, 'link', l.object_id, 'remove', l.how, l.rule, cast(l.identity_id as text), l.created_by
from link l join staged_links_removed s on s.object_id = l.object_id and s.identity_id = l.identity_id
order by l.object_id

-- name: remove_links
delete from link where (object_id, identity_id) in (select object_id, identity_id from staged_links_removed)

-- name: systems_of_unplanned
select distinct system from object where doc is null and id in (select id from staged_unplanned)

-- name: remember_unplanned_links
insert into history (activity, kind, subject, operation, type, attr, dst, created_by)
select :activity, 'link', l.object_id, 'remove', l.how, l.rule, cast(l.identity_id as text), l.created_by
from link l
where l.object_id in (select o.id from object o join staged_unplanned s on s.id = o.id where o.doc is null)
order by l.object_id

-- name: remove_unplanned_links
delete from link
where object_id in (select o.id from object o join staged_unplanned s on s.id = o.id where o.doc is null)

-- name: remove_unplanned_pending
delete from pending
where object_id in (select o.id from object o join staged_unplanned s on s.id = o.id where o.doc is null)

-- name: remove_unplanned_pending_edges
delete from pending_edge
where object_id in (select o.id from object o join staged_unplanned s on s.id = o.id where o.doc is null)

-- name: remove_unplanned
-- An object that exists by now is no longer planned and stays.
delete from object where doc is null and id in (select id from staged_unplanned)

-- name: remove_pending
delete from pending where object_id in (select id from staged_pending_removed)

-- name: remove_pending_edges_of_removed
delete from pending_edge where object_id in (select id from staged_pending_removed)

-- name: remove_pending_edges
delete from pending_edge where (object_id, attr, dst_object, dst_text, change) in
  (select object_id, attr, dst_object, dst_text, change from staged_pending_edges_removed)

-- name: forget_other_pending
-- Another change starts afresh. One without an answer stays unknown until an import settles it: sending the next
-- one blindly could do the former twice.
delete from pending where state <> 'unknown' and object_id in (
  select p.object_id from pending p join staged_pending_put s on s.object_id = p.object_id
  where p.operation <> s.operation or p.dn is distinct from s.dn or p.new_dn is distinct from s.new_dn
    or p.before is distinct from s.before or p.after is distinct from s.after)

-- name: put_pending
-- The same change again keeps its attempts and its waiting time, so that planning does not defeat the back-off.
insert into pending (object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, code, message, planned_by, place)
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, code, message, planned_by, place
from staged_pending_put where true
on conflict (object_id) do update set
  identity_id = excluded.identity_id, system = excluded.system, type = excluded.type, rule = excluded.rule,
  operation = excluded.operation, dn = excluded.dn, new_dn = excluded.new_dn, before = excluded.before,
  after = excluded.after, reason = excluded.reason, planned_by = excluded.planned_by,
  place = excluded.place,
  state = case when pending.state in ('unknown', 'failed') then pending.state else 'pending' end

-- name: put_pending_edges
insert into pending_edge (object_id, attr, change, dst_object, dst_text, state)
select object_id, attr, change, dst_object, dst_text, 'pending' from staged_pending_edges_put
where true order by object_id, attr, change, dst_object, dst_text
on conflict (object_id, attr, change, dst_object, dst_text) do update set state = 'pending'

-- name: carry_pending_edges
-- Every object with references to send has a pending export that carries them, if only with nothing else in it.
insert into pending (object_id, identity_id, system, type, rule, operation, dn, reason,
  state, attempts, code, message, planned_by, place)
select o.id, l.identity_id, o.system, o.type, l.rule, 'update', o.dn, 'references', 'pending', 0, '', '', :activity,
  :place + length(coalesce(o.dn, ''))
from object o left join link l on l.object_id = o.id
where o.id in (select object_id from staged_alone)
on conflict (object_id) do nothing

-- name: has_pending
select case when exists (select 1 from pending) then 1 else 0 end

-- name: has_pending_edges
select case when exists (select 1 from pending_edge) then 1 else 0 end

-- name: known_objects
select id from object where id in (select id from staged_wanted)

-- name: remember_renamed
insert into history (activity, kind, subject, operation, before, before_dn, system, type, anchor)
select :activity, 'object', o.id, 'update', o.doc, o.dn, o.system, o.type, o.anchor
from object o join staged_renamed s on s.id = o.id where o.doc is null order by o.id

-- name: rename_planned
update object set anchor = s.anchor, dn = s.dn, dn_key = s.dn_key, changed_by = :activity
from staged_renamed s where s.id = object.id and object.doc is null

-- name: remove_reviews
delete from review where (object_id, identity_id) in (select object_id, identity_id from staged_reviews)
