"""Appending many rows to a table of SQLite: what is the same in all of them stands in the statement.

SQLite takes row after row and value after value, so that each value bound costs; most columns of a bulk load hold one
value or none.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_FEW_ROWS = 1_000
_LONG_TEXT = 100
_LARGE_NUMBER = 1 << 62


def append_rows(cursor: Any, table: str, rows: pa.Table) -> None:
    """Insert the rows; columns are matched by name, those not given take their default."""
    if rows.num_rows < _FEW_ROWS:
        cursor.adbc_ingest(table, rows, mode="append")
        return
    names = rows.column_names
    # One is bound in any case: it tells how many rows there are.
    same = {name: text for name in names[1:] if (text := _same_value(rows[name])) is not None}
    values = ", ".join(same.get(name, "?") for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.executemany(
        f'insert into "{table}"({columns}) values ({values})', rows.select([name for name in names if name not in same])
    )


def _same_value(column: pa.ChunkedArray) -> str | None:
    """Return as SQL the one value that all rows have, None when they differ or it is nothing to write out."""
    if column.null_count == len(column):
        return "null"
    if column.null_count or column[0] != column[-1]:
        return None
    text = _literal(column[0].as_py())
    return text if text is not None and pc.all(pc.equal(column, column[0])).as_py() else None


def _literal(value: object) -> str | None:
    match value:
        case bool():
            return None
        case int() if abs(value) < _LARGE_NUMBER:
            return str(value)
        case str() if len(value) <= _LONG_TEXT and "\0" not in value:
            return "'" + value.replace("'", "''") + "'"
        case _:
            return None
