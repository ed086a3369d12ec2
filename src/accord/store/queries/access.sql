-- name: add_key
insert into api_key (id, name, description, prefix, hash, roles, created_at, created_by, expires_at, is_enabled)
values (:id, :name, :description, :prefix, :hash, :roles, :created_at, :created_by, :expires_at, :is_enabled)

-- name: change_key
update api_key
set name = :name, description = :description, roles = :roles, expires_at = :expires_at, is_enabled = :is_enabled
where id = :id

-- name: remove_key
delete from api_key where id = :id

-- name: read_key
select id, name, description, prefix, roles, created_at, created_by, expires_at, last_used_at, last_used_from,
  is_enabled
from api_key where id = :id

-- name: find_key
select id, name, description, prefix, roles, created_at, created_by, expires_at, last_used_at, last_used_from,
  is_enabled
from api_key where hash = :hash

-- name: list_keys
select id, name, description, prefix, roles, created_at, created_by, expires_at, last_used_at, last_used_from,
  is_enabled
from api_key order by created_at, id

-- name: touch_key
update api_key set last_used_at = :now, last_used_from = :address where id = :id

-- name: add_sign_in
insert into sign_in (hash, subject, name, roles, csrf, created_at, expires_at)
values (:hash, :subject, :name, :roles, :csrf, :created_at, :expires_at)

-- name: find_sign_in
select subject, name, roles, csrf, created_at, expires_at from sign_in where hash = :hash and expires_at > :now

-- name: remove_sign_in
delete from sign_in where hash = :hash

-- name: forget_sign_ins
delete from sign_in where expires_at <= :now
