"""Texts as cells of a sheet: numbers, dates and booleans where they are exactly that, all else as text.

A text is never a formula and never a link, whatever it begins with.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pyarrow as pa
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from accord.model.errors import SystemRefused

DATE_FORMAT = 14
DATETIME_FORMAT = 22
"""Built-in number formats, shown as the reader's own short date, and date and time."""

# More digits than these, a leading zero or an exponent would not come back as they were.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?", re.ASCII)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z?)?", re.ASCII)
_BATCH_ROWS = 10_000


class CellKind(Enum):
    """What the cells of a column are, as far as their texts allow."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContent:
    """A sheet to be: the rows down to the header, then the table; `kinds` one per column of it."""

    above: Sequence[Sequence[str | None]]
    table: pa.Table
    kinds: tuple[CellKind, ...]
    first_column: int

    ERROR_MARK: ClassVar[str] = "\0"


def write_workbook(path: Path, sheet: str, content: SheetContent, *, counts_from_1904: bool = False) -> None:
    """Write a workbook of this one sheet; raises OSError when the disk is full."""
    try:
        # A folder of its own, because XlsxWriter leaves its temporary files behind when the disk is full.
        with TemporaryDirectory(dir=path.parent, prefix=".accord-") as folder:
            options = {"constant_memory": True, "tmpdir": folder, "date_1904": counts_from_1904}
            book = xlsxwriter.Workbook(str(path), options)
            _fill(book, book.add_worksheet(sheet), content)
            book.close()
    except XlsxWriterException as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from error
        raise SystemRefused(f"cannot be written ({error})", place=str(path), remedy="correct sheet or path") from error


def _fill(book: Any, sheet: Any, content: SheetContent) -> None:
    formats = {
        DATE_FORMAT: book.add_format({"num_format": DATE_FORMAT}),
        DATETIME_FORMAT: book.add_format({"num_format": DATETIME_FORMAT}),
    }
    row = 0
    for row, texts in enumerate(content.above):
        for column, text in enumerate(texts, content.first_column):
            _write_text(sheet, row, column, text)
    batches = content.table.to_batches(max_chunksize=_BATCH_ROWS)
    rows = chain.from_iterable(zip(*(column.to_pylist() for column in b.columns), strict=True) for b in batches)
    for below, texts in enumerate(rows, len(content.above)):
        for column, (text, kind) in enumerate(zip(texts, content.kinds, strict=True), content.first_column):
            if text is not None and not _write_typed(sheet, (below, column), text, kind, formats):
                _write_text(sheet, below, column, text)


def _write_text(sheet: Any, row: int, column: int, text: str | None) -> None:
    if text is None:
        return
    if text.startswith(SheetContent.ERROR_MARK):
        error = text.removeprefix(SheetContent.ERROR_MARK)
        sheet.write_formula(row, column, f"={error}", None, error)
    else:
        sheet.write_string(row, column, text)


def _write_typed(sheet: Any, at: tuple[int, int], text: str, kind: CellKind, formats: dict[int, Any]) -> bool:
    """Write the text as a cell of that kind and return True, or False when it is not exactly one."""
    if kind is CellKind.NUMBER and _NUMBER.fullmatch(text) and text != "-0":
        sheet.write_number(*at, float(text))
        return True
    if kind is CellKind.BOOLEAN and text in ("true", "false"):
        sheet.write_boolean(*at, text == "true")
        return True
    match = _DATE.fullmatch(text) if kind is CellKind.DATE else None
    if match is None or match[1] < "1904-01-01":
        return False
    try:
        day = date.fromisoformat(match[1])
        instant = None if match[2] is None else datetime.fromisoformat(f"{match[1]}T{match[2]}")
    except ValueError:
        return False
    has_time = instant is not None and instant.time() != datetime.min.time()
    sheet.write_datetime(*at, instant or day, formats[DATETIME_FORMAT if has_time else DATE_FORMAT])
    return True
