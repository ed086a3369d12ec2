"""Whether a system shows what was exported to it."""

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from accord.engine.frames import Engine, literal
from accord.model.plan import ImportPlan
from accord.model.schema import ObjectTypeSchema
from accord.sync.retrying import due_after

_DIFFERENCES = """
create table shown as select id, doc from updated union all select id, null from removed;
create table asked as
  select p.object_id, p.type, p.operation, p.attempts, p.before, p.after, p.state, s.doc
  from pending p join shown s on s.id = p.object_id
  where p.state = 'exported' or (p.state = 'unknown' and p.operation not in ('create', 'delete'));
create table want as
  select object_id, type, unnest(list_distinct(list_concat(
    coalesce(json_keys(after), []), coalesce(json_keys(before), [])))) as attribute, after, doc from asked
"""

_POINTER = "'/' || replace(replace(attribute, '~', '~0'), '/', '~1')"


def find_not_confirmed(
    engine: Engine,
    pending: pa.Table,
    plan: ImportPlan,
    object_types: Mapping[str, ObjectTypeSchema],
    *,
    now: datetime,
) -> pa.Table:
    """Return (object_id, state, code, message, due_at) of sent changes about which this read says something.

    Exported ones that it shows otherwise are `failed`. An object it shows unchanged is confirmed: exported values were
    remembered as if the system had said them. Changes without an answer were not, so they are `arrived` when the
    object now shows what was wanted.
    """
    engine.load("pending", pending)
    engine.load("updated", plan.updated.table)
    engine.load("removed", plan.removed.table)
    for statement in _DIFFERENCES.split(";"):
        engine.run(statement)
    folded = [
        f"({literal(t.name)}, {literal(a.name)})"
        for t in object_types.values()
        for a in t.attributes.values()
        if not a.is_case_sensitive
    ]
    known = [f"({literal(t.name)}, {literal(a)})" for t in object_types.values() for a in t.attributes]
    insensitive = f"(type, attribute) in ({', '.join(folded)})" if folded else "false"
    readable = f"(type, attribute) in ({', '.join(known)})" if known else "false"
    rows = engine.rows(
        "select a.object_id, a.attempts, a.doc is null as is_missing, "
        "list_sort(list(d.attribute) filter (d.attribute is not null)) as attributes, "
        "a.state = 'unknown' as is_unknown "
        "from asked a left join (select object_id, attribute from (select *, "
        f"json_extract(after, {_POINTER})::varchar as wanted, json_extract(doc, {_POINTER})::varchar as held from want "
        f"where {readable}) where case when {insensitive} then lower(wanted) is distinct from lower(held) "
        "else wanted is distinct from held end) d on d.object_id = a.object_id "
        "where a.state = 'unknown' or a.doc is null or d.attribute is not null group by all order by all"
    )
    rows = [r for r in rows if not r[4] or not (r[2] or r[3])]
    return pa.table(
        {
            "object_id": pa.array([r[0] for r in rows], pa.int64()),
            "state": pa.array(["arrived" if r[4] else "failed" for r in rows], pa.string()),
            "code": pa.array(["" if r[4] else "NOT_CONFIRMED" for r in rows], pa.string()),
            "message": pa.array(
                ["" if r[4] else _message(is_missing=r[2], attributes=r[3] or []) for r in rows], pa.string()
            ),
            "due_at": pa.array([None if r[4] else due_after(r[1], now) for r in rows], pa.int64()),
        }
    )


def _message(*, is_missing: bool, attributes: list[str]) -> str:
    if is_missing:
        return "exported, but the system does not show the object"
    return f"exported, but the system shows another value of {', '.join(attributes)}"
