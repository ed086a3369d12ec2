"""Which attributes a plan changes most: counted over all of its values at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from accord.engine.frames import Engine
from accord.operations.plan_changes import Kind

_SHOWN = 30
_COUNTED = """
select name, count(*) as objects, count(*) filter (old is not null and new is null) as emptied
from (
  select name, before -> name as old, after -> name as new
  from (
    select before, after, unnest(list_distinct(list_concat(
      coalesce(json_keys(before), []), coalesce(json_keys(after), [])))) as name
    from (select coalesce({before}, '{{}}')::json as before, coalesce({after}, '{{}}')::json as after from changed)
  )
)
where old is distinct from new
group by name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeCount:
    """How many objects of one kind change in one attribute, and how many of them lose its last value."""

    area: str
    system: str
    object_type: str
    operation: str
    attribute: str
    count: int
    emptied: int


def count_attributes(engine: Engine, kinds: Sequence[Kind]) -> tuple[AttributeCount, ...]:
    """Return the attributes of each kind that changes values, those of most objects first."""
    found = [
        count for kind in kinds if kind.operation in ("update", "disable", "create") for count in _of(engine, kind)
    ]
    return tuple(sorted(found, key=lambda c: (-c.count, c.system, c.attribute))[:_SHOWN])


def _of(engine: Engine, kind: Kind) -> list[AttributeCount]:
    names = kind.table.column_names
    before = "before" if "before" in names else "null"
    after = "after" if "after" in names else "doc"
    engine.register("changed", kind.table.select([n for n in (before, after) if n in names]))
    try:
        rows = engine.rows(_COUNTED.format(before=before, after=after))
    finally:
        engine.unregister("changed")
    return [
        AttributeCount(
            area=kind.area, system=kind.system, object_type=kind.object_type, operation=kind.operation,
            attribute=name, count=count, emptied=emptied,
        )
        for name, count, emptied in rows
    ]  # fmt: skip
