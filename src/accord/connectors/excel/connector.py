"""One sheet of a workbook as a connected system."""

from collections.abc import Iterator, Sequence

from accord.connectors.base import (
    Capabilities,
    ConnectionReport,
    ConnectorKind,
    ExportOperation,
    ExportOutcome,
    ReadBatch,
    ReadScope,
)
from accord.connectors.excel.read import cell_texts, discovered_types, read_objects
from accord.connectors.excel.settings import ExcelSettings
from accord.connectors.excel.workbook import load_grid
from accord.connectors.excel.write import write_objects
from accord.connectors.tables.columns import discovered_type, only_type
from accord.connectors.tables.paging import pages
from accord.model.schema import SystemSchema


class ExcelConnector:
    """Opens the workbook anew for every call, so it holds nothing between them. A call holds the whole sheet."""

    def __init__(self, settings: ExcelSettings) -> None:
        self._settings = settings

    def test(self) -> ConnectionReport:
        """Return what the workbook is."""
        grid = load_grid(self._settings)
        return ConnectionReport(
            facts=(
                ("file", str(grid.path)),
                ("size", f"{grid.state.size_bytes} bytes"),
                ("sheets", ", ".join(grid.sheets)),
                ("sheet", grid.sheet),
                ("rows below the header", str(grid.row_count - grid.header_row)),
                ("columns", ", ".join(grid.columns)),
            )
        )

    def discover(self) -> SystemSchema:
        """Return the one object type: an attribute for every named column, typed as its cells are."""
        grid = load_grid(self._settings)
        name = self._settings.object_type
        sample = {column: cell_texts(grid, column, None) for column in grid.columns}
        found = discovered_type(name, tuple(grid.columns), sample, discovered_types(grid))
        return SystemSchema(object_types={name: found})

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the rows of the sheet in their order."""
        object_type = only_type(scope, self._settings.object_type, str(self._settings.path))
        if object_type is None:
            return
        rows, errors = read_objects(load_grid(self._settings), object_type, self._settings.multi_value_delimiter)
        yield from pages(object_type.name, rows, errors, scope.page_rows)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Yield the outcomes once the workbook has been replaced as a whole."""
        object_type = only_type(scope, self._settings.object_type, str(self._settings.path))
        if operations and object_type is not None:
            yield from write_objects(self._settings, object_type, operations)

    def close(self) -> None:
        """Nothing is held open."""


KIND = ConnectorKind(
    name="excel",
    title="Spreadsheet",
    settings=ExcelSettings,
    capabilities=Capabilities(can_write=True, can_delete=True, writes_single_values=True, write_batch_rows=50_000),
    open=ExcelConnector,
)
