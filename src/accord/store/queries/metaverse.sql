-- name: read_identities
select id, type, doc, origin, gone_since from identity

-- name: read_identities_of_type
select id, type, doc, origin, gone_since from identity where type = :type

-- name: read_identities_by_id
select id, type, doc, origin, gone_since from identity where id in (select id from staged_wanted)

-- name: read_identity_edges
select src, attr, dst from identity_edge

-- name: read_identity_edges_of
select src, attr, dst from identity_edge where src in (select id from staged_wanted)

-- name: read_identity_edges_to
select src, attr, dst from identity_edge where dst in (select id from staged_wanted)

-- name: read_links
select object_id, identity_id, rule, how from link

-- name: read_links_of_system
select l.object_id, l.identity_id, l.rule, l.how from object o join link l on l.object_id = o.id
where o.system = :system

-- name: read_links_of
select object_id, identity_id, rule, how from link where object_id in (select id from staged_wanted)

-- name: read_links_to
select object_id, identity_id, rule, how from link where identity_id in (select id from staged_wanted)

-- name: read_origins
select id, doc from origin
