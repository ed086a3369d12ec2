"""The destination of a running job: what it is sent, and what became of each, for the job's own report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from accord.connectors.base import (
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    ReadBatch,
    ReadScope,
)
from accord.datasync.leavers import is_disabling
from accord.engine.expressions import Column, Compiler, attempt
from accord.engine.frames import Engine
from accord.engine.functions import install
from accord.model.schema import SystemSchema, ValueType
from accord.store.times import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One operation with its outcome; what it carried is not kept but for the key."""

    object_type: str
    action: str
    name: str
    key: str
    outcome: ExportOutcome
    is_disabling: bool = False


class WatchedDestination:
    """A connector that notes what it is sent, and shows of a table only the rows the job is about."""

    def __init__(
        self,
        connector: Connector,
        *,
        keys: Mapping[str, tuple[str, ...]],
        conditions: Mapping[str, str],
        file: Path | None,
    ) -> None:
        self._connector = connector
        self._keys = keys
        self._conditions = conditions
        self._file = file
        self.sent: list[Sent] = []

    def test(self) -> ConnectionReport:
        """Return what the system says of itself."""
        return self._connector.test()

    def discover(self) -> SystemSchema:
        """Return what the system offers."""
        return self._connector.discover()

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the objects the job is about; a file that is not there yet holds none."""
        if self._file is not None and not self._file.exists():
            return
        for batch in self._connector.read(scope):
            condition = self._conditions.get(batch.object_type)
            rows = _filtered(batch.rows, condition) if condition else batch.rows
            yield ReadBatch(object_type=batch.object_type, rows=rows, errors=batch.errors)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry the operations out and note their outcomes."""
        by_row = {operation.row: operation for operation in operations}
        for outcome in self._connector.write(operations, scope):
            operation = by_row[outcome.row]
            self.sent.append(
                Sent(
                    object_type=operation.object_type,
                    action=operation.operation.value,
                    name=operation.dn or operation.anchor or outcome.anchor or "",
                    key=key_of(operation, self._keys),
                    outcome=outcome,
                    is_disabling=is_disabling(operation),
                )
            )
            yield outcome

    def close(self) -> None:
        """Release what is held."""
        self._connector.close()


def key_of(operation: ExportOperation, keys: Mapping[str, tuple[str, ...]]) -> str:
    """Return the key that an operation carries itself, as one that makes an object does; else the empty text."""
    values = {change.name: change.after or change.added for change in operation.changes}
    parts = [values.get(name, ()) for name in keys.get(operation.object_type, ())]
    return "|".join(part[0].lower() for part in parts) if parts and all(parts) else ""


def _filtered(rows: pa.RecordBatch, condition: str) -> pa.RecordBatch:
    columns = {f.name: Column(type=ValueType.TEXT) for f in rows.schema if pa.types.is_string(f.type)}
    with Engine(memory_limit="512MB") as engine, Compiler() as compiler:
        install(engine, now=utc_now())
        engine.register("shown", pa.Table.from_batches([rows]))
        sql = compiler.compile_condition(condition, columns, place="syncQuery").sql
        table = engine.frame(f"select * from shown where coalesce(({attempt(sql)}).v, false)").combine_chunks()
        batches = table.cast(rows.schema).to_batches()
    return batches[0] if batches else rows.slice(0, 0)
