-- name: start
-- Its turn has come when nobody runs on any of its systems, and nobody waits for one of them who asked before.
update activity set state = 'running', session = :session, attempt = attempt + 1, message = '', phases = '[]',
  started_at = :now, beat_at = :beat_at
where id = :id and state = 'queued' and not exists (
  select 1 from activity_system mine
  join activity_system other on other.system = mine.system and other.activity <> mine.activity
  join activity ahead on ahead.id = other.activity
  where mine.activity = :id and (ahead.state = 'running' or (ahead.state = 'queued' and ahead.id < :id)))
returning id

-- name: ahead
select ahead.id from activity_system mine
join activity_system other on other.system = mine.system and other.activity <> mine.activity
join activity ahead on ahead.id = other.activity
where mine.activity = :id and (ahead.state = 'running' or (ahead.state = 'queued' and ahead.id < :id))
order by case when ahead.state = 'running' then 0 else 1 end, ahead.id limit 1

-- name: ready
select j.guid, j.system, j.attempt from activity j where j.state = 'queued' and j.task <> '' and not exists (
  select 1 from activity_system mine
  join activity_system other on other.system = mine.system and other.activity <> mine.activity
  join activity ahead on ahead.id = other.activity
  where mine.activity = j.id and (ahead.state = 'running' or (ahead.state = 'queued' and ahead.id < j.id)))
order by j.id limit 1000

-- name: systems
select system from activity_system where activity = :id order by system

-- name: cancel_queued
update activity set state = 'cancelled', cancel_requested_at = :at, cancel_requested_by = :by, ended_at = :at,
  message = :message
where id = :id and state = 'queued' returning id

-- name: request_cancel
update activity set cancel_requested_at = :at, cancel_requested_by = :by
where id = :id and state = 'running' and cancel_requested_at = ''

-- name: stop_wanted
select cancel_requested_by, cancel_requested_at, session from activity where id = :id

-- name: beat
update activity set beat_at = :beat_at where id = :id and session = :session
