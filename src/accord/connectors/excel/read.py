"""Rows of a sheet as objects: dates become canonical text, error values become errors of their rows."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.excel.workbook import Grid, cell_kinds
from accord.connectors.tables.columns import anchors, object_rows, wanted_columns
from accord.model.errors import RowError
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

_MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
_INSTANT = r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$"
_DTYPES = {"boolean": ValueType.BOOLEAN, "date": ValueType.DATE, "int": ValueType.INTEGER}


def read_objects(
    grid: Grid, object_type: ObjectTypeSchema, multi_value_delimiter: str
) -> tuple[pa.RecordBatch, tuple[RowError, ...]]:
    """Return all rows that can be read, and an error for each that cannot; rows of nothing wanted are no rows."""
    names = wanted_columns(object_type, tuple(grid.columns), f"{grid.path}, sheet {grid.sheet}")
    columns = {name: cell_texts(grid, name, object_type.attributes.get(name)) for name in names}
    rows = pa.arange(grid.header_row + 1, grid.row_count + 1)
    at = pc.binary_join_element_wise("row", rows.cast(pa.string()), " ")
    errors = _row_errors(grid, names, anchors(columns, object_type))
    keep = _is_row(list(columns.values()))
    if errors:
        bad = pa.array([int(error.at.removeprefix("row ")) for error in errors], type=pa.int64())
        keep = pc.and_(keep, pc.invert(pc.is_in(rows, value_set=bad)))
    kept = {name: column.filter(keep) for name, column in columns.items()}
    return object_rows(kept, at.filter(keep), object_type, multi_value_delimiter), errors


def cell_texts(grid: Grid, name: str, attribute: AttributeSchema | None) -> pa.Array:
    """Return the column below the header, dates and times as canonical text (Excel knows no zone: UTC)."""
    texts = grid.cells[grid.columns[name]].slice(grid.header_row)
    if attribute is None or attribute.type is not ValueType.DATETIME:
        texts = pc.replace_substring_regex(texts, _MIDNIGHT, r"\1")
    return pc.replace_substring_regex(texts, _INSTANT, r"\1T\2Z")


def discovered_types(grid: Grid) -> dict[str, ValueType]:
    """Return the type of each column whose cells all have one."""
    types = {}
    kinds = cell_kinds(grid)
    for name, place in grid.columns.items():
        dtype = kinds[place]
        if dtype in _DTYPES:
            types[name] = _DTYPES[dtype]
        elif dtype == "datetime":
            is_instant = pc.any(pc.match_substring(cell_texts(grid, name, None), "T")).as_py()
            types[name] = ValueType.DATETIME if is_instant else ValueType.DATE
        elif dtype == "float":
            has_point = pc.any(pc.match_substring(cell_texts(grid, name, None), ".")).as_py()
            types[name] = ValueType.DECIMAL if has_point else ValueType.INTEGER
    return types


def _is_row(columns: Sequence[pa.Array]) -> pa.Array:
    keep = columns[0].is_valid()
    for column in columns[1:]:
        keep = pc.or_(keep, column.is_valid())
    return keep


def _row_errors(grid: Grid, names: Sequence[str], anchor_texts: pa.Array) -> tuple[RowError, ...]:
    """Return one error for each row with an error value in a wanted column."""
    by_place = {grid.columns[name]: name for name in names}
    errors: dict[int, RowError] = {}
    for (row, place), text in sorted(grid.cell_errors.items()):
        if row < grid.header_row or place not in by_place or row in errors:
            continue
        errors[row] = RowError(
            code="CELL_ERROR",
            message=f"the cell of {by_place[place]} holds {text}",
            at=f"row {row + 1}",
            anchor=anchor_texts[row - grid.header_row].as_py(),
            attribute=by_place[place],
            remedy="correct the formula or the cells it refers to",
        )
    return tuple(errors.values())
