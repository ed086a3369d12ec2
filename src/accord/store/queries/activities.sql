-- name: begin
insert into activity (guid, kind, system, profile, plan_id, state, actor, reason, started_at, message, counts,
  phases, session)
values (:guid, :kind, :system, :profile, :plan_id, :state, :actor, :reason, :started_at, '', '[]', '[]', :session)
returning id

-- name: set_parent
update activity set parent = :parent where id = :id

-- name: set_plan
update activity set plan_id = :plan_id where id = :id

-- name: set_phases
update activity set phases = :phases where id = :id

-- name: finish
update activity set state = :state, ended_at = :ended_at, message = :message, counts = :counts
where id = :id

-- name: last_item
select coalesce(max(seq), 0) from activity_item where activity = :activity

-- name: items
select seq, object_type, object_id, identity_id, anchor, at, operation, outcome, attribute, code, message, remedy
from activity_item
where activity = :activity and seq > :after and (:outcome = '' or outcome = :outcome)
order by seq limit :limit

-- name: read
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases
from activity where id = :id

-- name: read_by_guid
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases
from activity where guid = :guid

-- name: list
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases
from activity
where id < :before and (:system = '' or system = :system) and (:state = '' or state = :state)
order by id desc limit :limit
