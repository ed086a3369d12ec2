"""Export operations applied to a table of texts: rows found by anchor, created at the end, order kept.

Nothing is written here: the outcome of an operation holds once the caller has replaced the file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.base import (
    AttributeChange,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
)
from accord.connectors.tables.columns import ANCHOR_SEPARATOR
from accord.model.schema import ObjectTypeSchema

Row = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRules:
    """How values become the text of a cell; `protect` may alter what a reader of the file must not run."""

    multi_value_delimiter: str
    max_characters: int | None = None
    protect: Callable[[str], str] = str


class _Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True, kw_only=True)
class TableEdits:
    """One export in progress over `table`: columns of `string` by name, `anchors` one per row."""

    table: pa.Table
    anchors: pa.Array
    object_type: ObjectTypeSchema
    rules: CellRules
    _rows: dict[str, int] = field(default_factory=dict)
    _twice: set[str] = field(default_factory=set)
    _created: list[Row | None] = field(default_factory=list)
    _changed: dict[int, Row] = field(default_factory=dict)
    _deleted: set[int] = field(default_factory=set)
    _columns: Mapping[str, pa.Array] = field(default_factory=dict)

    def apply(self, operations: Sequence[ExportOperation]) -> list[ExportOutcome]:
        """Return the outcome of each operation, in order; a refused one changes nothing."""
        self._columns = {name: self.table.column(name).combine_chunks() for name in self.table.column_names}
        self._find({operation.anchor for operation in operations if operation.anchor is not None})
        return [self._outcome(operation) for operation in operations]

    @property
    def has_changes(self) -> bool:
        """Tell whether any operation was carried out."""
        return bool(self._created or self._changed or self._deleted)

    def result(self) -> pa.Table:
        """Return the table as it is to be: old rows in their order, then the created ones."""
        created = [row for row in self._created if row is not None]
        places = pa.arange(0, self.table.num_rows)
        is_kept = pc.invert(pc.is_in(places, value_set=pa.array(sorted(self._deleted), type=pa.int64())))
        changed = dict(sorted(self._changed.items()))
        columns = {}
        for name in self.table.column_names:
            kept = _replaced(self._columns[name], name, changed).filter(is_kept)
            added = pa.array([row.get(name) for row in created], type=pa.string())
            columns[name] = pa.chunked_array([kept, added])
        return pa.table(columns)

    def _find(self, wanted: set[str]) -> None:
        found = pc.is_in(self.anchors, value_set=pa.array(sorted(wanted), type=pa.string()))
        rows = pc.indices_nonzero(found)
        for row, anchor in zip(rows.to_pylist(), self.anchors.take(rows).to_pylist(), strict=True):
            if anchor in self._rows:
                self._twice.add(anchor)
            self._rows[anchor] = row

    def _outcome(self, operation: ExportOperation) -> ExportOutcome:
        try:
            anchor = self._carry_out(operation)
        except _Refused as refused:
            return ExportOutcome(row=operation.row, state=OutcomeState.FAILED, code=refused.code, message=str(refused))
        return ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=anchor)

    def _carry_out(self, operation: ExportOperation) -> str:
        if operation.object_type != self.object_type.name:
            raise _Refused("NOT_SUPPORTED", f"the file holds no objects of type {operation.object_type!r}")
        if operation.operation is Operation.CREATE:
            return self._create(operation)
        if operation.operation is Operation.RENAME:
            raise _Refused("NOT_SUPPORTED", "objects of a file have no dn and cannot be renamed")
        row = self._row_of(operation.anchor)
        anchor = str(operation.anchor)
        if operation.operation is Operation.DELETE:
            self._delete(anchor, row)
        else:
            self._update(operation, row)
        return anchor

    def _create(self, operation: ExportOperation) -> str:
        cells = {change.name: self._cell(change, None) for change in operation.changes}
        for name, part in self._anchor_parts(operation.anchor):
            cells[name] = cells.get(name) or part
        missing = [name for name in self.object_type.anchor if not cells.get(name)]
        if missing:
            raise _Refused("NO_ANCHOR", f"an object needs a value of {', '.join(missing)}")
        anchor = ANCHOR_SEPARATOR.join(str(cells[name]) for name in self.object_type.anchor)
        if anchor in self._rows:
            raise _Refused("ALREADY_EXISTS", f"there is already a row with the anchor {anchor!r}")
        self._rows[anchor] = self.table.num_rows + len(self._created)
        self._created.append(cells)
        return anchor

    def _update(self, operation: ExportOperation, row: int) -> None:
        cells = {change.name: self._cell(change, row) for change in operation.changes}
        for name in self.object_type.anchor:
            if name in cells and cells[name] != self._text(row, name):
                raise _Refused("ANCHOR_CHANGED", f"{name} identifies the row and cannot be changed")
        self._cells(row).update(cells)

    def _delete(self, anchor: str, row: int) -> None:
        del self._rows[anchor]
        if row >= self.table.num_rows:
            self._created[row - self.table.num_rows] = None
        else:
            self._deleted.add(row)

    def _row_of(self, anchor: str | None) -> int:
        if anchor in self._twice:
            raise _Refused("AMBIGUOUS", f"more than one row has the anchor {anchor!r}")
        row = None if anchor is None else self._rows.get(anchor)
        if row is None:
            raise _Refused("NOT_FOUND", f"there is no row with the anchor {anchor!r}")
        return row

    def _cells(self, row: int) -> Row:
        if row < self.table.num_rows:
            return self._changed.setdefault(row, {})
        return self._created[row - self.table.num_rows] or {}

    def _text(self, row: int, name: str) -> str | None:
        cells = self._changed.get(row, {}) if row < self.table.num_rows else self._cells(row)
        if name in cells or row >= self.table.num_rows:
            return cells.get(name)
        text: str | None = self._columns[name][row].as_py()
        return text

    def _anchor_parts(self, anchor: str | None) -> list[tuple[str, str]]:
        names = self.object_type.anchor
        if anchor is None:
            return []
        parts = [anchor] if len(names) == 1 else anchor.split(ANCHOR_SEPARATOR)
        return list(zip(names, parts, strict=True)) if len(parts) == len(names) else []

    def _cell(self, change: AttributeChange, row: int | None) -> str | None:
        if change.name not in self._columns:
            raise _Refused("NO_SUCH_COLUMN", f"the file has no column {change.name!r}")
        attribute = self.object_type.attributes.get(change.name)
        if attribute is not None and attribute.is_multivalued:
            return self._cell_of_many(change, row)
        values = change.added if change.after is None else change.after
        if len(values) > 1:
            raise _Refused("TOO_MANY_VALUES", f"{change.name} is single-valued and got {len(values)} values")
        return self._allowed(change.name, values[0]) if values else None

    def _cell_of_many(self, change: AttributeChange, row: int | None) -> str | None:
        delimiter = self.rules.multi_value_delimiter
        if any(delimiter in value for value in change.added):
            raise _Refused(
                "VALUE_HAS_DELIMITER", f"a value of {change.name} contains {delimiter!r}, which separates values"
            )
        text = None if row is None else self._text(row, change.name)
        values = dict.fromkeys(value for value in (text or "").split(delimiter) if value)
        for value in change.removed:
            values.pop(value, None)
        values.update(dict.fromkeys(change.added))
        return self._allowed(change.name, delimiter.join(values)) if values else None

    def _allowed(self, name: str, text: str) -> str:
        most = self.rules.max_characters
        if most is not None and len(text) > most:
            raise _Refused("VALUE_TOO_LONG", f"{name} has {len(text)} characters, a cell holds {most}")
        return self.rules.protect(text)


def _replaced(texts: pa.Array, name: str, changed: Mapping[int, Row]) -> pa.Array:
    """Return the texts with those of the changed rows that name this column; rows come in their order."""
    cells = {row: row_cells[name] for row, row_cells in changed.items() if name in row_cells}
    if not cells:
        return texts
    is_changed = pc.is_in(pa.arange(0, len(texts)), value_set=pa.array(list(cells), type=pa.int64()))
    return pc.replace_with_mask(texts, is_changed, pa.array(list(cells.values()), type=pa.string()))
