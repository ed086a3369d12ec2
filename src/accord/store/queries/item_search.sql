-- name: find
select seq, object_type, object_id, identity_id, anchor, at, operation, outcome, attribute, code, message, remedy
from activity_item where {filter} and seq > :after order by seq limit :limit offset :skip

-- name: count
select count(*) from activity_item where {filter}

-- name: causes
select code, coalesce(attribute, ''), coalesce(operation, ''), count(*), count(distinct message), min(seq)
from activity_item where activity = :activity and code is not null and code <> ''
group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit :limit

-- name: objects_of_cause
select distinct object_id from activity_item where activity = :activity and code = :code and object_id is not null

-- name: filter
activity = :activity and (:outcome = '' or outcome = :outcome) and (:operation = '' or operation = :operation)
  and (:code = '' or code = :code) and (:object_type = '' or object_type = :object_type)
  and (:search = '' or lower(coalesce(anchor, '') || ' ' || coalesce(at, '') || ' ' || coalesce(message, ''))
    like :search escape '\')
