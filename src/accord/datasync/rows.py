"""Rows of a source in the set engine: selected by a query, with names looked up, as a read batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from accord.connectors.base import ANCHOR, AT
from accord.datasync.compiled import LookUp, SourcePlan
from accord.engine.expressions import Column, Compiler, attempt
from accord.engine.frames import Engine, literal, quote
from accord.model.errors import RowError, SystemRefused
from accord.model.schema import ObjectTypeSchema, ValueType

ROWS = "_rows"
PLACE = "_place"
ORDER = "_order"
"""The relation of rows, and its columns beside those of the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """Rows with what scripts computed: those to be used, those that were cancelled, and why others failed."""

    rows: pa.Table
    cancelled: pa.Table
    errors: tuple[RowError, ...] = ()


def select_rows(engine: Engine, compiler: Compiler, plan: SourcePlan, there: Sequence[str]) -> pa.Table:
    """Return what the query selects of the rows in the engine, in its order."""
    selection = plan.selection
    if selection is None:
        return engine.frame(f"select * from {ROWS} order by {ORDER}")
    columns = {name: Column(type=ValueType.TEXT) for name in there if name not in (PLACE, ORDER)}
    place = f"{plan.place}.query"
    shown = [
        f"({compiler.compile(text, columns, place=place).sql})::varchar as {quote(name)}"
        for name, text in selection.columns
    ] or [quote(name) for name in columns]
    names = [name for name, _ in selection.columns] or list(columns)
    _require_columns(plan, names)
    condition = "true"
    if selection.where:
        # A condition that fails for a row does not select it, as one that is null.
        sql = compiler.compile_condition(selection.where, columns, place=place).sql
        condition = f"coalesce(({attempt(sql)}).v, false)"
    orders = [
        f"({attempt(compiler.compile(text, columns, place=place).sql)}).v {'desc' if is_down else 'asc'}"
        for text, is_down in selection.order
    ]
    most = f" limit {selection.most:d}" if selection.most is not None else ""
    order = ", ".join([*orders, ORDER])
    return engine.frame(
        f"select {', '.join(shown)}, {PLACE}, row_number() over (order by {order}) as {ORDER} from {ROWS} "
        f"where {condition} order by {order}{most}"
    )


def _require_columns(plan: SourcePlan, names: Sequence[str]) -> None:
    there = {name.casefold() for name in names}
    missing = [name for name in plan.columns if name.casefold() not in there]
    if missing:
        raise SystemRefused(
            f"the source query gives no column {', '.join(map(repr, missing))}; it gives {', '.join(names)}",
            place=plan.place,
            remedy="correct the field map or the query",
        )


def with_names(engine: Engine, rows: pa.Table, look_up: LookUp, names: pa.Table) -> pa.Table:
    """Return the rows with a column of the names found, all in one join; who is not found, or not alone, has none."""
    engine.register("looking", rows)
    engine.register("found", names)
    value = quote(look_up.field)
    parts = f"string_split({value}, {literal(look_up.delimiter)})" if look_up.delimiter else f"[{value}]"
    try:
        return engine.frame(
            "with wanted as (select _order as n, lower(trim(u.v)) as v from (select _order, "
            f"unnest({parts}) as v from looking) u), "
            "known as (select lower(value) as v, min(dn) as dn from found group by all "
            "having count(distinct dn) = 1), "
            "named as (select w.n, list_sort(list(distinct k.dn)) as dns from wanted w join known k on k.v = w.v "
            "group by all) "
            f"select l.*, n.dns as {quote(look_up.column)} from looking l left join named n on n.n = l.{ORDER} "
            f"order by l.{ORDER}"
        )
    finally:
        engine.unregister("looking")
        engine.unregister("found")


def batch_of(rows: pa.Table, schema: ObjectTypeSchema) -> pa.RecordBatch:
    """Return keyed rows in the columns of a read batch."""
    columns = {ANCHOR: rows[ANCHOR], AT: rows[PLACE]}
    for name, attribute in schema.attributes.items():
        wanted = pa.list_(pa.string()) if attribute.is_multivalued else pa.string()
        column = rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, wanted)
        if pa.types.is_list(column.type) and not attribute.is_multivalued:
            column = _first_of(column)
        columns[name] = column.cast(wanted)
    table = pa.table(columns).combine_chunks()
    batches = table.to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pydict({n: pa.array([], c.type) for n, c in columns.items()})


def _first_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([v[0] if v else None for v in column.to_pylist()], pa.string())])


def newer_than(rows: pa.Table, name: str, since: str) -> pa.Table:
    """Return the rows whose time stamp is newer, or not there."""
    with Engine(memory_limit="256MB", threads=1) as engine:
        engine.register("stamped", rows)
        return engine.frame(
            f"select * from stamped where {quote(name)} is null "
            f"or try_cast({quote(name)} as timestamp) > try_cast({literal(since)} as timestamp)"
        )


def latest_in(rows: pa.Table, name: str) -> str:
    """Return the newest time stamp, empty when there is none."""
    with Engine(memory_limit="256MB", threads=1) as engine:
        engine.register("stamped", rows)
        return str(engine.value(f"select max(try_cast({quote(name)} as timestamp)) from stamped") or "")
