-- name: running
select id, session from activity where state = 'running' order by id;

-- name: fail_activity
update activity set state = 'failed', message = :message where id = :activity;

-- name: unknown_pending
-- An operation that was being sent may or may not have reached the system.
update pending set state = 'unknown', code = 'INTERRUPTED', message = :message
where object_id in (select object_id from journal where activity = :activity and state = 'sending');

-- name: unknown_journal
update journal set state = 'unknown', code = 'INTERRUPTED', message = :message
where activity = :activity and state = 'sending';

-- name: free_leases
update lease set until = 0 where owner = (select guid from activity where id = :activity);
