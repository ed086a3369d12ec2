"""Rows of a delimited text file as columns of text, streamed: constant memory, no Python per row."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from accord.connectors.csv.survey import BLOCK_BYTES, Survey
from accord.connectors.tables.replacing import refused, require_unchanged
from accord.model.errors import IncompleteRead, RowError, SystemRefused

_TAIL_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRows:
    """Some rows: the columns asked for as `string`, where each row begins, and the rows that could not be read."""

    columns: dict[str, pa.Array]
    lines: pa.Array
    errors: tuple[RowError, ...] = ()


def read_rows(found: Survey, wanted: Sequence[str]) -> Iterator[TextRows]:
    """Yield every row; a line whose wanted values are all empty is no row.

    A row with too many or too few values is an error of that row. Raises IncompleteRead when the file ends
    inside a row, or is changed meanwhile.
    """
    if found.has_rows:
        yield from _stream(found, wanted)
    require_unchanged(found.path, found.state)


def locators(lines: pa.Array) -> pa.Array:
    """Return "line N" for each line."""
    return pc.binary_join_element_wise("line", lines.cast(pa.string()), " ")


@dataclass(slots=True)
class _Places:
    """Counts lines: rows come as batches without those skipped, and a quoted value may span lines."""

    line: int
    row: int = 1
    skipped: list[arrow_csv.InvalidRow] = field(default_factory=list)
    last_height: int = 1
    last_skipped: str | None = None
    errors: list[RowError] = field(default_factory=list)

    def skip(self, row: arrow_csv.InvalidRow) -> str:
        """Remember a row of the wrong length; Arrow calls this while it reads ahead."""
        self.skipped.append(row)
        return "skip"

    def place(self, heights: pa.Array | None, count: int) -> pa.Array:
        """Return the line on which each of the next rows begins; `heights` are their lines, None all one."""
        places, done = [], 0
        while self.skipped and int(self.skipped[0].number) <= self.row + count - done:
            ahead = int(self.skipped[0].number) - self.row
            places.append(self._advance(heights, done, ahead))
            done += ahead
            self._pass_skipped()
        places.append(self._advance(heights, done, count - done))
        return pa.concat_arrays(places)

    def finish(self) -> None:
        """Count the skipped rows after the last good one."""
        while self.skipped:
            self._pass_skipped()

    def _advance(self, heights: pa.Array | None, first: int, count: int) -> pa.Array:
        if count == 0:
            return pa.array([], type=pa.int64())
        if heights is None:
            lines, self.last_height = pa.arange(self.line, self.line + count), 1
        else:
            own = heights.slice(first, count)
            lines = pc.add(pc.subtract(pc.cumulative_sum(own), own), self.line)
            self.last_height = own[-1].as_py()
        self.line = lines[-1].as_py() + self.last_height
        self.last_skipped = None
        self.row += count
        return lines

    def _pass_skipped(self) -> None:
        row = self.skipped.pop(0)
        self.errors.append(_ragged(row, self.line))
        self.last_height = 1 + row.text.count("\n")
        self.last_skipped = row.text
        self.line += self.last_height
        self.row += 1


def _stream(found: Survey, wanted: Sequence[str]) -> Iterator[TextRows]:
    places = _Places(line=1 + found.head.count("\n" if "\n" in found.line_end else "\r"))
    # A value of any column may span lines, and then it counts for the lines below it.
    names = found.columns if found.has_quotes else tuple(wanted)
    try:
        with _opened(found) as source:
            for batch in _arrow_reader(source, found, names, places):
                count = batch.num_rows
                lines = places.place(_heights(batch) if found.has_quotes else None, count)
                rows = _without_blank({name: batch.column(name) for name in wanted}, lines)
                errors, places.errors = tuple(places.errors), []
                yield TextRows(columns=rows[0], lines=rows[1], errors=errors)
    except pa.ArrowInvalid as error:
        raise _unreadable(found, error, places.line) from error
    except OSError as error:
        raise refused(error, found.path) from error
    places.finish()
    _require_whole(found, places)
    if places.errors:
        none = {name: pa.array([], type=pa.string()) for name in wanted}
        yield TextRows(columns=none, lines=pa.array([], type=pa.int64()), errors=tuple(places.errors))


def _arrow_reader(
    source: pa.NativeFile, found: Survey, names: Sequence[str], places: _Places
) -> arrow_csv.CSVStreamingReader:
    return arrow_csv.open_csv(
        source,
        # One thread: with more, Arrow does not tell the number of a row that it skips.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=list(found.columns)),
        parse_options=arrow_csv.ParseOptions(
            delimiter=found.delimiter,
            quote_char=found.quote,
            newlines_in_values=found.has_quotes,
            ignore_empty_lines=False,
            invalid_row_handler=places.skip,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in found.columns},
            include_columns=list(names),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _opened(found: Survey) -> pa.NativeFile:
    """Return the rows as UTF-8 from the first one on."""
    head = len(found.head.encode())
    if found.encoding == "utf-8":
        source = pa.OSFile(str(found.path))
        source.seek(len(found.mark) + head)
        return source
    return pa.PythonFile(_Transcoded(found), mode="r")


class _Transcoded(io.RawIOBase):
    """The text after the head as UTF-8."""

    def __init__(self, found: Survey) -> None:
        self._file: BinaryIO = found.path.open("rb")
        self._file.seek(len(found.mark) + len(found.head.encode(found.encoding)))
        self._decoder = codecs.getincrementaldecoder(found.encoding)()
        self._left = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size or size < 0:
            block = self._file.read(BLOCK_BYTES)
            self._left += self._decoder.decode(block, final=not block).encode()
            if not block:
                break
        size = len(self._left) if size < 0 else size
        taken, self._left = self._left[:size], self._left[size:]
        return taken


def _heights(batch: pa.RecordBatch) -> pa.Array | None:
    """Return how many lines each row takes, None when all take one."""
    heights = None
    for column in batch.columns:
        data = column.buffers()[2]
        if data is not None and b"\n" in data.to_pybytes():
            ends = pc.fill_null(pc.count_substring(column, "\n"), 0).cast(pa.int64())
            heights = pc.add(ends, 1 if heights is None else heights)
    return heights


def _without_blank(columns: dict[str, pa.Array], lines: pa.Array) -> tuple[dict[str, pa.Array], pa.Array]:
    if all(column.null_count for column in columns.values()):
        is_row = reduce(pc.or_, (column.is_valid() for column in columns.values()))
        if not pc.all(is_row).as_py():
            return {name: column.filter(is_row) for name, column in columns.items()}, lines.filter(is_row)
    return columns, lines


def _ragged(row: arrow_csv.InvalidRow, line: int) -> RowError:
    values = "1 value" if row.actual_columns == 1 else f"{row.actual_columns} values"
    return RowError(
        code="RAGGED_ROW",
        message=f"the row has {values}, the file has {row.expected_columns} columns",
        at=f"line {line}",
        remedy="quote values that contain the delimiter, or add the missing ones",
    )


def _unreadable(found: Survey, error: pa.ArrowInvalid, line: int) -> SystemRefused:
    return SystemRefused(
        f"cannot be read as rows, at or after line {line} ({str(error).splitlines()[0]})",
        place=str(found.path),
        remedy="look for a quote that is opened and not closed, and check delimiter and quote",
    )


def _require_whole(found: Survey, places: _Places) -> None:
    tail = _tail(found, places.last_height + 1)
    if places.last_skipped is not None:
        is_whole = tail.endswith(("\n", "\r")) and _is_whole(places.last_skipped, found)
    else:
        is_whole = not (found.has_quotes and _ends_in_quote(tail, places.last_height, found))
    if not is_whole:
        raise IncompleteRead(
            f"ends in the middle of a row (line {places.line - places.last_height})",
            place=str(found.path),
            remedy="the file was cut off: export or copy it again",
        )


def _ends_in_quote(tail: str, line_count: int, found: Survey) -> bool:
    """Tell whether the last row, of so many lines, opens a quote and does not close it.

    The row is the last lines of the file, with or without a line end after them; only one reading can be whole.
    """
    lines = tail.split("\n")
    return not any(_is_whole("\n".join(lines[-count:]), found) for count in (line_count, line_count + 1))


def _is_whole(text: str, found: Survey) -> bool:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=found.delimiter, quotechar=found.quote, strict=True)
    try:
        return len(list(rows)) == 1
    except csv.Error as error:
        return "unexpected end of data" not in str(error)


def _tail(found: Survey, line_count: int) -> str:
    """Return the end of the file, at least so many lines of it."""
    size, first = found.state.size_bytes, len(found.mark)
    with found.path.open("rb") as file:
        wanted = _TAIL_BYTES
        while True:
            start = max(first, (size - wanted) // 4 * 4 + first)
            file.seek(start)
            text = file.read().decode(found.encoding, errors="replace")
            if start == first or text.count("\n") > line_count:
                return text
            wanted *= 4
