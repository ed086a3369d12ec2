-- name: add_entry
insert into audit (seq, at, actor, action, subject, reason, detail, hash)
values (:seq, :at, :actor, :action, :subject, :reason, :detail, :hash)

-- name: last_entry
select seq, hash from audit order by seq desc limit 1

-- name: list_entries
select seq, at, actor, action, subject, reason, detail, hash from audit where seq > :after order by seq limit :limit
