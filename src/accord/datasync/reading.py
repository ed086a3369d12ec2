"""The source of a job as a connector: reads the provider, runs the job's query on it, finds what identifies each row.

Files are read whole and the query runs in the set engine, behind the same gate as rules; databases and directories
answer their queries themselves. A row that cannot be identified, or whose key another row has, is that row's error.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from accord.connectors.base import (
    ANCHOR,
    AT,
    ChangeBatch,
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    ReadBatch,
    ReadScope,
)
from accord.datasync.compiled import LookUp, SourcePlan
from accord.datasync.keying import Keyed, key_rows
from accord.engine.expressions import Column, Compiler, attempt
from accord.engine.frames import Engine, literal, quote
from accord.engine.functions import install
from accord.model.errors import RowError, SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, SystemSchema, ValueType

_ROWS = "_rows"
_PLACE = "_place"
_ORDER = "_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSource:
    """A connector that reads one object type of the job, under the name that the connector gives it."""

    connector: Connector
    object_type: str


class RowScripts(Protocol):
    """What scripts do to the rows of a source."""

    def apply(self, plan: SourcePlan, rows: pa.Table) -> tuple[pa.Table, tuple[RowError, ...]]:
        """Return the rows with the columns that scripts compute, without those that were cancelled or failed."""


class NoScripts:
    """A job without scripts."""

    def apply(self, plan: SourcePlan, rows: pa.Table) -> tuple[pa.Table, tuple[RowError, ...]]:  # noqa: ARG002
        """Return the rows as they are."""
        return rows, ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the reader reaches beyond its plans: how to open, how to look names up, scripts, and the time."""

    open_source: Callable[[SourcePlan], OpenedSource]
    names_of: Callable[[LookUp], pa.Table]
    now: datetime
    scripts: RowScripts = field(default_factory=NoScripts)


