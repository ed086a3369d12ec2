"""SQLite through Python's own `sqlite3`, for reading and writing alike.

One library only: two SQLite libraries in one process (such as ADBC's own copy) must never have the same file open,
because closing it in one drops the POSIX locks of the other, and with them the file's safety.
"""

import base64
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from accord.connectors.sql.database import Effect, Stream
from accord.connectors.sql.failures import Cause, Failure
from accord.connectors.sql.relation import Column, RelationName
from accord.connectors.sql.settings import SqlSettings
from accord.model.errors import SystemRefused
from accord.model.schema import ValueType

_CAUSES = {
    "SQLITE_CONSTRAINT_UNIQUE": Cause.NOT_UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Cause.NOT_UNIQUE,
    "SQLITE_CONSTRAINT_ROWID": Cause.NOT_UNIQUE,
    "SQLITE_CONSTRAINT_FOREIGNKEY": Cause.REFERENCE_MISSING,
    "SQLITE_CONSTRAINT_NOTNULL": Cause.VALUE_REQUIRED,
    "SQLITE_CONSTRAINT_CHECK": Cause.CHECK_FAILED,
    "SQLITE_CONSTRAINT_DATATYPE": Cause.BAD_VALUE,
    "SQLITE_MISMATCH": Cause.BAD_VALUE,
    "SQLITE_TOOBIG": Cause.TOO_LONG,
    "SQLITE_PERM": Cause.NO_PERMISSION,
    "SQLITE_AUTH": Cause.NO_PERMISSION,
    "SQLITE_BUSY": Cause.BUSY,
    "SQLITE_LOCKED": Cause.BUSY,
}
# Families of extended codes, after the exact ones.
_PREFIXES = (
    ("SQLITE_READONLY", Cause.NO_PERMISSION),
    ("SQLITE_BUSY", Cause.BUSY),
    ("SQLITE_LOCKED", Cause.BUSY),
    ("SQLITE_IOERR", Cause.CONNECTION_LOST),
)
# Rows are Python objects until Arrow has them: no more at a time than memory hardly notices.
_FETCH_ROWS = 10_000
_TABLE_COLUMNS = "select name, type, [notnull], dflt_value, pk, hidden from pragma_table_xinfo(?)"
_RELATIONS = "select name, type = 'view' from {}.sqlite_master where type in ('table', 'view') order by name"


