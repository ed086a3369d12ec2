-- name: present_object
select doc, dn, created_by, null as origin from object where id = :subject

-- name: present_identity
select doc, null as dn, created_by, origin from identity where id = :subject

-- name: document_changes
select seq, activity, operation, before, before_dn, created_by, origin from history
where kind = :kind and subject = :subject order by seq

-- name: other_changes
select seq, activity, kind, operation, attr, dst from history
where subject = :subject and (kind = :edges or (kind = 'link' and :has_links = 1)) order by seq

-- name: changes_of
select seq, kind, subject, operation, before, before_dn, system, type, anchor, attr, dst, gone_since, created_by
from history where activity = :activity

-- name: changes_from
-- What an activity changed, and all that happened to the same subjects afterwards.
select h.seq, h.kind, h.subject, h.operation, h.before, h.before_dn, h.system, h.type, h.anchor, h.attr, h.dst,
  h.gone_since, h.created_by, h.activity
from history h
where h.seq >= (select min(seq) from history where activity = :activity) and (h.activity = :activity or exists (
  select 1 from history a where a.activity = :activity and a.kind = h.kind and a.subject = h.subject))

-- name: made_identities
select id, changed_by from identity where created_by = :activity

-- name: made_links
select object_id from link where created_by = :activity

-- name: made_objects
select id from object where created_by = :activity

-- name: planned_by
select object_id, planned_by from pending

-- name: position
select coalesce((select max(seq) from history), 0) as history, coalesce((select max(seq) from journal), 0) as journal

-- name: changes_since
select h.seq, h.kind, h.subject, h.operation, h.before, h.before_dn, h.system, h.type, h.anchor, h.attr, h.dst,
  h.gone_since, h.created_by
from history h where h.seq > :seq

-- name: sent_since
select distinct object_id as id from journal where seq > :seq

-- name: links_ever
-- Every link an identity has or had: who made it, and who ended it (null: it is there).
select object_id, rule, how, created_by as since, null as until from link where identity_id = :identity
union all
select subject, attr, type, created_by, activity from history
where kind = 'link' and operation = 'remove' and dst = :text

-- name: removed_place
select system, type, anchor from history
where kind = 'object' and operation = 'remove' and subject = :subject order by seq desc limit 1

-- name: count_relations
-- Of new objects references are not told one by one: their ids are above all there were.
select attr, 'add' as operation, count(*) as n from edge where src >= :first group by attr
union all
select attr, operation, count(*) as n from history
where activity = :activity and kind = 'edge' and subject < :first group by attr, operation
