"""Operations written to a workbook: the sheet anew as values, everything else in the file as it was."""

from collections.abc import Sequence

import pyarrow as pa

from accord.connectors.base import ExportOperation, ExportOutcome
from accord.connectors.excel.package import insert_sheet
from accord.connectors.excel.settings import ExcelSettings
from accord.connectors.excel.sheet import CellKind, SheetContent, write_workbook
from accord.connectors.excel.workbook import Grid, cell_kinds, load_grid
from accord.connectors.tables.columns import anchors, wanted_columns
from accord.connectors.tables.edits import CellRules, TableEdits
from accord.connectors.tables.replacing import replaced
from accord.model.errors import SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

_MAX_CHARACTERS = 32_767
_MAX_ROWS = 1_048_576
_KIND_OF_TYPE = {
    ValueType.INTEGER: CellKind.NUMBER,
    ValueType.DECIMAL: CellKind.NUMBER,
    ValueType.BOOLEAN: CellKind.BOOLEAN,
    ValueType.DATE: CellKind.DATE,
    ValueType.DATETIME: CellKind.DATE,
}
_KIND_OF_DTYPE = {
    "int": CellKind.NUMBER,
    "float": CellKind.NUMBER,
    "boolean": CellKind.BOOLEAN,
    "date": CellKind.DATE,
    "datetime": CellKind.DATE,
}
_UNNAMED = "\0"


def write_objects(
    settings: ExcelSettings, object_type: ObjectTypeSchema, operations: Sequence[ExportOperation]
) -> list[ExportOutcome]:
    """Carry out the operations and return their outcomes; the file has changed by all of them, or not at all.

    A workbook that does not exist is made, with the columns of the object type. Holds the sheet in memory.
    """
    _require_xlsx(settings)
    grid = load_grid(settings) if settings.path.exists() else None
    table = _empty(object_type) if grid is None else _below_header(grid)
    place = str(settings.path)
    names = [name for name in table.column_names if not name.startswith(_UNNAMED)]
    wanted_columns(object_type, names, place)
    edits = TableEdits(
        table=table,
        anchors=anchors({name: table.column(name).combine_chunks() for name in object_type.anchor}, object_type),
        object_type=object_type,
        rules=CellRules(multi_value_delimiter=settings.multi_value_delimiter, max_characters=_MAX_CHARACTERS),
    )
    outcomes = edits.apply(operations)
    if edits.has_changes:
        _replace(settings, grid, edits.result(), object_type)
    return outcomes


def _require_xlsx(settings: ExcelSettings) -> None:
    if settings.path.suffix.lower() != ".xlsx":
        raise SystemRefused(
            f"cannot be written: only .xlsx can, not {settings.path.suffix}",
            place=str(settings.path),
            remedy="save the workbook as .xlsx and set path to it",
        )


def _empty(object_type: ObjectTypeSchema) -> pa.Table:
    names = dict.fromkeys((*object_type.anchor, *object_type.attributes))
    return pa.schema([(name, pa.string()) for name in names]).empty_table()


def _below_header(grid: Grid) -> pa.Table:
    """Return the rows below the header with every column; error values are marked texts."""
    names = {place: name for name, place in grid.columns.items()}
    columns = {}
    for place, cells in enumerate(grid.cells):
        texts = cells.slice(grid.header_row)
        marked = {
            row - grid.header_row: SheetContent.ERROR_MARK + text
            for (row, column), text in grid.cell_errors.items()
            if column == place and row >= grid.header_row
        }
        if marked:
            whole = texts.to_pylist()
            for row, text in marked.items():
                whole[row] = text
            texts = pa.array(whole, type=pa.string())
        columns[names.get(place, f"{_UNNAMED}{place}")] = texts
    return pa.table(columns)


def _replace(settings: ExcelSettings, grid: Grid | None, table: pa.Table, object_type: ObjectTypeSchema) -> None:
    above = [] if grid is None else [[cell[row].as_py() for cell in grid.cells] for row in range(grid.header_row)]
    if grid is None:
        above = [[None] * table.num_columns] * (settings.header_row - 1) + [list(table.column_names)]
    if len(above) + table.num_rows > _MAX_ROWS:
        raise SystemRefused(
            f"would have more than the {_MAX_ROWS} rows that a sheet can hold; nothing was exported",
            place=str(settings.path),
            remedy="use a csv file",
        )
    content = SheetContent(
        above=above,
        table=table,
        kinds=_kinds(grid, table.column_names, object_type),
        first_column=0 if grid is None else grid.first_column,
    )
    with replaced(settings.path, None if grid is None else grid.state) as temporary:
        if grid is None:
            write_workbook(temporary, settings.sheet or "Sheet1", content)
        else:
            insert_sheet(grid.path, temporary, grid.sheet, content)


def _kinds(grid: Grid | None, names: Sequence[str], object_type: ObjectTypeSchema) -> tuple[CellKind, ...]:
    """Return what each column's cells are now; a column without any takes after its attribute."""
    found = ("null",) * len(names) if grid is None else cell_kinds(grid)
    return tuple(
        _kind_of_attribute(object_type.attributes.get(name))
        if grid is None or _is_blank(grid, place)
        else _KIND_OF_DTYPE.get(found[place], CellKind.TEXT)
        for place, name in enumerate(names)
    )


def _is_blank(grid: Grid, place: int) -> bool:
    return bool(grid.cells[place].slice(grid.header_row).null_count == grid.row_count - grid.header_row)


def _kind_of_attribute(attribute: AttributeSchema | None) -> CellKind:
    if attribute is None or attribute.is_multivalued:
        return CellKind.TEXT
    return _KIND_OF_TYPE.get(attribute.type, CellKind.TEXT)
