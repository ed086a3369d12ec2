-- name: read_keys
select id, type, anchor, dn, hash from object where system = :system

-- name: read_objects
select id, system, type, anchor, dn, doc from object where system = :system

-- name: read_objects_of_type
select id, system, type, anchor, dn, doc from object where system = :system and type = :type

-- name: read_objects_by_id
select id, system, type, anchor, dn, doc from object where id in (select id from staged_wanted)

-- name: read_all_edges
select src, attr, dst from edge

-- name: read_edges
select src, attr, dst from edge where src in (select id from object where system = :system)

-- name: read_edges_of
select src, attr, dst from edge where src in (select id from staged_wanted)

-- name: read_edges_to
-- What is looked for is an expression: SQLite does not use an index on one to find the values of a column.
select src, attr, dst from edge where lower(dst) in (select dst || '' from staged_wanted)

-- name: find_objects
select id, system, type, anchor, dn, doc from object where anchor = :text or dn_key = :dn_key limit :limit

-- name: find_objects_of_system
-- The system is hidden in an expression: SQLite would rather go through all of the system than look a name up.
select id, system, type, anchor, dn, doc from object
where system || '' = :system and (anchor = :text or dn_key = :dn_key) limit :limit
