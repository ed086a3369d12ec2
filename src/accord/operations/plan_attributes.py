"""Which attributes a plan changes most: counted over all of its values at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from accord.engine.frames import Engine, literal
from accord.operations.plan_changes import Kind

_SHOWN = 30


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
    columns = kind.table.column_names
    after = "after" if "after" in columns else "doc"
    has_before = "before" in columns and kind.operation != "create"
    engine.register("changed", kind.table.select([*(["before"] if has_before else []), after]))
    try:
        rows = _differing(engine, after) if has_before else _given(engine, after)
    finally:
        engine.unregister("changed")
    return [
        AttributeCount(
            area=kind.area, system=kind.system, object_type=kind.object_type, operation=kind.operation,
            attribute=name, count=count, emptied=emptied,
        )
        for name, count, emptied in rows
        if count
    ]  # fmt: skip


def _given(engine: Engine, after: str) -> list[tuple[str, int, int]]:
    """Return how many objects are given each attribute: nothing was there before, so nothing is compared."""
    sql = f"select unnest(json_keys({after}::json)) as name from changed where {after} is not null"
    return [(name, int(count), 0) for name, count in engine.rows(f"select name, count(*) from ({sql}) group by name")]


def _differing(engine: Engine, after: str) -> list[tuple[str, int, int]]:
    """Return in how many objects each attribute differs, and of how many of these it loses its last value.

    Each document is parsed once for all of its attributes: a million of them take seconds, not minutes.
    """
    keys = " union ".join(
        f"select distinct unnest(json_keys({column}::json)) as name from changed where {column} is not null"
        for column in ("before", after)
    )
    names = [str(name) for (name,) in engine.rows(f"select name from ({keys}) order by name")]
    if not names:
        return []
    paths = ", ".join(literal("/" + name.replace("~", "~0").replace("/", "~1")) for name in names)
    counted = ", ".join(
        f"count(*) filter (old[{n}] is distinct from new[{n}]), "
        f"count(*) filter (old[{n}] is not null and new[{n}] is null)"
        for n in range(1, len(names) + 1)
    )
    (found,) = engine.rows(
        f"select {counted} from (select json_extract(coalesce(before, '{{}}')::json, [{paths}]) as old, "
        f"json_extract(coalesce({after}, '{{}}')::json, [{paths}]) as new from changed)"
    )
    return [(name, int(found[2 * n]), int(found[2 * n + 1])) for n, name in enumerate(names)]
