-- name: running
select id, session, beat_at from activity where state = 'running' and kind <> 'schedule' order by id

-- name: take
update activity set session = :session where id = :activity and state = 'running' and session = :of
returning guid

-- name: close
-- A job waits for its turn again, and what a person started by hand has failed.
-- Not for ever, in case it is the work that kills the process.
update activity set state = case when task <> '' and attempt < :most then 'queued' else 'failed' end,
  message = case when task <> '' and attempt < :most then :again else :failed end, beat_at = 0,
  session = case when task <> '' and attempt < :most then '' else session end
where id = :activity and state = 'running' and session = :session

-- name: sending
select object_id from journal where activity = :activity and state = 'sending'

-- name: unknown_pending
-- An operation that was being sent may or may not have reached the system.
update pending set state = 'unknown', code = 'INTERRUPTED', message = :message
where object_id in (select object_id from journal where activity = :activity and state = 'sending')

-- name: unknown_journal
update journal set state = 'unknown', code = 'INTERRUPTED', message = :message
where activity = :activity and state = 'sending'

-- name: leases
select system from lease where owner = :owner and until > 0

-- name: free_leases
update lease set until = 0 where owner = :owner
