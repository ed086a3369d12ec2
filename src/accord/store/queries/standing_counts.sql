-- How many there are of everything, changed in the very transaction that changes it.

-- name: read
select name, n from standing_count where kind = :kind and system = :system and n <> 0 order by name

-- name: read_pending
select system, name, n from standing_count where kind = 'pending' and n <> 0 order by system, name

-- name: add
insert into standing_count (kind, system, name, n) values (:kind, :system, :name, :n)
on conflict (kind, system, name) do update set n = standing_count.n + excluded.n

-- name: objects_left
insert into standing_count (kind, system, name, n)
select 'object', system, type, -count(*) from object
where hash is not null and id in (select id from staged_left) group by system, type
on conflict (kind, system, name) do update set n = standing_count.n + excluded.n

-- name: objects_arrived
-- Objects that were only planned so far.
insert into standing_count (kind, system, name, n)
select 'object', system, type, count(*) from object
where hash is null and id in (select id from staged_arrived) group by system, type
on conflict (kind, system, name) do update set n = standing_count.n + excluded.n

-- name: identities_left
insert into standing_count (kind, system, name, n)
select 'identity', '', type, -count(*) from identity where id in (select id from staged_left) group by type
on conflict (kind, system, name) do update set n = standing_count.n + excluded.n

-- name: pending_before
insert into standing_count (kind, system, name, n)
select 'pending', system, state, -count(*) from pending
where object_id in (select id from staged_moving) group by system, state
on conflict (kind, system, name) do update set n = standing_count.n + excluded.n

-- name: pending_after
insert into standing_count (kind, system, name, n)
select 'pending', system, state, count(*) from pending
where object_id in (select id from staged_moving) group by system, state
on conflict (kind, system, name) do update set n = standing_count.n + excluded.n

-- name: forget_pending
delete from standing_count where kind = 'pending'

-- name: count_pending
-- Counted in the index of the order of sending: no row of pending exports is read.
insert into standing_count (kind, system, name, n)
select 'pending', system, state, count(*) from pending group by system, state
