"""Operations written to a delimited text file: the whole file anew, in its own dialect, in one step."""

import csv
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.base import ExportOperation, ExportOutcome
from accord.connectors.csv.read import read_rows
from accord.connectors.csv.settings import AUTO, CsvSettings
from accord.connectors.csv.survey import Survey, survey
from accord.connectors.tables.columns import anchors, wanted_columns
from accord.connectors.tables.edits import CellRules, TableEdits
from accord.connectors.tables.replacing import FileState, replaced
from accord.model.errors import SystemRefused
from accord.model.schema import ObjectTypeSchema

if TYPE_CHECKING:
    from _csv import Writer

_BATCH_ROWS = 50_000
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def write_objects(
    settings: CsvSettings, object_type: ObjectTypeSchema, operations: Sequence[ExportOperation]
) -> list[ExportOutcome]:
    """Carry out the operations and return their outcomes; the file has changed by all of them, or not at all.

    A file that does not exist is made, with the columns of the object type. Holds the whole file in memory.
    """
    found = survey(settings) if settings.path.exists() else None
    table = _empty(settings, object_type) if found is None else _whole(found)
    wanted_columns(object_type, table.column_names, str(settings.path))
    edits = TableEdits(
        table=table,
        anchors=anchors({name: table.column(name).combine_chunks() for name in object_type.anchor}, object_type),
        object_type=object_type,
        rules=CellRules(
            multi_value_delimiter=settings.multi_value_delimiter,
            protect=_neutralised if settings.neutralise_formulas else str,
        ),
    )
    outcomes = edits.apply(operations)
    if edits.has_changes:
        _replace(settings, found, edits.result())
    return outcomes


def _whole(found: Survey) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in found.columns])
    batches = []
    for rows in read_rows(found, found.columns):
        if rows.errors:
            first = rows.errors[0]
            raise SystemRefused(
                f"cannot be written: {first.message}, which would be lost",
                place=f"{found.path}, {first.at}",
                remedy="correct the row, then export again",
            )
        batches.append(pa.RecordBatch.from_pydict(rows.columns, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def _empty(settings: CsvSettings, object_type: ObjectTypeSchema) -> pa.Table:
    names = settings.columns or tuple(dict.fromkeys((*object_type.anchor, *object_type.attributes)))
    return pa.schema([(name, pa.string()) for name in names]).empty_table()


def _replace(settings: CsvSettings, found: Survey | None, table: pa.Table) -> None:
    before: FileState | None = None if found is None else found.state
    mark = b"" if found is None else found.mark
    encoding = _encoding(settings, found)
    with replaced(settings.path, before) as temporary:
        with temporary.open("wb") as file:
            file.write(mark)
        with temporary.open("a", encoding=encoding, newline="") as file:
            try:
                _write_rows(settings, found, table, file)
            except UnicodeEncodeError as error:
                character = error.object[error.start]
                raise SystemRefused(
                    f"is written in {encoding}, which has no {character!r}; nothing was exported",
                    place=str(settings.path),
                    remedy="convert the file to utf-8, or correct the value",
                ) from error


def _encoding(settings: CsvSettings, found: Survey | None) -> str:
    if found is not None:
        return found.encoding
    return "utf-8" if settings.encoding == AUTO else settings.encoding


def _write_rows(settings: CsvSettings, found: Survey | None, table: pa.Table, file: TextIO) -> None:
    end = "\n" if found is None else found.line_end
    plain, quoting = (_writer(settings, found, file, end, which) for which in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    if found is None and settings.has_header:
        plain.writerow(table.column_names)
    if found is not None:
        file.write(found.head)
        file.write("" if not found.head or found.head.endswith(("\n", "\r")) else end)
    stray = "\n" if end == "\r" else "\r"
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        if any(pc.any(pc.match_substring(column, stray)).as_py() for column in batch.columns):
            _write_each(rows, stray, plain, quoting)
        else:
            plain.writerows(rows)


def _write_each(rows: Iterable[tuple[str | None, ...]], stray: str, plain: "Writer", quoting: "Writer") -> None:
    """Write rows of which some hold the other line end, which Python's csv before 3.13 does not quote."""
    for row in rows:
        has_stray = any(text is not None and stray in text for text in row)
        (quoting if has_stray else plain).writerow(row)


def _writer(
    settings: CsvSettings, found: Survey | None, file: TextIO, line_end: str, quoting: Literal[0, 1]
) -> "Writer":
    delimiter = "," if settings.delimiter == AUTO else settings.delimiter
    return csv.writer(
        file,
        delimiter=delimiter if found is None else found.delimiter,
        quotechar=settings.quote,
        lineterminator=line_end,
        quoting=quoting,
    )


def _neutralised(text: str) -> str:
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text
