-- name: remember_removed_objects
insert into history (activity, kind, subject, operation, before, before_dn, system, type, anchor, created_by)
select :activity, 'object', o.id, 'remove', o.doc, o.dn, o.system, o.type, o.anchor, o.created_by
from object o join staged_removed s on s.id = o.id order by o.id

-- name: remember_removed_edges
insert into history (activity, kind, subject, operation, attr, dst)
select :activity, 'edge', e.src, 'remove', e.attr, e.dst
from edge e where e.src in (select id from staged_removed) order by e.src, e.attr, e.dst

-- name: remove_edges_of_removed
delete from edge where src in (select id from staged_removed)

-- name: remove_objects
delete from object where id in (select id from staged_removed)

-- name: remember_updated_objects
insert into history (activity, kind, subject, operation, before, before_dn, system, type, anchor)
select :activity, 'object', o.id, 'update', o.doc, o.dn, o.system, o.type, o.anchor
from object o join staged_updated s on s.id = o.id order by o.id

-- name: update_documents
update object set hash = s.hash, doc = s.doc, changed_by = :activity
from staged_updated s where s.id = object.id

-- name: update_names
-- Apart from the documents, because few names change and writing one means writing its index.
update object set anchor = s.anchor, dn = s.dn, dn_key = s.dn_key
from staged_updated s where s.id = object.id
  and (object.anchor is distinct from s.anchor or object.dn is distinct from s.dn)

-- name: restamp
update object set hash = s.hash from staged_restamped s where s.id = object.id

-- name: remove_edges
delete from edge where (src, attr, dst) in (select src, attr, dst from staged_edges_removed)
