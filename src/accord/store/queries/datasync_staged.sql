-- name: read
select object_type, anchor, attribute, computed, written from datasync_staged

-- name: forget
delete from datasync_staged where object_type = :object_type and anchor = :anchor and attribute = :attribute

-- name: remember
insert into datasync_staged(object_type, anchor, attribute, computed, written)
values (:object_type, :anchor, :attribute, :computed, :written)