class JobSource:
    """The source of one job. `places` tells, once it was read, where a key stands: by object type and key."""

    def __init__(self, plans: Mapping[str, SourcePlan], reach: Reach) -> None:
        self._plans = plans
        self._reach = reach
        self._read: dict[str, Keyed] = {}

    def test(self) -> ConnectionReport:
        """Return what the providers say of themselves."""
        facts: list[tuple[str, str]] = []
        for plan in self._plans.values():
            opened = self._reach.open_source(plan)
            try:
                facts += opened.connector.test().facts
            finally:
                opened.connector.close()
        return ConnectionReport(facts=tuple(facts))

    def discover(self) -> SystemSchema:
        """Return the columns of each object type's source, all as text."""
        return SystemSchema(object_types={name: self._columns_of(plan) for name, plan in self._plans.items()})

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the rows that each query selects, with the errors of those that cannot be used."""
        for name, schema in scope.object_types.items():
            keyed = self._rows_of(name)
            yield ReadBatch(object_type=name, rows=_batch(keyed.rows, schema), errors=keyed.errors)

    def watermark(self) -> str:
        """Return the newest time stamp there is now."""
        return self._newest()

    def read_changes(self, scope: ReadScope, since: str) -> Iterator[ChangeBatch]:
        """Yield the rows whose time stamp is newer than the watermark; rows that are gone are not told."""
        newest = self._newest()
        for name, schema in scope.object_types.items():
            plan, keyed = self._plans[name], self._rows_of(name)
            rows = keyed.rows
            if plan.time_stamp_field:
                rows = _newer(rows, plan.time_stamp_field, since)
            yield ChangeBatch(
                object_type=name, rows=_batch(rows, schema), errors=keyed.errors, watermark=newest or since
            )

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:  # noqa: ARG002
        """Refuse: a source is only read."""
        raise SystemRefused("the source of a job is only read", remedy="make it the destination of another job")

    def close(self) -> None:
        """Forget what was read."""
        self._read.clear()

    def place_of(self, object_type: str, key: str) -> str:
        """Return where a person finds the row of a key, empty when it was not read."""
        keyed = self._read.get(object_type)
        return keyed.places.get(key, "") if keyed is not None else ""

    def _newest(self) -> str:
        found = [
            newest
            for name, plan in self._plans.items()
            if plan.time_stamp_field and (newest := _latest(self._rows_of(name).rows, plan.time_stamp_field))
        ]
        return max(found, default="")

    def _rows_of(self, name: str) -> Keyed:
        if name not in self._read:
            self._read[name] = self._load(self._plans[name])
        return self._read[name]

    def _load(self, plan: SourcePlan) -> Keyed:
        rows, errors = self._raw(plan)
        with Engine(memory_limit="1GB") as engine, Compiler() as compiler:
            install(engine, now=self._reach.now)
            engine.load(_ROWS, rows)
            selected = _select(engine, compiler, plan, rows.column_names)
            for look_up in plan.look_ups:
                selected = _resolved(engine, selected, look_up, self._reach.names_of(look_up))
            scripted, failed = self._reach.scripts.apply(plan, selected)
            return key_rows(engine, compiler, plan, scripted, (*errors, *failed))

    def _raw(self, plan: SourcePlan) -> tuple[pa.Table, list[RowError]]:
        """Return every row with the columns wanted under the names of the job, its place and its order."""
        opened = self._reach.open_source(plan)
        try:
            there = opened.connector.discover().object_types.get(opened.object_type)
            names = _spelled(plan, tuple(there.attributes) if there else ())
            schema = ObjectTypeSchema(
                name=opened.object_type,
                anchor=there.anchor if there else tuple(names.values())[:1],
                attributes={theirs: AttributeSchema(name=theirs) for theirs in dict.fromkeys(names.values())},
                has_dn=there.has_dn if there else False,
            )
            batches, errors = [], []
            for batch in opened.connector.read(ReadScope(object_types={opened.object_type: schema})):
                batches.append(batch.rows)
                errors += batch.errors
        finally:
            opened.connector.close()
        return _named(batches, names), errors

    def _columns_of(self, plan: SourcePlan) -> ObjectTypeSchema:
        opened = self._reach.open_source(plan)
        try:
            there = opened.connector.discover().object_types[opened.object_type]
        finally:
            opened.connector.close()
        return ObjectTypeSchema(
            name=plan.object_type,
            anchor=there.anchor,
            attributes={name: AttributeSchema(name=name, type=ValueType.TEXT) for name in there.attributes},
        )


def _spelled(plan: SourcePlan, there: tuple[str, ...]) -> dict[str, str]:
    """Return the columns to read: the job's spelling -> the source's; raise SystemRefused naming what is missing."""
    by_folded = {name.casefold(): name for name in there}
    wanted = dict.fromkeys(plan.columns)
    if plan.selection is not None:
        # What the query computes is no column of the file; what it names is found when it is compiled.
        wanted = dict.fromkeys((*(n for n in wanted if n.casefold() in by_folded), *there))
    elif plan.reads_all:
        wanted.update(dict.fromkeys(there))
    missing = [name for name in wanted if name.casefold() not in by_folded]
    if missing:
        raise SystemRefused(
            f"the source has no column {', '.join(map(repr, missing))}; its columns are {', '.join(there)}",
            place=plan.place,
            remedy="correct the field map, or add the column",
        )
    return {name: by_folded[name.casefold()] for name in wanted}


def _named(batches: list[pa.RecordBatch], names: Mapping[str, str]) -> pa.Table:
    if not batches:
        empty = {name: pa.array([], pa.string()) for name in (*names, _PLACE)}
        return pa.table(empty | {_ORDER: pa.array([], pa.int64())})
    whole = pa.Table.from_batches(batches)
    columns = {name: whole[theirs].cast(pa.string()) for name, theirs in names.items()}
    return pa.table(columns | {_PLACE: whole[AT], _ORDER: pa.array(range(whole.num_rows), pa.int64())})


def _select(engine: Engine, compiler: Compiler, plan: SourcePlan, there: Sequence[str]) -> pa.Table:
    selection = plan.selection
    if selection is None:
        return engine.frame(f"select * from {_ROWS} order by {_ORDER}")
    columns = {name: Column(type=ValueType.TEXT) for name in there if name not in (_PLACE, _ORDER)}
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
    order = ", ".join([*orders, _ORDER])
    return engine.frame(
        f"select {', '.join(shown)}, {_PLACE}, row_number() over (order by {order}) as {_ORDER} from {_ROWS} "
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


def _resolved(engine: Engine, rows: pa.Table, look_up: LookUp, names: pa.Table) -> pa.Table:
    """Return the rows with a column of the names found, all in one join; who is not found, or not alone, has none."""
    engine.register("looking", rows)
    engine.register("found", names)
    value = quote(look_up.field)
    parts = f"string_split({value}, {literal(look_up.delimiter)})" if look_up.delimiter else f"[{value}]"
    try:
        return engine.frame(
            "with wanted as (select _order as n, lower(trim(u.v)) as v from (select _order, "
            f"unnest({parts}) as v from looking) u), "
            "known as (select lower(value) as v, min(dn) as dn from found group by all having count(distinct dn) = 1), "
            "named as (select w.n, list_sort(list(distinct k.dn)) as dns from wanted w join known k on k.v = w.v group by all) "
            f"select l.*, n.dns as {quote(look_up.column)} from looking l left join named n on n.n = l.{_ORDER} "
            f"order by l.{_ORDER}"
        )
    finally:
        engine.unregister("looking")
        engine.unregister("found")


def _batch(rows: pa.Table, schema: ObjectTypeSchema) -> pa.RecordBatch:
    columns = {ANCHOR: rows[ANCHOR], AT: rows[_PLACE]}
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


def _newer(rows: pa.Table, name: str, since: str) -> pa.Table:
    with Engine(memory_limit="256MB", threads=1) as engine:
        engine.register("stamped", rows)
        return engine.frame(
            f"select * from stamped where {quote(name)} is null "
            f"or try_cast({quote(name)} as timestamp) > try_cast({literal(since)} as timestamp)"
        )


def _latest(rows: pa.Table, name: str) -> str:
    with Engine(memory_limit="256MB", threads=1) as engine:
        engine.register("stamped", rows)
        return str(engine.value(f"select max(try_cast({quote(name)} as timestamp)) from stamped") or "")
