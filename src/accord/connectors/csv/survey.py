"""What a file is before its rows are read: encoding, delimiter, header, quotes. One quick pass over the bytes."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from accord.connectors.csv.settings import AUTO, CsvSettings
from accord.connectors.tables.columns import refuse_unusable_header
from accord.connectors.tables.replacing import FileState, file_state, refused
from accord.model.errors import SystemRefused

BLOCK_BYTES = 8 << 20
_SAMPLE_BYTES = 256 << 10
_TELLING_BYTES = 32
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How to read a file.

    `head` is the text before the first object's row, kept as it is when the file is written.
    `mark` is the byte order mark, `is_guessed` says that the encoding is a guess from a sample.
    """

    path: Path
    state: FileState
    encoding: str
    is_guessed: bool
    mark: bytes
    delimiter: str
    quote: str
    line_end: str
    columns: tuple[str, ...]
    head: str
    has_quotes: bool

    @property
    def has_rows(self) -> bool:
        """Tell whether anything follows the head."""
        return self.state.size_bytes > len(self.mark) + len(self.head.encode(self.encoding))


def survey(settings: CsvSettings) -> Survey:
    """Return how to read the file; raise SystemRefused when it is missing, empty, or not what the settings say."""
    path = settings.path
    state = file_state(path)
    try:
        with path.open("rb") as file:
            sample = file.read(_SAMPLE_BYTES)
            mark, encoding, is_guessed = _encoding(settings, sample)
            scan = _scan(file, len(mark), encoding, settings.quote)
            if scan.wrong is not None and settings.encoding == AUTO and not mark and not is_guessed:
                encoding, is_guessed = _guess(file, scan.wrong), True
                scan = _scan(file, 0, encoding, settings.quote)
            if scan.wrong is not None:
                raise _not_of(encoding, settings, file, scan.wrong)
    except OSError as error:
        raise refused(error, path) from error
    text = codecs.getincrementaldecoder(encoding)().decode(sample[len(mark) :])
    if not text:
        raise SystemRefused(
            "is empty: not even a header, which looks like a file cut off",
            place=str(path),
            remedy="export the file again; a population of nobody is a file with a header only",
        )
    delimiter, columns, head = _header(settings, text)
    refuse_unusable_header(columns, str(path))
    return Survey(
        path=path,
        state=state,
        encoding=encoding,
        is_guessed=is_guessed,
        mark=mark,
        delimiter=delimiter,
        quote=settings.quote,
        line_end=_line_end(text),
        columns=columns,
        head=head,
        has_quotes=scan.has_quotes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """What one pass over the bytes found; `wrong` is the place of the first byte that is not of the encoding."""

    has_quotes: bool
    wrong: int | None


def _scan(file: BinaryIO, start: int, encoding: str, quote: str) -> _Scan:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(start)
    has_quotes, offset = False, start
    for block in iter(lambda: file.read(BLOCK_BYTES), b""):
        has_quotes = has_quotes or quote.encode() in block
        pending = len(decoder.getstate()[0])
        if pending or encoding != "utf-8" or not _is_utf8(block):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return _Scan(has_quotes=has_quotes, wrong=offset - pending + error.start)
        offset += len(block)
    pending = len(decoder.getstate()[0])
    return _Scan(has_quotes=has_quotes, wrong=offset - pending if pending else None)


def _is_utf8(block: bytes) -> bool:
    """Tell whether the bytes are whole characters of UTF-8; several times as fast as decoding them."""
    offsets = pa.array([0, len(block)], pa.int32()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(block)]).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _encoding(settings: CsvSettings, sample: bytes) -> tuple[bytes, str, bool]:
    """Return the byte order mark, the encoding to try, and whether it is a guess."""
    mark, marked = next(((mark, name) for mark, name in _MARKS if sample.startswith(mark)), (b"", ""))
    if settings.encoding != AUTO:
        fits = marked and (marked == settings.encoding or marked.rsplit("-", 1)[0] == settings.encoding)
        return (mark, marked, False) if fits else (b"", _without_mark(settings.encoding), False)
    if marked:
        return mark, marked, False
    if b"\0" in sample:
        return b"", "utf-16-be" if sample.startswith(b"\0") else "utf-16-le", True
    return b"", "utf-8", False


def _without_mark(encoding: str) -> str:
    return f"{encoding}-le" if encoding in ("utf-16", "utf-32") else encoding


def _guess(file: BinaryIO, wrong: int) -> str:
    """Return the likeliest encoding; a handful of characters says nothing, and then it is Windows' western one."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few files need it, and every command would wait for it

    file.seek(max(0, wrong - _SAMPLE_BYTES // 2))
    telling = b"\n".join(line for line in file.read(_SAMPLE_BYTES).split(b"\n") if not line.isascii())
    best = from_bytes(telling).best() if sum(byte > 0x7F for byte in telling) >= _TELLING_BYTES else None
    return "cp1252" if best is None else codecs.lookup(best.encoding).name


def _not_of(encoding: str, settings: CsvSettings, file: BinaryIO, wrong: int) -> SystemRefused:
    file.seek(0)
    line = 1 + sum(file.read(min(BLOCK_BYTES, wrong - at)).count(b"\n") for at in range(0, wrong, BLOCK_BYTES))
    return SystemRefused(
        f"is not {encoding}: line {line}, byte {wrong} of the file",
        place=str(settings.path),
        remedy="set encoding to the one the file is written in, for example cp1252, or auto",
    )


def _header(settings: CsvSettings, text: str) -> tuple[str, tuple[str, ...], str]:
    """Return the delimiter, the column names, and the text before the first object's row."""
    preamble, delimiter = "", settings.delimiter
    first = text.split("\n", 1)[0].rstrip("\r")
    if first.startswith("sep=") and len(first) == len("sep=") + 1:
        preamble = text[: text.find("\n") + 1] or text
        delimiter = first[-1] if delimiter == AUTO else delimiter
    body = text[len(preamble) :]
    if delimiter == AUTO:
        delimiter = _likely_delimiter(body, settings.quote)
    if not settings.has_header:
        return delimiter, settings.columns or (), preamble
    names, length = _first_record(body, delimiter, settings.quote)
    if settings.columns is None:
        return delimiter, tuple(names), preamble + body[:length]
    if len(settings.columns) != len(names):
        raise SystemRefused(
            f"has {len(names)} columns, the setting columns names {len(settings.columns)}",
            place=str(settings.path),
            remedy=f"name them all: {', '.join(map(repr, names))}",
        )
    return delimiter, settings.columns, preamble + body[:length]


def _first_record(text: str, delimiter: str, quote: str) -> tuple[list[str], int]:
    """Return the first row that is not blank, and how many characters it ends after."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in io.StringIO(text, newline=""):
            taken += len(line)
            yield line

    rows = csv.reader(lines(), delimiter=delimiter, quotechar=quote)
    return next((row for row in rows if row), []), taken


def _likely_delimiter(text: str, quote: str) -> str:
    """Return the delimiter that splits the first rows most evenly, then into most columns."""

    def fitness(delimiter: str) -> tuple[bool, float, int]:
        rows = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=delimiter, quotechar=quote)
        widths = [len(row) for row, _ in zip(rows, range(50), strict=False) if row]
        width = widths[0] if widths else 0
        same = sum(found == width for found in widths) / max(len(widths), 1)
        return width > 1, round(same, 1), width

    return max(_DELIMITERS, key=fitness)


def _line_end(text: str) -> str:
    if "\r\n" in text:
        return "\r\n"
    return "\r" if "\r" in text and "\n" not in text else "\n"
