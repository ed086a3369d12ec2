"""Any database that a Python driver speaks to: plain SQL, values as the driver gives them, no dialect of ours.

What differs is handed in: how names are quoted, how a parameter is written, and a catalog that tells the tables.
ODBC drivers and SQLAlchemy's dialects are both opened this way.
"""

import base64
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import pyarrow as pa

from accord.connectors.sql.causes import cause_of
from accord.connectors.sql.database import Effect, Stream
from accord.connectors.sql.failures import Failure
from accord.connectors.sql.relation import Column, RelationName
from accord.model.errors import SystemRefused
from accord.model.schema import ValueType

_FETCH_ROWS = 10_000
_PLAIN = (str, int, float, bytes, date, Decimal)


class Catalog(Protocol):
    """What a database tells of its tables. Errors are the driver's own."""

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what the server says of itself."""

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views of a schema, or of the default one."""

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view; empty when there is none of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How SQL is written for one database. `quotes` open and close a name; `savepoints` set, return to, release one."""

    quotes: tuple[str, str] = ('"', '"')
    placeholder: str = "?"
    savepoints: tuple[str, str, str] = ("savepoint one", "rollback to savepoint one", "release savepoint one")
    takes_python_values: bool = True


_SERVER_WORDS = ("save transaction one", "rollback transaction one", "")
_ORACLE_WORDS = ("savepoint one", "rollback to savepoint one", "")


def savepoints_of(product: str) -> tuple[str, str, str]:
    """Return the words for savepoints of a database, by the name it gives itself or SQLAlchemy gives it."""
    folded = product.casefold()
    if "sql server" in folded or folded == "mssql":
        return _SERVER_WORDS
    return _ORACLE_WORDS if "oracle" in folded else Speech().savepoints


class DbapiDatabase:
    """One open connection of a driver that follows PEP 249, without autocommit."""

    begin = "begin"
    row_lock = ""

    def __init__(
        self, connection: Any, *, place: str, speech: Speech, catalog: Catalog, errors: tuple[type[Exception], ...]
    ) -> None:
        self.placeholder = speech.placeholder
        self.errors = errors
        self._connection = connection
        self._place = place
        self._speech = speech
        self._catalog = catalog
        first, back, release = speech.savepoints
        self._words: Mapping[str, str] = {
            "savepoint one": first, "rollback to savepoint one": back, "release savepoint one": release,
        }  # fmt: skip

    def quote(self, name: str) -> str:
        """Return the name as an identifier."""
        first, last = self._speech.quotes
        return first + name.replace(last, last * 2) + last

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what the server says of itself."""
        return self._catalog.facts()

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views."""
        return self._catalog.relations(schema)

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view."""
        return self._catalog.columns(name, schema)

    def query_columns(self, query: str) -> tuple[Column, ...]:
        """Return the names of a query's columns, and the types that the driver's own values have."""
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(f"select * from ({query}\n) q where 1 = 0")
            return tuple(Column(name=each[0], declared="", type=_type_of(each[1])) for each in cursor.description)

    def as_text(self, expression: str, column: Column) -> str:
        """Return the value as it is: there is no SQL for it that every database understands."""
        del column
        return expression

    def all_values(self, expression: str, column: Column) -> str:
        """Refuse: there is no SQL that aggregates to one value in every database."""
        raise SystemRefused(
            f"values of {column.name} in a related table ({expression}) are not read through this driver",
            place=self._place,
            remedy="keep them in one column with a `delimiter`, or aggregate them in a view",
        )

    @contextmanager
    def reading(self, page_rows: int) -> Iterator[Stream]:
        """Read in one transaction; what it sees is what the database's isolation gives."""

        def stream(sql: str) -> Iterator[pa.RecordBatch]:
            with contextlib.closing(self._connection.cursor()) as cursor:
                cursor.execute(sql)
                names = [each[0] for each in cursor.description]
                while rows := cursor.fetchmany(min(page_rows, _FETCH_ROWS)):
                    arrays = [_array(column) for column in zip(*rows, strict=True)]
                    yield pa.RecordBatch.from_arrays(arrays, names=names)

        try:
            yield stream
        except self.errors as error:
            raise self.failure(error).error(self._place) from error
        finally:
            with contextlib.suppress(*self.errors):
                self._connection.rollback()

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, or end the transaction; one begins by itself with the first statement."""
        if sql == self.begin:
            return []
        if sql in ("commit", "rollback"):
            getattr(self._connection, sql)()
            return []
        said = self._words.get(sql, sql)
        if not said:
            return []
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(said, tuple(parameters))
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def execute_each(
        self, sql: str, rows: Sequence[Sequence[object]], *, returning: tuple[Column, ...] = ()
    ) -> list[Effect]:
        """Run a statement for every row; inserts go as one call of many rows."""
        del returning  # No key column is said to be assigned, so none is ever asked for.
        with contextlib.closing(self._connection.cursor()) as cursor:
            if sql.startswith("insert") and len(rows) > 1:
                cursor.executemany(sql, [tuple(row) for row in rows])
                return [Effect(count=1)] * len(rows)
            effects = []
            for row in rows:
                cursor.execute(sql, tuple(row))
                effects.append(Effect(count=cursor.rowcount))
            return effects

    def parameter(self, text: str, column: Column) -> object:
        """Return a Python value of the column's type, which drivers turn into the database's own."""
        if column.type is ValueType.BINARY:
            return base64.b64decode(text, validate=True)
        if column.type is ValueType.BOOLEAN:
            return {"true": 1, "false": 0}.get(text, text)
        build = _BUILDERS.get(column.type, str) if self._speech.takes_python_values else str
        return build(text)

    def array_parameter(self, column: Column) -> str:
        """Return a plain parameter: arrays are no part of what every driver knows."""
        del column
        return self.placeholder

    def failure(self, error: Exception) -> Failure:
        """Return why the database refused, by SQLSTATE, its own number, or its words."""
        return Failure(cause=cause_of(error), message=str(error.args[-1] if error.args else error))

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(*self.errors):
            self._connection.close()


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a number") from error


_BUILDERS: Mapping[ValueType, Callable[[str], object]] = {
    ValueType.INTEGER: int,
    ValueType.DECIMAL: _decimal,
    ValueType.DATE: date.fromisoformat,
    ValueType.DATETIME: lambda text: datetime.fromisoformat(text).replace(tzinfo=None),
}
_CLASSES: Mapping[type, ValueType] = {
    bool: ValueType.BOOLEAN, int: ValueType.INTEGER, float: ValueType.DECIMAL, Decimal: ValueType.DECIMAL,
    datetime: ValueType.DATETIME, date: ValueType.DATE, bytes: ValueType.BINARY, bytearray: ValueType.BINARY,
}  # fmt: skip


def _type_of(code: object) -> ValueType:
    """Return the type of a column by the Python class that a driver names for it."""
    return _CLASSES.get(code, ValueType.TEXT) if isinstance(code, type) else ValueType.TEXT


def _array(values: Sequence[object]) -> pa.Array:
    """Return one column; what is neither text, number, time nor bytes becomes text."""
    if any(value is not None and not isinstance(value, _PLAIN) for value in values):
        values = [None if value is None else str(value) for value in values]
    try:
        found = pa.array(values)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        texts = (base64.b64encode(v).decode() if isinstance(v, bytes) else v for v in values)
        return pa.array([None if text is None else str(text) for text in texts], pa.string())
    return found.cast(pa.string()) if pa.types.is_null(found.type) else found
