-- name: add_plan
insert into plan (id, kind, state, system, created_at, created_by, digest, rules_digest, versions, counts, verdict,
  released_by, release_reason)
values (:id, :kind, :state, :system, :created_at, :created_by, :digest, :rules_digest, :versions, :counts, :verdict,
  :released_by, :release_reason)

-- name: read_header
select id, kind, state, system, created_at, created_by, digest, rules_digest, versions, counts, verdict,
  released_by, release_reason
from plan where id = :id

-- name: list_plans
select id, kind, state, system, created_at, created_by, digest, rules_digest, versions, counts, verdict,
  released_by, release_reason
from plan where :state = '' or state = :state
order by created_at desc, length(id) desc, id desc limit :limit

-- name: list_parts
select name, part from plan_frame where plan_id = :id order by name, part

-- name: read_part
select name, part, data from plan_frame where plan_id = :id and name = :name and part = :part

-- name: set_state
update plan set state = :state, released_by = case when :state = 'released' then :person else released_by end,
  release_reason = case when :state = 'released' then :reason else release_reason end
where id = :id

-- name: hold_plan
-- Writing takes the row's lock, so that nobody can change the state before this transaction ends.
update plan set state = state where id = :id returning state

-- name: apply_plan
update plan set state = 'applied', applied_by = :activity where id = :id