class Sqlite:
    """One open SQLite file."""

    placeholder = "?"
    begin = "begin immediate"
    row_lock = ""
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, settings: SqlSettings) -> None:
        self._place = settings.place
        self._path = Path(settings.address.database or "")
        if not self._path.is_file():
            raise SystemRefused(
                f"there is no file {self._path}",
                place=settings.place,
                remedy="correct the path in `url`; a relative one starts at the configuration folder",
            )
        # Mode rw does not make a missing file, and falls back to reading where writing is not allowed.
        self._connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=settings.connect_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._connection.execute("pragma foreign_keys = on")
            self._connection.execute("select count(*) from sqlite_master")
        except sqlite3.Error as error:
            self._connection.close()
            raise self.failure(error).error(settings.place) from error

    def quote(self, name: str) -> str:
        """Return the name as an identifier."""
        return '"' + name.replace('"', '""') + '"'

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return version and file."""
        return (("server", f"SQLite {sqlite3.sqlite_version}"), ("file", str(self._path)))

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views."""
        rows = self.execute(_RELATIONS.format(self.quote(schema or "main")))
        return tuple(
            RelationName(name=name, is_view=bool(is_view)) for name, is_view in rows if not name.startswith("sqlite_")
        )

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view."""
        if schema not in (None, "main"):
            return ()
        rows = self.execute(_TABLE_COLUMNS, [name])
        key_columns = sum(bool(row[4]) for row in rows)
        return tuple(_column(row, key_columns) for row in rows if row[5] != 1)

    def query_columns(self, query: str) -> tuple[Column, ...]:
        """Return the names of a query's columns; SQLite knows no types of them."""
        cursor = self._connection.execute(f"select * from ({query}\n) as q limit 0")
        return tuple(Column(name=each[0], declared="") for each in cursor.description)

    def as_text(self, expression: str, column: Column) -> str:
        """Return the value as it is: SQLite's own conversion costs more than Arrow's."""
        del column
        return expression

    def all_values(self, expression: str, column: Column) -> str:
        """Aggregate to a JSON array."""
        del column
        return f"json_group_array(cast({expression} as text))"

    @contextmanager
    def reading(self, page_rows: int) -> Iterator[Stream]:
        """Read in one transaction: SQLite keeps its snapshot from the first select to the end."""

        def stream(sql: str) -> Iterator[pa.RecordBatch]:
            cursor = self._connection.execute(sql)
            names = [each[0] for each in cursor.description]
            while rows := cursor.fetchmany(min(page_rows, _FETCH_ROWS)):
                arrays = [_array(column) for column in zip(*rows, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=names)

        self._connection.execute("begin")
        try:
            yield stream
        except sqlite3.Error as error:
            raise self.failure(error).error(self._place) from error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("rollback")

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; return its rows."""
        return self._connection.execute(sql, list(parameters)).fetchall()

    def execute_each(
        self, sql: str, rows: Sequence[Sequence[object]], *, returning: tuple[Column, ...] = ()
    ) -> list[Effect]:
        """Run a statement for every row; in one process a loop costs no more than a batch."""
        if returning:
            sql = f"{sql} returning {', '.join(f'cast({self.quote(c.name)} as text)' for c in returning)}"
        return [self._effect(self._connection.execute(sql, list(row)), is_keyed=bool(returning)) for row in rows]

    def parameter(self, text: str, column: Column) -> object:
        """Return bytes for blobs, 1 and 0 for booleans, else the text: column affinity makes it a number."""
        if column.type is ValueType.BINARY:
            return base64.b64decode(text, validate=True)
        if column.type is ValueType.BOOLEAN:
            return {"true": 1, "false": 0}.get(text, text)
        return text

    def array_parameter(self, column: Column) -> str:
        """Return a plain parameter: SQLite has no arrays."""
        del column
        return self.placeholder

    def failure(self, error: Exception) -> Failure:
        """Return why SQLite refused, by its extended error code."""
        name = getattr(error, "sqlite_errorname", "") or ""
        cause = _CAUSES.get(name) or next((c for prefix, c in _PREFIXES if name.startswith(prefix)), Cause.REFUSED)
        return Failure(cause=cause, message=str(error))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _effect(self, cursor: sqlite3.Cursor, *, is_keyed: bool) -> Effect:
        if not is_keyed:
            return Effect(count=cursor.rowcount)
        found = cursor.fetchall()
        return Effect(count=len(found), key=tuple(found[0]) if found else ())


def _column(row: tuple[Any, ...], key_columns: int) -> Column:
    """Make a column of a row of `_TABLE_COLUMNS`."""
    name, declared, is_not_null, default, key, hidden = row
    value_type = _value_type(declared)
    # A single integer key is the row id, which SQLite gives by itself.
    is_row_id = bool(key) and key_columns == 1 and declared.upper() == "INTEGER"
    is_assigned = is_row_id or default is not None
    return Column(
        name=name,
        declared=declared,
        type=value_type,
        is_required=bool(is_not_null or key) and not is_assigned,
        is_assigned=is_assigned,
        is_generated=hidden in (2, 3),
        key_position=key,
    )


def _value_type(declared: str) -> ValueType:
    """Return the type a declaration means; SQLite itself takes any value anywhere."""
    word = declared.upper()
    families = (
        (("BOOL",), ValueType.BOOLEAN),
        (("DATETIME", "TIMESTAMP"), ValueType.DATETIME),
        (("DATE",), ValueType.DATE),
        (("UUID", "GUID"), ValueType.GUID),
        (("CHAR", "CLOB", "TEXT"), ValueType.TEXT),
        (("INT",), ValueType.INTEGER),
        (("REAL", "FLOA", "DOUB", "DECIMAL", "NUMERIC"), ValueType.DECIMAL),
        (("BLOB", "BINARY"), ValueType.BINARY),
    )
    return next((kind for words, kind in families if any(w in word for w in words)), ValueType.TEXT)


def _array(values: Sequence[object]) -> pa.Array:
    """Return numbers, texts or blobs; a column may mix them, and then all become text, blobs as base64."""
    try:
        found = pa.array(values)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        texts = (base64.b64encode(v).decode() if isinstance(v, bytes) else v for v in values)
        return pa.array([None if text is None else str(text) for text in texts], pa.string())
    return found.cast(pa.string()) if pa.types.is_null(found.type) else found
