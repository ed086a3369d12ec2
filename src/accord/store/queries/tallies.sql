-- name: runs
select system, profile, state, count(*), coalesce(max(ended_at), '') from activity group by system, profile, state
order by system, profile, state
