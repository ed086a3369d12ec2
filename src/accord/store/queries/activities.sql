-- name: begin
-- Who asks twice with one key gets one activity.
insert into activity (guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, message, counts,
  phases, session, task, queued_at, parameters, key)
values (:guid, :kind, :system, :profile, :plan_id, :parent, :state, :actor, :reason, :started_at, '', '[]', '[]',
  :session, :task, :queued_at, :parameters, :key)
on conflict (key) do nothing
returning id

-- name: need_system
insert into activity_system (activity, system) values (:activity, :system)

-- name: set_plan
update activity set plan_id = :plan_id where id = :id

-- name: set_phases
-- A ghost, whose activity was given to another process, has nothing more to say about it.
update activity set phases = :phases where id = :id and session = :session

-- name: finish
update activity set state = :state, ended_at = :ended_at, message = :message, counts = :counts
where id = :id and session = :session

-- name: last_item
select coalesce(max(seq), 0) from activity_item where activity = :activity

-- name: items
select seq, object_type, object_id, identity_id, anchor, at, operation, outcome, attribute, code, message, remedy
from activity_item
where activity = :activity and seq > :after and (:outcome = '' or outcome = :outcome)
order by seq limit :limit

-- name: read
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases, task, queued_at, parameters, cancel_requested_at, cancel_requested_by, beat_at, attempt
from activity where id = :id

-- name: read_by_guid
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases, task, queued_at, parameters, cancel_requested_at, cancel_requested_by, beat_at, attempt
from activity where guid = :guid

-- name: read_by_task
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases, task, queued_at, parameters, cancel_requested_at, cancel_requested_by, beat_at, attempt
from activity where task = :task

-- name: read_by_key
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases, task, queued_at, parameters, cancel_requested_at, cancel_requested_by, beat_at, attempt
from activity where key = :key

-- name: list
select id, guid, kind, system, profile, plan_id, parent, state, actor, reason, started_at, ended_at, message,
  counts, phases, task, queued_at, parameters, cancel_requested_at, cancel_requested_by, beat_at, attempt
from activity
where id < :before and {filter}
order by {order} limit :limit offset :skip

-- name: count
select state, count(*) from activity where {filter} group by state

-- name: filter
(:system = '' or system = :system) and (:profile = '' or profile = :profile)
  and (:kinds = '' or :kinds like '%,' || kind || ',%') and (:states = '' or :states like '%,' || state || ',%')
  and (:actor = '' or actor = :actor or substr(actor, length(actor) - length(:actor)) = ':' || :actor)
  and (:parent = 0 or parent = :parent)
  and (:is_top = 0 or parent is null)
  and (:since = '' or coalesce(nullif(started_at, ''), queued_at) >= :since)
  and (:until = '' or coalesce(nullif(started_at, ''), queued_at) < :until)
  and (:initiators = '' or :initiators like '%,' || case when actor like 'key:%' then 'key'
    when actor like 'system:%' or actor like 'schedule:%' then 'system' else 'user' end || ',%')
  and (:has_children = -1
    or :has_children = case when exists (select 1 from activity part where part.parent = activity.id) then 1 else 0 end)
  and (:schedule = '' or exists (select 1 from activity execution where execution.id = activity.parent
    and execution.kind = 'schedule' and (:schedule = '*' or execution.profile = :schedule)))
  and (:counted = '' or exists (select 1 from {counts} where cast(entry.value ->> 'count' as bigint) > 0 and (
    :counted like '%,' || (entry.value ->> 'area') || '/' || (entry.value ->> 'operation') || ',%'
    or :counted like '%,' || (entry.value ->> 'area') || '/*,%')))
  and (:search = '' or lower(system || ' ' || profile || ' ' || actor || ' ' || message) like :search escape '\')

-- name: children
select parent, count(*) from activity where parent between :first and :last group by parent

-- name: moments
select id, coalesce(ended_at, started_at) as at from activity where id in (select id from staged_wanted)

-- name: outcomes
select coalesce(operation, ''), coalesce(outcome, ''), coalesce(code, ''), count(*) from activity_item
where activity = :activity group by 1, 2, 3 order by 1, 2, 3
