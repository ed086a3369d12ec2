-- name: read_versions
select scope, n from version

-- name: bump_version
insert into version (scope, n) values (:scope, 1)
on conflict (scope) do update set n = version.n + 1

-- name: touch_version
insert into version (scope, n) values (:scope, 0)
on conflict (scope) do update set n = version.n

-- name: take_lease
-- The same owner gets a new epoch as well, so that its own ghost is fenced too.
insert into lease (system, epoch, owner, until) values (:system, 1, :owner, :until)
on conflict (system) do update set epoch = lease.epoch + 1, owner = excluded.owner, until = excluded.until
where lease.until <= :now or lease.owner = excluded.owner
returning epoch

-- name: read_lease
select epoch, owner, until from lease where system = :system

-- name: renew_lease
update lease set until = :until where system = :system and epoch = :epoch returning epoch

-- name: release_lease
update lease set until = 0 where system = :system and epoch = :epoch returning epoch

-- name: check_lease
-- Writing takes the row's lock, so that nobody can take the lease over before this transaction ends.
update lease set until = until where system = :system and epoch = :epoch returning epoch

-- name: next_id
select value from meta where key = :key

-- name: keep_id
insert into meta (key, value) values (:key, :value)
on conflict (key) do update set value = excluded.value

-- name: touch_id
insert into meta (key, value) values (:key, :value)
on conflict (key) do update set value = meta.value

-- name: taken_next_object_id
select id from object where id in (select id from staged_wanted)

-- name: taken_next_identity_id
select id from identity where id in (select id from staged_wanted)

-- name: read_watermark
select value from meta where key = :key

-- name: save_watermark
insert into meta (key, value) values (:key, :value)
on conflict (key) do update set value = excluded.value
