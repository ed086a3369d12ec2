-- name: read
select crons, checked_at from schedule_clock where schedule = :schedule

-- name: check
insert into schedule_clock (schedule, crons, checked_at) values (:schedule, :crons, :checked_at)
on conflict (schedule) do update set crons = excluded.crons, checked_at = excluded.checked_at

-- name: open
select guid from activity where kind = 'schedule' and state in ('queued', 'running') order by id

-- name: open_of
select guid from activity where kind = 'schedule' and profile = :schedule and state in ('queued', 'running')
order by id limit 1

-- name: begin
update activity set state = 'running', started_at = :now where id = :id and kind = 'schedule' and state = 'queued'

-- name: finish
update activity set state = :state, ended_at = :now, message = :message
where id = :id and kind = 'schedule' and state = 'running' returning id
