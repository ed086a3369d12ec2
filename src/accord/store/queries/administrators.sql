-- name: put
insert into administrator (name, roles, salt, hash, cost, created_at, created_by)
values (:name, :roles, :salt, :hash, :cost, :created_at, :created_by)
on conflict (name) do update set roles = excluded.roles, salt = excluded.salt, hash = excluded.hash,
  cost = excluded.cost

-- name: find
select name, roles, salt, hash, cost from administrator where name = :name

-- name: list
select name, roles, created_at, created_by from administrator order by name

-- name: remove
delete from administrator where name = :name returning name
