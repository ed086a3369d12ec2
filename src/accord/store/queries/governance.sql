-- name: count_added
select count(*) from staged_found s where not exists (select 1 from finding f where f.kind = :kind and f.id = s.id)

-- name: count_changed
select count(*) from staged_found s join finding f on f.kind = :kind and f.id = s.id
where f.doc <> s.doc or f.state <> s.state or f.name <> s.name or f.owner_id <> s.owner_id

-- name: count_gone
select count(*) from finding f where f.kind = :kind and f.closed_at = ''
and f.id not in (select id from staged_found)

-- name: change
update finding set doc = s.doc, state = s.state, name = s.name, owner_id = s.owner_id, changed_by = :activity,
  closed_at = ''
from staged_found s
where finding.kind = :kind and finding.id = s.id
and (finding.doc <> s.doc or finding.state <> s.state or finding.name <> s.name or finding.owner_id <> s.owner_id)

-- name: add
insert into finding (kind, id, owner_id, name, state, doc, first_seen, closed_at, changed_by)
select :kind, s.id, s.owner_id, s.name, s.state, s.doc, :now, '', :activity
from staged_found s where not exists (select 1 from finding f where f.kind = :kind and f.id = s.id)

-- name: close_gone
update finding set state = 'resolved', closed_at = :now, changed_by = :activity
where kind = :kind and closed_at = '' and id not in (select id from staged_found)

-- name: drop_gone
delete from finding where kind = :kind and id not in (select id from staged_found)

-- name: count_named
select count(*) from finding where kind = :kind and id in (select id from staged_gone)

-- name: drop_named
delete from finding where kind = :kind and id in (select id from staged_gone)

-- name: read_of_owners
select kind, id, owner_id, name, state, doc, first_seen, closed_at, changed_by from finding
where kind = :kind and owner_id in (select id from staged_wanted)

-- name: last_change
select count(*) as n, coalesce(max(changed_by), 0) as changed_by from finding where kind = :kind

-- name: read_kind
select kind, id, owner_id, name, state, doc, first_seen, closed_at, changed_by from finding where kind = :kind

-- name: read_one
select kind, id, owner_id, name, state, doc, first_seen, closed_at, changed_by from finding
where kind = :kind and id = :id

-- name: list
select kind, id, owner_id, name, state, doc, first_seen, closed_at, changed_by from finding
where kind = :kind and (:state = '' or state = :state) and (:owner = 0 or owner_id = :owner) and id > :after
and (:search = '' or lower(name) like :search)
order by id limit :limit

-- name: count_states
select state, count(*) from finding where kind = :kind group by state order by state

-- name: read_documents
select kind, id, doc, changed_at, changed_by from governance_document where kind = :kind order by id

-- name: state_of_documents
select count(*) as n, coalesce(max(changed_at), '') as changed_at from governance_document where kind = :kind

-- name: read_document
select kind, id, doc, changed_at, changed_by from governance_document where kind = :kind and id = :id

-- name: put_document
insert into governance_document (kind, id, doc, changed_at, changed_by) values (:kind, :id, :doc, :at, :by)
on conflict (kind, id) do update set doc = excluded.doc, changed_at = excluded.changed_at,
  changed_by = excluded.changed_by

-- name: drop_document
delete from governance_document where kind = :kind and id = :id returning id

-- name: identities_after
select id, type, doc, gone_since, created_by from identity
where type = :type and id > :after and (:told = '' or lower(doc) like :told escape '!') order by id limit :limit

-- name: identities_wanted
select id, type, doc, gone_since, created_by from identity where id in (select id from staged_wanted)

-- name: objects_wanted
select id, system, type, anchor, dn, doc, created_by from object
where id in (select id from staged_wanted) and doc is not null

-- name: objects_after
select id, system, type, anchor, dn, doc, created_by from object
where system = :system and type = :type and id > :after and doc is not null
and (:told = '' or lower(doc) like :told escape '!' or lower(coalesce(anchor, '')) like :told escape '!')
order by id limit :limit

