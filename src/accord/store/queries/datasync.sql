-- name: add_job
insert into datasync_job(kind, name, collection, body, created_at, created_by)
values (:kind, :name, :collection, :body, :now, :actor) returning id

-- name: change_job
update datasync_job set name = :name, body = :body, modified_at = :now where id = :id

-- name: remove_job
delete from datasync_job where id = :id

-- name: read_job
select id, kind, name, coalesce(collection, 0) as collection, body, created_at, coalesce(modified_at, '') as modified_at, created_by
from datasync_job where id = :id

-- name: list_jobs
select id, kind, name, coalesce(collection, 0) as collection, body, created_at, coalesce(modified_at, '') as modified_at, created_by
from datasync_job where kind = :kind order by id

-- name: list_jobs_of
select id, kind, name, coalesce(collection, 0) as collection, body, created_at, coalesce(modified_at, '') as modified_at, created_by
from datasync_job where collection = :collection order by id

-- name: add_provider
insert into datasync_provider(name, name_key, type, body, created_at, modified_at)
values (:name, :key, :type, :body, :now, :now) returning id

-- name: change_provider
update datasync_provider set name = :name, name_key = :key, type = :type, body = :body, modified_at = :now
where id = :id

-- name: remove_provider
delete from datasync_provider where id = :id

-- name: read_provider
select id, name, type, body, created_at, modified_at from datasync_provider where id = :id

-- name: find_provider
select id, name, type, body, created_at, modified_at from datasync_provider where name_key = :key

-- name: list_providers
select id, name, type, body, created_at, modified_at from datasync_provider order by id

-- name: begin_run
insert into datasync_run(job, collection_run, verb, actor, state, started_at, message, counts)
values (:job, :collection_run, :verb, :actor, :state, :now, '', '{}') returning id

-- name: start_run
update datasync_run set state = 'running', started_at = :now, activity = coalesce(:activity, activity) where id = :id

-- name: remove_run
delete from datasync_run where id = :id

-- name: queue_run
update datasync_run set activity = :activity where id = :id

-- name: remove_results
delete from datasync_result where run = :run

-- name: end_run
update datasync_run set state = :state, message = :message, counts = :counts, ended_at = :now, activity = :activity
where id = :id

-- name: read_run
select id, job, coalesce(collection_run, 0) as collection_run, coalesce(activity, 0) as activity, verb, actor, state, started_at,
  coalesce(ended_at, '') as ended_at, message, counts
from datasync_run where id = :id

-- name: list_runs
select id, job, coalesce(collection_run, 0) as collection_run, coalesce(activity, 0) as activity, verb, actor, state, started_at,
  coalesce(ended_at, '') as ended_at, message, counts
from datasync_run where job = :job order by id desc limit :limit

-- name: list_results
select seq, row, object_type, key, action, outcome, attribute, code, message
from datasync_result where run = :run and seq > :after order by seq limit :limit

-- name: remove_results_of
delete from datasync_result where run in (select id from datasync_run where job = :job)

-- name: remove_runs_of
delete from datasync_run where job = :job

-- name: add_token
insert into datasync_token(hash, kind, caller, expires_at) values (:hash, :kind, :caller, :expires_at)

-- name: find_token
select caller from datasync_token where hash = :hash and kind = :kind and expires_at > :now

-- name: remove_token
delete from datasync_token where hash = :hash

-- name: forget_tokens
delete from datasync_token where expires_at <= :now
