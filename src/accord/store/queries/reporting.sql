-- name: clear
delete from reporting_name

-- name: add
insert into reporting_name (side, hash, owner_id) select distinct side, hash, owner_id from staged_names where true
on conflict (side, hash, owner_id) do nothing

-- name: bearers
select distinct owner_id as id from reporting_name where side = :side and hash in (select id from staged_wanted)

-- name: names_of
select distinct hash as id from reporting_name where side = :side and owner_id in (select id from staged_wanted)
