-- Indexes that are made after their table was filled. Each is as `schema` says.

-- name: holds_object_anchor
select case when exists (select 1 from object where anchor is not null) then 1 else 0 end

-- name: drop_object_anchor
drop index object_anchor

-- name: make_object_anchor
create unique index object_anchor on object (anchor, type, system) where anchor is not null

-- name: holds_object_dn
select case when exists (select 1 from object where dn_key is not null) then 1 else 0 end

-- name: drop_object_dn
drop index object_dn

-- name: make_object_dn
create index object_dn on object (dn_key, system) where dn_key is not null

-- name: holds_object_system
select case when exists (select 1 from object) then 1 else 0 end

-- name: drop_object_system
drop index object_system

-- name: make_object_system
create index object_system on object (system)

-- name: holds_edge_dst
select case when exists (select 1 from edge) then 1 else 0 end

-- name: drop_edge_dst
drop index edge_dst

-- name: make_edge_dst
create index edge_dst on edge (lower(dst))

-- name: holds_identity_edge_dst
select case when exists (select 1 from identity_edge) then 1 else 0 end

-- name: drop_identity_edge_dst
drop index identity_edge_dst

-- name: make_identity_edge_dst
create index identity_edge_dst on identity_edge (dst, attr)

-- name: holds_link_identity
select case when exists (select 1 from link) then 1 else 0 end

-- name: drop_link_identity
drop index link_identity

-- name: make_link_identity
create index link_identity on link (identity_id)

-- name: holds_pending_place
select case when exists (select 1 from pending) then 1 else 0 end

-- name: drop_pending_place
drop index pending_place

-- name: make_pending_place
create index pending_place on pending (system, state, place, object_id)
