"""One delimited text file as a connected system."""

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
from accord.connectors.csv.read import locators, read_rows
from accord.connectors.csv.settings import CsvSettings
from accord.connectors.csv.survey import survey
from accord.connectors.csv.write import write_objects
from accord.connectors.tables.columns import discovered_type, object_rows, only_type, wanted_columns
from accord.connectors.tables.paging import pages
from accord.model.schema import SystemSchema

_LINE_ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}


class CsvConnector:
    """Opens the file anew for every call, so it holds nothing between them."""

    def __init__(self, settings: CsvSettings) -> None:
        self._settings = settings

    def test(self) -> ConnectionReport:
        """Return what the file is."""
        found = survey(self._settings)
        guessed = " (guessed; set encoding to be sure)" if found.is_guessed else ""
        return ConnectionReport(
            facts=(
                ("file", str(found.path)),
                ("size", f"{found.state.size_bytes} bytes"),
                ("encoding", f"{found.encoding}{' with byte order mark' if found.mark else ''}{guessed}"),
                ("delimiter", "tab" if found.delimiter == "\t" else found.delimiter),
                ("line end", _LINE_ENDS[found.line_end]),
                ("columns", ", ".join(found.columns)),
            )
        )

    def discover(self) -> SystemSchema:
        """Return the one object type: a text attribute for every column."""
        found = survey(self._settings)
        sample = next(iter(read_rows(found, found.columns)), None)
        columns = {} if sample is None else sample.columns
        name = self._settings.object_type
        return SystemSchema(object_types={name: discovered_type(name, found.columns, columns)})

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the rows of the file in their order."""
        place = str(self._settings.path)
        object_type = only_type(scope, self._settings.object_type, place)
        if object_type is None:
            return
        found = survey(self._settings)
        wanted = wanted_columns(object_type, found.columns, place)
        for rows in read_rows(found, wanted):
            whole = object_rows(rows.columns, locators(rows.lines), object_type, self._settings.multi_value_delimiter)
            yield from pages(object_type.name, whole, rows.errors, scope.page_rows)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Yield the outcomes once the file has been replaced as a whole."""
        object_type = only_type(scope, self._settings.object_type, str(self._settings.path))
        if operations and object_type is not None:
            yield from write_objects(self._settings, object_type, operations)

    def close(self) -> None:
        """Nothing is held open."""


KIND = ConnectorKind(
    name="csv",
    title="Delimited text file",
    settings=CsvSettings,
    capabilities=Capabilities(can_write=True, can_delete=True, writes_single_values=True, write_batch_rows=50_000),
    open=CsvConnector,
)
