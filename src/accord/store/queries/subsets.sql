-- name: new_objects
select id from object where id >= :first

-- name: new_identities
select id from identity where id >= :first

-- name: waiting_identities
select id from identity where gone_since is not null

-- name: unanswered
select object_id as id from pending where state in ('unknown', 'failed')

-- name: named_objects
-- By dn, or by anchor where there are no dns. Written so that a database without statistics looks names up, and does
-- not read the whole system instead.
select id, system, type, anchor, dn, doc from object
where system || '' = :system and dn_key in (select dst from staged_wanted)
union
select id, system, type, anchor, dn, doc from object
where system || '' = :system and anchor in (select dst from staged_wanted)

-- name: edges_between
select src, attr, dst from edge
where src in (select id from staged_sources) and lower(dst) in (select dst from staged_texts)

-- name: edges_to_names
-- Both are hidden in expressions, so that names are looked up first, by the index on an expression that they have.
select e.src, e.attr, e.dst from edge e join object o on o.id = e.src
where lower(e.dst) in (select dst || '' from staged_wanted) and o.system || '' = :system

-- name: edges_of_attributes
select src, attr, dst from edge where src in (select id from staged_sources) and attr in (select dst from staged_texts)

-- name: count_edges_of_attributes
select src as id, count(*) as n from edge
where src in (select id from staged_sources) and attr in (select dst from staged_texts) group by src

-- name: identity_edges_between
select src, attr, dst from identity_edge
where src in (select id from staged_sources) and dst in (select id from staged_targets)

-- name: first_identity_edges
select src, attr, dst from identity_edge where src = :src and attr = :attr order by dst limit :most

-- name: count_identity_edges_of
select count(*) from identity_edge where src = :src and attr = :attr

-- name: count_edges
select src as id, count(*) as n from edge where src in (select id from staged_wanted) group by src

-- name: count_identity_edges
select src as id, count(*) as n from identity_edge where src in (select id from staged_wanted) group by src

-- name: pending_edges_from
select p.object_id, p.attr, p.change, nullif(p.dst_object, 0) as dst_object, nullif(p.dst_text, '') as dst_text
from pending_edge p where p.object_id in (select id from staged_wanted)

-- name: pending_sources_to
-- There is no index by what is pointed to: what waits is little.
select distinct object_id as id from pending_edge where dst_object in (select id from staged_wanted)

-- name: count_objects
select system as name, count(*) as n from object group by system

-- name: count_planned
select system as name, count(*) as n from object
where doc is null and id in (select object_id from pending where operation = 'create') group by system

-- name: count_references
select o.system as name, count(*) as n from edge e join object o on o.id = e.src group by o.system

-- name: count_identities
select type as name, count(*) as n from identity group by type

-- name: count_waiting_removals
select o.system as name, count(*) as n from pending_edge p join object o on o.id = p.object_id
where p.change = 'remove' and p.state <> 'exported' and p.object_id not in (select id from staged_wanted)
group by o.system

-- name: keys_named
select id, type, anchor, dn, hash from object
where system || '' = :system and anchor in (select dst from staged_anchors)
union
select id, type, anchor, dn, hash from object
where system || '' = :system and anchor is null and dn_key in (select dst from staged_dns)

-- name: pending_of
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending where object_id in (select id from staged_wanted)

-- name: pending_without
select object_id, identity_id, system, type, rule, operation, dn, new_dn, before, after, reason,
  state, attempts, due_at, code, message
from pending where state <> 'exported' and object_id not in (select id from staged_wanted)

-- name: count_waiting
select system, operation, count(*) as n from pending
where state <> 'exported' and object_id not in (select id from staged_wanted) group by system, operation
