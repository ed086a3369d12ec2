-- Pages and counts of what there is, for people who look through it. An empty text means any.

-- name: count_objects
select count(*) from object
where system = :system and (:type = '' or type = :type)
  and (:text = '' or lower(coalesce(anchor, '') || coalesce(dn, '') || coalesce(doc, '')) like :pattern escape '\')
  and (:status = '' or :status = case when doc is null then 'planned' else 'there' end)
  and (:how = '' or :how = coalesce((select l.how from link l where l.object_id = object.id), 'none'))
  and (:below = '' or dn_key = :below or dn_key like :below_pattern escape '\')

-- name: page_objects
select o.id, o.type, o.anchor, o.dn, o.doc, o.created_by, o.changed_by, l.identity_id, l.how, l.created_by as linked_by,
  p.operation, p.after as planned, coalesce(p.new_dn, p.dn) as planned_dn
from object o left join link l on l.object_id = o.id left join pending p on p.object_id = o.id
where o.system = :system and (:type = '' or o.type = :type)
  and (:text = '' or lower(coalesce(o.anchor, '') || coalesce(o.dn, '') || coalesce(o.doc, '')) like :pattern escape '\')
  and (:status = '' or :status = case when o.doc is null then 'planned' else 'there' end)
  and (:how = '' or :how = coalesce(l.how, 'none'))
  and (:below = '' or o.dn_key = :below or o.dn_key like :below_pattern escape '\')
order by {order} limit :limit offset :offset

-- name: object
select o.id, o.system, o.type, o.anchor, o.dn, o.doc, o.created_by, o.changed_by, l.identity_id, l.how,
  l.created_by as linked_by, p.operation, p.after as planned, coalesce(p.new_dn, p.dn) as planned_dn
from object o left join link l on l.object_id = o.id left join pending p on p.object_id = o.id where o.id = :id

-- name: count_linked
select count(*) from link l join object o on o.id = l.object_id where o.system = :system

-- name: count_pending
select count(*) from pending p
where p.system = :system and (:state = '' or p.state = :state)
  and (:operations = '' or :operations like '%,' || p.operation || ',%')
  and (:code = '' or p.code = :code) and (:not_code = '' or p.code <> :not_code)
  and (:text = '' or lower(coalesce((select o.anchor from object o where o.id = p.object_id), '') || coalesce(p.dn, '') || coalesce(p.new_dn, '')
    || coalesce(p.after, '')) like :pattern escape '\')

-- name: page_pending
select p.object_id, p.identity_id, p.system, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after, p.state,
  p.attempts, p.due_at, p.code, p.message, p.planned_by, p.sent_by, o.anchor, o.dn as object_dn,
  (select count(*) from pending_edge e where e.object_id = p.object_id) as edges,
  (select count(*) from pending_edge e left join object d on d.id = e.dst_object
    where e.object_id = p.object_id and e.state = 'pending' and e.change = 'add' and d.doc is null) as unresolved
from pending p left join object o on o.id = p.object_id
where p.system = :system
  and (:text = '' or lower(coalesce(o.anchor, '') || coalesce(p.dn, '') || coalesce(p.new_dn, '')
    || coalesce(p.after, '')) like :pattern escape '\')
order by p.object_id limit :limit offset :offset

-- name: one_pending
select p.object_id, p.identity_id, p.system, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after, p.state,
  p.attempts, p.due_at, p.code, p.message, p.planned_by, p.sent_by, o.anchor, o.dn as object_dn,
  (select count(*) from pending_edge e where e.object_id = p.object_id) as edges,
  (select count(*) from pending_edge e left join object d on d.id = e.dst_object
    where e.object_id = p.object_id and e.state = 'pending' and e.change = 'add' and d.doc is null) as unresolved
from pending p left join object o on o.id = p.object_id where p.object_id = :id

-- name: count_identities
select count(*) from identity
where (:type = '' or type = :type) and (:text = '' or lower(doc) like :pattern escape '\')
  and (:has = '' or doc like :has_pattern escape '\') and (:equals = '' or doc like :equals_pattern escape '\')
  and (:gone = 0 or gone_since is not null)

-- name: page_identities
select id, type, doc, origin, gone_since, created_by, changed_by from identity
where (:type = '' or type = :type) and (:text = '' or lower(doc) like :pattern escape '\')
  and (:has = '' or doc like :has_pattern escape '\') and (:equals = '' or doc like :equals_pattern escape '\')
  and (:gone = 0 or gone_since is not null)
order by id limit :limit offset :offset

-- name: identity
select id, type, doc, origin, gone_since, created_by, changed_by from identity where id = :id

-- name: page_removed
-- What was there and is gone, the latest first. An undo may have brought it back.
select h.subject as id, h.activity, h.system, h.type, h.anchor, h.before as doc, h.before_dn as dn, h.created_by
from history h
where h.kind = :kind and h.operation = 'remove' and (:system = '' or h.system = :system)
  and (:type = '' or h.type = :type)
  and (:text = '' or lower(coalesce(h.anchor, '') || coalesce(h.before_dn, '') || coalesce(h.before, '')) like :pattern
    escape '\')
  and not exists (select 1 from object o where :kind = 'object' and o.id = h.subject)
  and not exists (select 1 from identity i where :kind = 'identity' and i.id = h.subject)
order by h.seq desc limit :limit offset :offset

-- name: count_removed
select count(*) from history h
where h.kind = :kind and h.operation = 'remove' and (:system = '' or h.system = :system)
  and (:type = '' or h.type = :type)
  and (:text = '' or lower(coalesce(h.anchor, '') || coalesce(h.before_dn, '') || coalesce(h.before, '')) like :pattern
    escape '\')
  and not exists (select 1 from object o where :kind = 'object' and o.id = h.subject)
  and not exists (select 1 from identity i where :kind = 'identity' and i.id = h.subject)

-- name: count_changes
-- Additions are not among them. They are told by the objects themselves.
select count(*) from history h left join object o on o.id = h.subject
where h.kind = 'object' and coalesce(h.system, o.system) = :system
