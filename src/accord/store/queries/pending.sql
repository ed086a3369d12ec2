-- name: read_pending
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending

-- name: read_pending_of_system
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending where system = :system

-- name: read_pending_of
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending where object_id in (select id from staged_wanted)

-- name: read_pending_edges
select p.object_id, p.attr, p.change, nullif(p.dst_object, 0) as dst_object, nullif(p.dst_text, '') as dst_text,
  p.state, o.anchor as dst_anchor, o.dn as dst_dn,
  case when p.dst_object <> 0 and o.doc is null then 1 else 0 end as dst_is_planned
from pending_edge p left join object o on o.id = p.dst_object

-- name: read_pending_edges_of_system
select p.object_id, p.attr, p.change, nullif(p.dst_object, 0) as dst_object, nullif(p.dst_text, '') as dst_text,
  p.state, o.anchor as dst_anchor, o.dn as dst_dn,
  case when p.dst_object <> 0 and o.doc is null then 1 else 0 end as dst_is_planned
from pending_edge p join object s on s.id = p.object_id left join object o on o.id = p.dst_object
where s.system = :system

-- name: read_pending_edges_of
select p.object_id, p.attr, p.change, nullif(p.dst_object, 0) as dst_object, nullif(p.dst_text, '') as dst_text,
  p.state, o.anchor as dst_anchor, o.dn as dst_dn,
  case when p.dst_object <> 0 and o.doc is null then 1 else 0 end as dst_is_planned
from pending_edge p left join object o on o.id = p.dst_object
where p.state = 'pending' and p.object_id in (select id from staged_wanted)

-- name: claim
-- Served by the index in the order of sending, so that the hundredth claim costs as much as the first. An object
-- with nothing but references to send is claimed only when one of them can be sent, else it would be for ever.
with ready as (
  select * from (
    select p.object_id, p.place from pending p
    where p.system = :system and p.state = 'pending' and (p.due_at is null or p.due_at <= :now)
      and (p.operation <> 'update' or p.before is not null or p.after is not null or p.new_dn is not null
        or exists (
          select 1 from pending_edge e left join object d on d.id = e.dst_object
          where e.object_id = p.object_id and e.state = 'pending' and (e.dst_object = 0 or d.doc is not null)))
    order by p.place, p.object_id limit :limit) a
  union all
  select * from (
    select p.object_id, p.place from pending p
    where p.system = :system and p.state = 'failed' and p.due_at <= :now
    order by p.place, p.object_id limit :limit) b
), chosen as (
  select object_id, place from ready order by place, object_id limit :limit
)
select p.object_id, p.identity_id, p.system, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after,
  p.reason, p.state, p.attempts, p.due_at, p.code, p.message, o.anchor, o.doc, o.hash, p.place
from chosen c join pending p on p.object_id = c.object_id left join object o on o.id = p.object_id

-- name: try_again
update pending set state = 'pending', due_at = null where system = :system and state = 'failed' returning object_id

-- name: try_these_again
update pending set state = 'pending', due_at = null
where object_id in (select id from staged_wanted) and state in ('failed', 'pending')

-- name: mark_not_confirmed
update pending set state = s.state, code = s.code, message = s.message, due_at = s.due_at
from staged_not_confirmed s
where s.object_id = pending.object_id and pending.system = :system and pending.state = 'exported'
  and (:whole = 1 or pending.object_id in (select id from staged_shown))
returning pending.object_id, pending.state

-- name: drop_confirmed_edges
-- Those of objects shown differently too: the next synchronisation compares references anew.
delete from pending_edge where state = 'exported'
  and object_id in (select object_id from pending where system = :system
    and (:whole = 1 or object_id in (select id from staged_shown)))

-- name: drop_answered_unknown
delete from pending where system = :system and state = 'unknown'
  and (:whole = 1 or pending.object_id in (select id from staged_shown)) and (
  not exists (select 1 from object o where o.id = pending.object_id)
  or (operation = 'create' and exists (select 1 from object o where o.id = pending.object_id and o.doc is not null)))
returning object_id

-- name: drop_arrived
-- Whatever of it should be missing still, the next synchronisation finds.
delete from pending where system = :system and state = 'unknown'
  and object_id in (select object_id from staged_not_confirmed where state = 'arrived')
  and (:whole = 1 or object_id in (select id from staged_shown))
returning object_id

-- name: drop_edges_of_arrived
delete from pending_edge where object_id in (
  select p.object_id from pending p join staged_not_confirmed s on s.object_id = p.object_id
  where p.system = :system and p.state = 'unknown' and s.state = 'arrived'
    and (:whole = 1 or p.object_id in (select id from staged_shown)))

-- name: settle_unsent
update journal set state = 'failed', code = :code, message = :message
where activity = :activity and system = :system and state = 'sending'

-- name: requeue_unknown
update pending set state = 'pending', due_at = null where system = :system and state = 'unknown'
  and (:whole = 1 or object_id in (select id from staged_shown))
returning object_id

-- name: drop_confirmed
delete from pending where system = :system and state = 'exported'
  and (:whole = 1 or object_id in (select id from staged_shown)) returning object_id
