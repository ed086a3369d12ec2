-- name: read_pending
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending

-- name: read_pending_of_system
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending where system = :system

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
-- A parent's dn is a part of its children's, so it is shorter. An object with nothing but references to send is
-- claimed only when one of them can be sent, else it would be claimed for ever.
with ready as (
  select p.*, case when p.state = 'exported' then 1 else 0 end as is_rest,
    case when exists (
      select 1 from pending_edge e left join object d on d.id = e.dst_object
      where e.object_id = p.object_id and e.state = 'pending' and (e.dst_object = 0 or d.doc is not null)
    ) then 1 else 0 end as has_edges
  from pending p
  where p.system = :system and (p.due_at is null or p.due_at <= :now)
    and (p.state in ('pending', 'exported') or (p.state = 'failed' and p.due_at is not null))
), chosen as (
  select r.*, case when is_rest = 1 then 'update' else operation end as now_operation,
    row_number() over (order by
      case when is_rest = 1 then 2 when operation = 'create' then 1 when operation = 'update' then 2
        when operation = 'rename' then 3 else 4 end,
      case when operation = 'delete' then -length(coalesce(dn, '')) else length(coalesce(dn, '')) end,
      object_id) as place
  from ready r
  where has_edges = 1 or (is_rest = 0
    and (operation <> 'update' or before is not null or after is not null or new_dn is not null))
)
select c.object_id, c.identity_id, c.system, c.type, c.rule, c.now_operation as operation,
  case when c.is_rest = 1 then o.dn else c.dn end as dn,
  case when c.is_rest = 1 then null else c.new_dn end as new_dn,
  case when c.is_rest = 1 then null else c.before end as before,
  case when c.is_rest = 1 then null else c.after end as after,
  c.reason, c.state, c.attempts, c.due_at, c.code, c.message, o.anchor, o.doc, o.hash, c.place
from chosen c left join object o on o.id = c.object_id
where c.place <= :limit

-- name: mark_not_confirmed
update pending set state = s.state, code = s.code, message = s.message, due_at = s.due_at
from staged_not_confirmed s
where s.object_id = pending.object_id and pending.system = :system and pending.state = 'exported'
returning pending.object_id

-- name: drop_confirmed_edges
-- Those of objects shown differently too: the next synchronisation compares references anew.
delete from pending_edge where state = 'exported'
  and object_id in (select object_id from pending where system = :system)

-- name: drop_answered_unknown
delete from pending where system = :system and state = 'unknown' and (
  not exists (select 1 from object o where o.id = pending.object_id)
  or (operation = 'create' and exists (select 1 from object o where o.id = pending.object_id and o.doc is not null)))
returning object_id

-- name: requeue_unknown
update pending set state = 'pending', due_at = null where system = :system and state = 'unknown'
returning object_id

-- name: keep_for_edges
-- Confirmed, but with references still to send: what remains is an export of these alone.
update pending set state = 'pending', operation = 'update', dn = coalesce(new_dn, dn), new_dn = null,
  before = null, after = null, reason = 'references', attempts = 0, code = '', message = ''
where system = :system and state = 'exported'
  and object_id in (select object_id from pending_edge where state = 'pending')

-- name: drop_confirmed
delete from pending where system = :system and state = 'exported' returning object_id
