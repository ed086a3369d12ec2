"""The source of a job as a connector: reads the provider, runs the job's query on it, finds what identifies each row.

Files are read whole and the query runs in the set engine, behind the same gate as rules; databases and directories
answer their queries themselves. A row that cannot be identified, or whose key another row has, is that row's error.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from accord.datasync.keying import DUPLICATE_KEY, Keyed, key_rows
from accord.datasync.rows import ORDER, PLACE, ROWS, Scripted, batch_of, latest_in, newer_than, select_rows, with_names
from accord.engine.expressions import Compiler
from accord.engine.frames import Engine
from accord.engine.functions import install
from accord.model.errors import RowError, SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, SystemSchema, ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSource:
    """A connector that reads one object type of the job, under the name that the connector gives it."""

    connector: Connector
    object_type: str


class RowScripts(Protocol):
    """What scripts do to the rows of a source."""

    def apply(self, plan: SourcePlan, rows: pa.Table) -> Scripted:
        """Return the rows with the columns that scripts compute, those that were cancelled, and why others failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the reader reaches beyond its plans: how to open, how to look names up, scripts, and the time.

    `asked` returns the plan with the query that is really asked.
    """

    open_source: Callable[[SourcePlan], OpenedSource]
    asked: Callable[[SourcePlan], SourcePlan]
    names_of: Callable[[LookUp], pa.Table]
    now: datetime
    scripts: RowScripts


class JobSource:
    """The source of one job. `places` tells, once it was read, where a key stands: by object type and key."""

    def __init__(self, plans: Mapping[str, SourcePlan], reach: Reach) -> None:
        self._plans = plans
        self._reach = reach
        self._read: dict[str, Keyed] = {}
        self._positions: dict[str, dict[str, int]] = {}

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
            rows = batch_of(keyed.rows, schema)
            yield ReadBatch(object_type=name, rows=rows, errors=keyed.errors, unchanged=keyed.cancelled)

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
                rows = newer_than(rows, plan.time_stamp_field, since)
            yield ChangeBatch(
                object_type=name, rows=batch_of(rows, schema), errors=keyed.errors, watermark=newest or since
            )

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:  # noqa: ARG002
        """Refuse: a source is only read."""
        raise SystemRefused("the source of a job is only read", remedy="make it the destination of another job")

    @property
    def is_all_known(self) -> bool:
        """Tell whether every row that was read has said its key, and is one that the job goes by."""
        return all(
            not keyed.cancelled and all(error.code == DUPLICATE_KEY for error in keyed.errors)
            for keyed in self._read.values()
        )

    def close(self) -> None:
        """Hold nothing open; what was read is kept, so that a report can tell where rows stand."""

    def rows_of(self, object_type: str) -> pa.Table:
        """Return the rows that can be used, with their keys as anchors."""
        return self._rows_of(object_type).rows

    def row_at(self, object_type: str, key: str) -> pa.Table | None:
        """Return the row of a key, None when there is none."""
        if object_type not in self._positions:
            anchors = self._rows_of(object_type).rows[ANCHOR].to_pylist()
            self._positions[object_type] = {anchor: position for position, anchor in enumerate(anchors)}
        position = self._positions[object_type].get(key)
        return None if position is None else self._rows_of(object_type).rows.slice(position, 1)

    def place_of(self, object_type: str, key: str) -> str:
        """Return where a person finds the row of a key, empty when it was not read."""
        keyed = self._read.get(object_type)
        return keyed.places.get(key, "") if keyed is not None else ""

    def _newest(self) -> str:
        found = [
            newest
            for name, plan in self._plans.items()
            if plan.time_stamp_field and (newest := latest_in(self._rows_of(name).rows, plan.time_stamp_field))
        ]
        return max(found, default="")

    def _rows_of(self, name: str) -> Keyed:
        if name not in self._read:
            self._read[name] = self._load(self._reach.asked(self._plans[name]))
        return self._read[name]

    def _load(self, plan: SourcePlan) -> Keyed:
        rows, errors = self._raw(plan)
        with Engine(memory_limit="1GB") as engine, Compiler() as compiler:
            install(engine, now=self._reach.now)
            engine.load(ROWS, rows)
            selected = select_rows(engine, compiler, plan, rows.column_names)
            for look_up in plan.look_ups:
                selected = with_names(engine, selected, look_up, self._reach.names_of(look_up))
            return key_rows(engine, compiler, plan, self._reach.scripts.apply(plan, selected), errors)

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
            batches: list[pa.RecordBatch] = []
            errors: list[RowError] = []
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
        empty = {name: pa.array([], pa.string()) for name in (*names, PLACE)}
        return pa.table(empty | {ORDER: pa.array([], pa.int64())})
    whole = pa.Table.from_batches(batches)
    columns = {name: whole[theirs].cast(pa.string()) for name, theirs in names.items()}
    return pa.table(columns | {PLACE: whole[AT], ORDER: pa.array(range(whole.num_rows), pa.int64())})
