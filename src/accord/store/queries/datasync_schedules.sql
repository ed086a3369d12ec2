-- name: list
select id, name, body, created_at, created_by, modified_at from datasync_schedule order by id

-- name: read
select id, name, body, created_at, created_by, modified_at from datasync_schedule where id = :id

-- name: add
insert into datasync_schedule(name, body, created_at, created_by, modified_at)
values (:name, :body, :now, :actor, :now) returning id

-- name: change
update datasync_schedule set name = :name, body = :body, modified_at = :now where id = :id

-- name: remove
delete from datasync_schedule where id = :id
