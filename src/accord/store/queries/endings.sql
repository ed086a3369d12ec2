-- What is about to be deleted: identities that wait for their grace period, accounts that an export will delete.

-- name: gone
select id, type, doc, gone_since from identity where gone_since is not null order by gone_since, id limit :limit

-- name: count_gone
select count(*) from identity where gone_since is not null

-- name: deletes
select system, count(*) from pending where operation = 'delete' group by system order by system
