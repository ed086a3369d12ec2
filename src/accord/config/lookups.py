"""Reads a lookup kept as CSV: two columns, `key` and `value`."""

import csv
from collections.abc import Iterator, Mapping

from accord.config.findings import Findings

MAX_BYTES = 20_000_000


def read_csv_lookup(content: bytes, file: str, findings: Findings) -> Mapping[str, str] | None:
    """Return the table, or None after noting why it cannot be used; `file` is the place in messages."""
    if len(content) > MAX_BYTES:
        findings.error(
            f"the file is larger than {MAX_BYTES:,} bytes",
            place=file,
            remedy="make it a connected system: a table of this size is data",
        )
        return None
    try:
        rows = csv.reader(content.decode("utf-8-sig").splitlines(keepends=True), strict=True)
        return dict(_pairs(rows, file, findings))
    except UnicodeDecodeError:
        findings.error("the text is not UTF-8", place=f"{file}:1", remedy="save the file as UTF-8")
    except csv.Error as error:
        findings.error(f"this is not CSV: {error}", place=f"{file}:1", remedy="use commas, and double quotes")
    return None


def _pairs(rows: Iterator[list[str]], file: str, findings: Findings) -> Iterator[tuple[str, str]]:
    if next(rows, None) != ["key", "value"]:
        findings.error("the first line is not `key,value`", place=f"{file}:1", remedy="write it so")
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        place = f"{file}:{line}"
        if not row:
            continue
        if len(row) != 2:
            findings.error(
                f"the line has {len(row)} columns, not two",
                place=place,
                remedy="write key and value, with double quotes around a text that has a comma",
            )
        elif row[0] in seen:
            first = seen[row[0]]
            findings.error(
                f"the key {row[0]!r} is here twice (first in line {first})",
                place=place,
                remedy="remove one of them",
            )
        else:
            seen[row[0]] = line
            yield row[0], row[1]
