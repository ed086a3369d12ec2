-- name: mark
insert into committed (activity, at) values (:activity, :at) on conflict (activity) do nothing

-- name: has
select 1 from committed where activity = :activity

-- name: sent
select state, count(*) from journal where activity = :activity group by state
