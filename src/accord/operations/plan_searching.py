"""The changes of a plan walked through and searched, piece by piece, so that no more is read than is looked at."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from accord.operations.plan_changes import Kind

ROWS_AT_ONCE = 50_000
_SEARCHED_COLUMNS = ("dn", "new_dn", "before_dn", "anchor", "before", "after", "doc", "reason")

Piece = tuple[Kind, pa.Table, pa.Array]
"""Rows of one kind, with the position of each among all rows of the wanted kinds."""


def walk(kinds: Sequence[Kind], after: int, end: int) -> Iterator[Piece]:
    """Yield the changes from one position to another, piece by piece."""
    first = 0
    for kind in kinds:
        rows = min(kind.table.num_rows, end - first)
        for start in range(max(0, after - first), rows, ROWS_AT_ONCE):
            piece = kind.table.slice(start, min(ROWS_AT_ONCE, rows - start))
            yield kind, piece, pa.array(range(first + start, first + start + piece.num_rows), pa.int64())
        first += kind.table.num_rows


def search(pieces: Iterator[Piece], text: str) -> Iterator[Piece]:
    """Yield those with the text in a name or value, without regard to case."""
    for kind, piece, positions in pieces:
        columns = [piece[c] for c in _SEARCHED_COLUMNS if c in piece.column_names]
        hits = [pc.fill_null(pc.match_substring(c, text, ignore_case=True), False) for c in columns]
        is_hit = hits[0]
        for more in hits[1:]:
            is_hit = pc.or_(is_hit, more)
        is_hit = is_hit.combine_chunks() if isinstance(is_hit, pa.ChunkedArray) else is_hit
        yield kind, piece.filter(is_hit), positions.filter(is_hit)


def take(pieces: Iterator[Piece], limit: int) -> tuple[list[tuple[Kind, pa.Table]], int | None]:
    """Return the first rows, and the position after them when there are more."""
    taken: list[tuple[Kind, pa.Table]] = []
    wanted = limit
    for kind, rows, positions in pieces:
        if rows.num_rows and not wanted:
            return taken, positions[0].as_py()
        if rows.num_rows:
            taken.append((kind, rows.slice(0, wanted)))
        if rows.num_rows > wanted:
            return taken, positions[wanted].as_py()
        wanted -= rows.num_rows
    return taken, None
