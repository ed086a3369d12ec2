-- name: present_object
select doc, dn, created_by from object where id = :subject

-- name: present_identity
select doc, null as dn, created_by from identity where id = :subject

-- name: document_changes
select seq, activity, operation, before, before_dn, created_by from history
where kind = :kind and subject = :subject order by seq

-- name: other_changes
select seq, activity, kind, operation, attr, dst from history
where subject = :subject and (kind = :edges or (kind = 'link' and :has_links = 1)) order by seq

-- name: changes_of
select seq, kind, subject, operation, before, before_dn, system, type, anchor, attr, dst, gone_since, created_by
from history where activity = :activity
