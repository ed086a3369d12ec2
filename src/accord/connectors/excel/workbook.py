"""One sheet as a grid of texts, and every way in which a workbook can fail to be one."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.excel.settings import ExcelSettings
from accord.connectors.tables.columns import refuse_unusable_header
from accord.connectors.tables.replacing import FileState, file_state, refused, require_unchanged
from accord.model.errors import SystemRefused

_ZIPPED = (".xlsx", ".xlsm", ".ods")
_SUFFIXES = (*_ZIPPED, ".xls")
_OLE = b"\xd0\xcf\x11\xe0"
_ERROR_TEXTS = {
    "NA": "#N/A",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A sheet: one array of `string` per column, all rows from the first on, empty cells null.

    `columns` are the names in the header row with their place in `cells`; unnamed columns have none.
    `first_column` is how many empty columns are left of the first. `cell_errors` are Excel's error values by
    (row, column), both counted from 0 in `cells`.
    """

    path: Path
    state: FileState
    sheet: str
    sheets: tuple[str, ...]
    header_row: int
    columns: Mapping[str, int]
    cells: tuple[pa.Array, ...]
    first_column: int
    cell_errors: Mapping[tuple[int, int], str]

    @property
    def row_count(self) -> int:
        """Return how many rows the sheet has, with the header and what is above it."""
        return len(self.cells[0]) if self.cells else 0


def load_grid(settings: ExcelSettings) -> Grid:
    """Return the sheet; raise SystemRefused with the remedy for whatever stands in the way."""
    path = settings.path
    state = file_state(path)
    try:
        _require_workbook(path, settings.max_unpacked_bytes)
        reader = fastexcel.read_excel(str(path))
        sheet = _chosen_sheet(settings, reader.sheet_names)
        # Texts keep what a column of mixed cells would lose, and all digits of long numbers.
        whole = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = whole.to_arrow_with_errors()
    except OSError as error:
        raise refused(error, path) from error
    except fastexcel.FastExcelError as error:
        raise _unreadable(path, str(error).splitlines()[0]) from error
    require_unchanged(path, state)
    return Grid(
        path=path,
        state=state,
        sheet=sheet,
        sheets=tuple(reader.sheet_names),
        header_row=settings.header_row,
        columns=_header(settings, sheet, batch),
        cells=tuple(pc.if_else(pc.equal(column, ""), None, column) for column in batch.columns),
        first_column=min((column.absolute_index for column in whole.selected_columns), default=0),
        cell_errors={} if errors is None else {error.position: _error_text(error.detail) for error in errors.errors},
    )


def cell_kinds(grid: Grid) -> tuple[str, ...]:
    """Return fastexcel's name for what the cells of each column below the header are, by place; reads it again."""
    if grid.row_count <= grid.header_row:
        return ("null",) * len(grid.cells)
    try:
        reader = fastexcel.read_excel(str(grid.path))
        below = reader.load_sheet(grid.sheet, header_row=None, skip_rows=grid.header_row, schema_sample_rows=None)
    except fastexcel.FastExcelError as error:
        raise _unreadable(grid.path, str(error).splitlines()[0]) from error
    require_unchanged(grid.path, grid.state)
    return tuple(column.dtype for column in below.selected_columns)


def _require_workbook(path: Path, max_unpacked_bytes: int) -> None:
    if path.suffix.lower() not in _SUFFIXES:
        raise _unreadable(path, f"it must end in one of {', '.join(_SUFFIXES)}")
    with path.open("rb") as file:
        start = file.read(len(_OLE))
    if path.suffix.lower() not in _ZIPPED:
        return
    if start == _OLE:
        raise SystemRefused(
            "is encrypted, or an .xls under another name",
            place=str(path),
            remedy="save it without a password as .xlsx; protect the folder instead",
        )
    try:
        with zipfile.ZipFile(path) as package:
            unpacked = sum(entry.file_size for entry in package.infolist())
    except zipfile.BadZipFile as error:
        raise _unreadable(path, str(error)) from error
    if unpacked > max_unpacked_bytes:
        raise SystemRefused(
            f"unpacks to {unpacked} bytes, more than the {max_unpacked_bytes} allowed",
            place=str(path),
            remedy="if the file is to be trusted, raise max_unpacked_bytes; a csv file has no such limit",
        )


def _chosen_sheet(settings: ExcelSettings, sheets: list[str]) -> str:
    if settings.sheet is None and len(sheets) == 1:
        return sheets[0]
    if settings.sheet in sheets:
        return settings.sheet
    there = ", ".join(map(repr, sheets))
    problem = "has more than one sheet" if settings.sheet is None else f"has no sheet {settings.sheet!r}"
    raise SystemRefused(
        f"{problem}; its sheets are {there}", place=str(settings.path), remedy="set sheet to one of them"
    )


def _header(settings: ExcelSettings, sheet: str, batch: pa.RecordBatch) -> dict[str, int]:
    place = f"{settings.path}, sheet {sheet}"
    row = settings.header_row - 1
    names = [column[row].as_py() for column in batch.columns] if row < batch.num_rows else []
    if not any(names):
        raise SystemRefused(
            f"has no column names in row {settings.header_row}",
            place=place,
            remedy="set header_row to the row that names the columns",
        )
    refuse_unusable_header([name for name in names if name], place)
    return {name: index for index, name in enumerate(names) if name}


def _error_text(detail: str) -> str:
    kind = detail.partition("Error(")[2].partition(")")[0]
    return _ERROR_TEXTS.get(kind, "#VALUE!")


def _unreadable(path: Path, reason: str) -> SystemRefused:
    return SystemRefused(
        f"cannot be opened as a workbook ({reason})",
        place=str(path),
        remedy="open it in a spreadsheet program and save it as .xlsx without a password",
    )
