-- name: clear
delete from lookup

-- name: add
insert into lookup (hash, id) select distinct hash, id from staged_lookups where true on conflict (hash, id) do nothing

-- name: find
select hash, id from lookup where hash in (select id from staged_wanted)

-- name: find_matching
-- Whoever bears a value for every position of a probe.
select distinct id from (
  select w.probe, w.rule, l.id from staged_probes w join lookup l on l.hash = w.hash
  group by w.probe, w.rule, w.positions, l.id having count(distinct w.position) = w.positions
) m
