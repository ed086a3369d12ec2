-- Windows of what there is, in order of id: each costs the same, however much there is.

-- name: identities
select id, type, doc, origin, gone_since from identity where id > :after order by id limit :limit

-- name: objects
select id, system, type, anchor, dn, doc from object where system = :system and id > :after order by id limit :limit

-- name: waiting
-- The system is compared so that no index of systems is used: in the order of objects nothing is sorted.
select p.object_id, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after, p.reason, p.state, p.attempts, p.code,
  p.message, p.identity_id, o.anchor, o.dn as object_dn
from pending p left join object o on o.id = p.object_id
where p.system || '' = :system and p.object_id > :after order by p.object_id limit :limit

-- name: deleting
-- Said as it is in the index of deletions, with the system plain, so that it is used.
select p.object_id, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after, p.reason, p.state, p.attempts, p.code,
  p.message, p.identity_id, o.anchor, o.dn as object_dn
from pending p left join object o on o.id = p.object_id
where p.operation = 'delete' and p.system = :system and p.object_id > :after order by p.object_id limit :limit

-- name: in_state
-- Few: they are found by their state, and sorted.
select p.object_id, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after, p.reason, p.state, p.attempts, p.code,
  p.message, p.identity_id, o.anchor, o.dn as object_dn
from pending p left join object o on o.id = p.object_id
where p.system = :system and p.state = :state and p.object_id > :after order by p.object_id limit :limit

-- name: mostly_in_state
-- Many: they are met in the order of objects.
select p.object_id, p.type, p.rule, p.operation, p.dn, p.new_dn, p.before, p.after, p.reason, p.state, p.attempts, p.code,
  p.message, p.identity_id, o.anchor, o.dn as object_dn
from pending p left join object o on o.id = p.object_id
where p.system || '' = :system and p.state || '' = :state and p.object_id > :after order by p.object_id limit :limit
