"""A directory in small, for scenarios: objects have dns, and live in a file that scenarios can show.

An entry that is renamed or moved takes those below it along, and references to it follow; a name is taken whatever its
case; and the directory itself gives new entries what identifies them.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from accord.connectors.base import (
    ConnectionReport,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.model.schema import ObjectTypeSchema, SystemSchema, ValueType
from accord.testing.scenario_tables import SEVERAL

DN = "dn"
"""The column that holds the names."""

SETTINGS = {"url": "ldaps://127.0.0.1:1", "bind_dn": "cn=scenario", "password": "env:SCENARIO_DIRECTORY"}
"""Settings that let a configuration with dns be valid; nothing is ever connected."""

Row = dict[str, str]


class TreeConnector:
    """A connector over one file with a column of dns; the first column is what the directory assigns."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def test(self) -> ConnectionReport:
        """Return nothing: there is nobody to ask."""
        return ConnectionReport(facts=())

    def discover(self) -> SystemSchema:
        """Return nothing: scenarios declare."""
        return SystemSchema(object_types={})

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield every row."""
        _, rows = self._load()
        for name, schema in scope.object_types.items():
            yield ReadBatch(object_type=name, rows=_batch(rows, schema))

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry out each operation, or say that its name is taken or its object is not there."""
        columns, rows = self._load()
        for operation in operations:
            yield self._carry_out(operation, scope.object_types[operation.object_type], columns, rows)
        with self._file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)

    def close(self) -> None:
        """Nothing is held."""

    def _load(self) -> tuple[list[str], list[Row]]:
        with self._file.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            return list(reader.fieldnames or ()), [dict(row) for row in reader]

    def _carry_out(
        self, operation: ExportOperation, schema: ObjectTypeSchema, columns: list[str], rows: list[Row]
    ) -> ExportOutcome:
        key = columns[0]
        found = next((row for row in rows if row[key] == operation.anchor), None)
        name = operation.new_dn or (operation.dn if operation.operation is Operation.CREATE else None)
        if name is not None and any(row[DN].lower() == name.lower() for row in rows if row is not found):
            return _refused(operation, "ALREADY_EXISTS", "there is an entry of this name")
        if operation.operation is Operation.CREATE:
            found = dict.fromkeys(columns, "") | {key: f"new{len(rows) + 1}", DN: operation.dn or ""}
            rows.append(found)
        elif found is None:
            return _refused(operation, "NO_SUCH_OBJECT", "there is no such entry")
        if operation.operation is Operation.DELETE:
            rows.remove(found)
        if operation.new_dn is not None:
            _rename(rows, found[DN], operation.new_dn)
        for change in operation.changes:
            held = set(filter(None, found[change.name].split(SEVERAL))) - set(change.removed)
            is_reference = schema.attributes[change.name].type is ValueType.REFERENCE
            is_difference = is_reference or change.after is None
            after = sorted(held | set(change.added)) if is_difference else change.after or ()
            found[change.name] = SEVERAL.join(after)
        return ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=found[key])


def _rename(rows: list[Row], old: str, new: str) -> None:
    """Give an entry, those below it and references to any of them their new names."""
    for row in rows:
        for column, cell in row.items():
            row[column] = SEVERAL.join(_renamed(text, old, new) for text in cell.split(SEVERAL))


def _renamed(text: str, old: str, new: str) -> str:
    if text.lower() == old.lower():
        return new
    return text[: -len(old)] + new if text.lower().endswith(f",{old.lower()}") else text


def _refused(operation: ExportOperation, code: str, message: str) -> ExportOutcome:
    return ExportOutcome(
        row=operation.row, state=OutcomeState.FAILED, anchor=operation.anchor, code=code, message=message
    )


def _batch(rows: Sequence[Row], schema: ObjectTypeSchema) -> pa.RecordBatch:
    columns: dict[str, pa.Array] = {
        "_anchor": pa.array([row[schema.anchor[0]] for row in rows], pa.string()),
        "_at": pa.array([row[DN] for row in rows], pa.string()),
        "_dn": pa.array([row[DN] for row in rows], pa.string()),
    }
    for name, attribute in schema.attributes.items():
        cells = [row.get(name) or None for row in rows]
        several = [None if cell is None else cell.split(SEVERAL) for cell in cells]
        columns[name] = (
            pa.array(several, pa.list_(pa.string())) if attribute.is_multivalued else pa.array(cells, pa.string())
        )
    return pa.RecordBatch.from_pydict(columns)
