-- name: read_decisions
-- A split is spent once the link it was about is gone: links made after it are none of its business.
select o.id as object_id, d.identity_id, d.kind from decision d
join object o on o.anchor = d.anchor and o.type = d.type and o.system = d.system and o.doc is not null
where d.ended_at is null and (d.kind <> 'split' or exists (
  select 1 from link l where l.object_id = o.id and l.identity_id = d.identity_id and l.created_by <= d.made_by))

-- name: objects_decided_since
-- Also those whose decision ended: what it kept is free now.
select o.id, d.identity_id from decision d
join object o on o.anchor = d.anchor and o.type = d.type and o.system = d.system
where d.made_by > :activity or d.ended_by > :activity

-- name: add_decision
insert into decision (kind, system, type, anchor, identity_id, actor, reason, made_at, made_by)
values (:kind, :system, :type, :anchor, :identity, :actor, :reason, :at, :activity)
returning id

-- name: end_replaced
update decision set ended_at = :at, ended_by = :activity, ended_actor = :actor, ended_why = 'replaced'
where ended_at is null and system = :system and type = :type and anchor = :anchor
and (identity_id = :identity or (kind <> 'never' and :kind <> 'never'))

-- name: end_decision
update decision set ended_at = :at, ended_by = :activity, ended_actor = :actor, ended_why = :reason
where id = :id and ended_at is null
returning id

-- name: list_decisions
select id, kind, system, type, anchor, identity_id, actor, reason, made_at, ended_at, ended_actor, ended_why,
  made_by, (select o.id from object o where o.anchor = decision.anchor and o.type = decision.type
  and o.system = decision.system) as object_id
from decision where ended_at is null or :with_ended = 1 order by id desc

-- name: read_reviews
select object_id, identity_id, rule, score, evidence from review

-- name: read_reviews_of_system
select r.object_id, r.identity_id, r.rule, r.score, r.evidence from review r join object o on o.id = r.object_id
where o.system = :system

-- name: read_reviews_of
select object_id, identity_id, rule, score, evidence from review where object_id in (select id from staged_wanted)

-- name: count_reviews
select count(distinct object_id) from review
