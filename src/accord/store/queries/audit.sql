-- name: add_entry
insert into audit (at, actor, action, subject, reason, detail)
values (:at, :actor, :action, :subject, :reason, :detail);

-- name: list_entries
select seq, at, actor, action, subject, reason, detail from audit where seq > :after order by seq limit :limit;
