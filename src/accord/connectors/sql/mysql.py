"""MariaDB and MySQL: connectorx streams the reads as Arrow batches, PyMySQL does everything else.

PyMySQL alone would read at a tenth of the speed. The price: connectorx opens a connection per statement, so the
snapshot is that of one object type (its related tables are in the same statement), not of all.
"""

import base64
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pyarrow as pa
from sqlalchemy.engine import URL

from accord.connectors.sql.database import Effect, Stream, load_driver
from accord.connectors.sql.failures import Cause, Failure, is_about_certificate
from accord.connectors.sql.relation import Column, RelationName
from accord.connectors.sql.settings import SqlSettings
from accord.model.schema import ValueType

_CAUSES = {
    1062: Cause.NOT_UNIQUE,
    1586: Cause.NOT_UNIQUE,
    1216: Cause.REFERENCE_MISSING,
    1452: Cause.REFERENCE_MISSING,
    1217: Cause.STILL_REFERENCED,
    1451: Cause.STILL_REFERENCED,
    1048: Cause.VALUE_REQUIRED,
    1364: Cause.VALUE_REQUIRED,
    1406: Cause.TOO_LONG,
    1264: Cause.BAD_VALUE,
    1265: Cause.BAD_VALUE,
    1292: Cause.BAD_VALUE,
    1366: Cause.BAD_VALUE,
    1411: Cause.BAD_VALUE,
    3140: Cause.BAD_VALUE,
    3819: Cause.CHECK_FAILED,
    4025: Cause.CHECK_FAILED,
    1906: Cause.READ_ONLY,
    3105: Cause.READ_ONLY,
    1142: Cause.NO_PERMISSION,
    1143: Cause.NO_PERMISSION,
    1227: Cause.NO_PERMISSION,
    1290: Cause.NO_PERMISSION,
    1792: Cause.NO_PERMISSION,
    1044: Cause.SIGN_IN_REFUSED,
    1045: Cause.SIGN_IN_REFUSED,
    1049: Cause.SIGN_IN_REFUSED,
    1698: Cause.SIGN_IN_REFUSED,
    1054: Cause.MISSING,
    1146: Cause.MISSING,
    1205: Cause.BUSY,
    1213: Cause.BUSY,
    1040: Cause.BUSY,
    1203: Cause.BUSY,
    1053: Cause.CONNECTION_LOST,
    1927: Cause.CONNECTION_LOST,
    2003: Cause.CONNECTION_LOST,
    2006: Cause.CONNECTION_LOST,
    2013: Cause.CONNECTION_LOST,
    0: Cause.CONNECTION_LOST,
}
_DEADLOCK = 1213
_TYPES = {
    "tinyint": ValueType.INTEGER,
    "smallint": ValueType.INTEGER,
    "mediumint": ValueType.INTEGER,
    "int": ValueType.INTEGER,
    "bigint": ValueType.INTEGER,
    "year": ValueType.INTEGER,
    "decimal": ValueType.DECIMAL,
    "float": ValueType.DECIMAL,
    "double": ValueType.DECIMAL,
    "date": ValueType.DATE,
    "datetime": ValueType.DATETIME,
    "timestamp": ValueType.DATETIME,
    "binary": ValueType.BINARY,
    "varbinary": ValueType.BINARY,
    "tinyblob": ValueType.BINARY,
    "blob": ValueType.BINARY,
    "mediumblob": ValueType.BINARY,
    "longblob": ValueType.BINARY,
    "uuid": ValueType.GUID,
}
# What the wire protocol says of a query's columns. Texts and blobs are told apart by what arrives.
_WIRE_TYPES = {
    0: "decimal", 246: "decimal", 1: "tinyint", 2: "smallint", 3: "int", 8: "bigint", 9: "mediumint", 4: "float",
    5: "double", 7: "timestamp", 12: "datetime", 10: "date", 11: "time", 13: "year", 16: "bit", 245: "json",
}  # fmt: skip
_BARE = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json", ""})

_RELATIONS = """
select table_name, table_type <> 'BASE TABLE' from information_schema.tables
where table_schema = coalesce(%s, database()) order by table_name
"""
_COLUMNS = """
select c.column_name, c.column_type, c.data_type, c.is_nullable = 'NO', c.column_default, c.extra,
  coalesce(s.seq_in_index, 0)
from information_schema.columns c
left join information_schema.statistics s on s.table_schema = c.table_schema and s.table_name = c.table_name
  and s.index_name = 'PRIMARY' and s.column_name = c.column_name
where c.table_schema = coalesce(%s, database()) and c.table_name = %s order by c.ordinal_position
"""
# Values are UTC; a JSON array of one object's values may be large; invalid values are errors, not adjusted.
_SESSION = (
    "set time_zone = '+00:00'",
    "set group_concat_max_len = 67108864",
    "set sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
)
_READ_SESSION = (*_SESSION, "set session transaction read only")
_WRITE_SESSION = (*_SESSION, "set innodb_lock_wait_timeout = 10")
_READ_ERROR = re.compile(r"ERROR (\d+) \(\w+\): (.*?)(?: \}.*)?$", re.DOTALL)


class Mysql:
    """One open MariaDB or MySQL database."""

    placeholder = "%s"
    begin = "begin"
    row_lock = " for update"
    errors: tuple[type[Exception], ...]

    def __init__(self, settings: SqlSettings) -> None:
        pymysql = load_driver(lambda: import_module("pymysql"), extra="mysql")
        flags = load_driver(lambda: import_module("pymysql.constants.CLIENT"), extra="mysql")
        self._connectorx = load_driver(lambda: import_module("connectorx"), extra="mysql")
        self.errors = (pymysql.err.MySQLError,)
        self._address = _address(settings)
        self._place = settings.place
        address = settings.address
        try:
            self._connection = pymysql.connect(
                host=address.host or "127.0.0.1",
                port=address.port or 3306,
                user=address.username,
                password=address.password or "",
                database=address.database,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=settings.connect_timeout_s,
                read_timeout=settings.operation_timeout_s,
                write_timeout=settings.operation_timeout_s,
                ssl=_tls(settings),
                # An update counts the rows it found, also those that had the values already.
                client_flag=flags.FOUND_ROWS,
            )
            for statement in _WRITE_SESSION:
                self.execute(statement)
        except pymysql.err.MySQLError as error:
            raise self.failure(error).error(settings.place) from error

    def quote(self, name: str) -> str:
        """Return the name as an identifier."""
        return "`" + name.replace("`", "``") + "`"

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return version, user, database, and whether the connection is sealed."""
        version, user, database = self.execute("select version(), current_user(), database()")[0]
        cipher = self.execute("show session status like 'Ssl_cipher'")[0][1]
        name = version if "maria" in version.lower() else f"MySQL {version}"
        return (("server", name), ("user", user), ("database", database), ("tls", "yes" if cipher else "no"))

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views of a schema."""
        rows = self.execute(_RELATIONS, [schema])
        return tuple(RelationName(name=name, is_view=bool(is_view)) for name, is_view in rows)

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view."""
        return tuple(_column(row) for row in self.execute(_COLUMNS, [schema, name]))

    def query_columns(self, query: str) -> tuple[Column, ...]:
        """Return the columns of a query with the types the wire protocol tells."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"select * from ({query}\n) as q limit 0")
            described = cursor.description or ()
        names = ((each[0], _WIRE_TYPES.get(each[1], "")) for each in described)
        return tuple(Column(name=name, declared=word, type=_type(word, word)) for name, word in names)

    def as_text(self, expression: str, column: Column) -> str:
        """Return the value as the server's text; integers, texts and blobs as they are."""
        word = column.declared.partition("(")[0].partition(" ")[0]
        if word == "bit":
            return f"{expression} + 0"
        is_integer = column.type in (ValueType.INTEGER, ValueType.BOOLEAN) and word != "year"
        if is_integer or column.type is ValueType.BINARY or word in _BARE:
            return expression
        return f"cast({expression} as char character set utf8mb4)"

    def all_values(self, expression: str, column: Column) -> str:
        """Aggregate to a JSON array."""
        del column
        return f"json_arrayagg(cast({expression} as char character set utf8mb4))"

    @contextmanager
    def reading(self, page_rows: int) -> Iterator[Stream]:
        """Read on a connection per statement, each its own snapshot."""

        def stream(sql: str) -> Iterator[pa.RecordBatch]:
            try:
                reader = self._connectorx.read_sql(
                    self._address,
                    sql,
                    return_type="arrow_stream",
                    batch_size=page_rows,
                    pre_execution_query=list(_READ_SESSION),
                )
            except RuntimeError as error:
                raise self.failure(error).error(self._place) from error
            while (batch := self._next(reader)) is not None:
                for start in range(0, batch.num_rows, page_rows):
                    yield batch.slice(start, page_rows)

        yield stream

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; return its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, list(parameters) or None)
            return list(cursor.fetchall()) if cursor.description else []

    def execute_each(
        self, sql: str, rows: Sequence[Sequence[object]], *, returning: tuple[Column, ...] = ()
    ) -> list[Effect]:
        """Run a statement for every row; inserts that need no key go as one statement of many rows."""
        with self._connection.cursor() as cursor:
            if sql.startswith("insert") and not returning and len(rows) > 1:
                cursor.executemany(sql, [list(row) for row in rows])
                return [Effect(count=1)] * len(rows)
            effects = []
            for row in rows:
                count = cursor.execute(sql, list(row))
                effects.append(Effect(count=count, key=(str(cursor.lastrowid),) if returning else ()))
            return effects

    def parameter(self, text: str, column: Column) -> object:
        """Return bytes for blobs, 1 and 0 for booleans, datetimes without their zone, else the text."""
        if column.type is ValueType.BINARY:
            return base64.b64decode(text, validate=True)
        if column.type is ValueType.BOOLEAN:
            return {"true": 1, "false": 0}.get(text, text)
        if column.type is ValueType.DATETIME:
            return text.replace("T", " ").removesuffix("Z")
        return text

    def array_parameter(self, column: Column) -> str:
        """Return a plain parameter: there are no arrays."""
        del column
        return self.placeholder

    def failure(self, error: Exception) -> Failure:
        """Return why the server refused, by error number."""
        found = _READ_ERROR.search(str(error))
        if found:
            number, message = int(found[1]), found[2]
        elif len(error.args) == 2 and isinstance(error.args[0], int):
            number, message = error.args[0], str(error.args[1]) or "the connection was lost"
        else:
            number, message = 0, str(error)
        cause = Cause.CERTIFICATE if is_about_certificate(message) else _CAUSES.get(number, Cause.REFUSED)
        return Failure(cause=cause, message=message, ends_transaction=number == _DEADLOCK)

    def _next(self, reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
        try:
            return reader.read_next_batch()
        except StopIteration:
            return None
        except (RuntimeError, pa.ArrowException) as error:
            raise self.failure(error).error(self._place) from error
        except BaseException as error:
            # connectorx panics when the connection breaks; its class cannot be imported and is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            lost = Failure(cause=Cause.CONNECTION_LOST, message=f"the connection broke while reading: {error}")
            raise lost.error(self._place) from error

    def close(self) -> None:
        """End the connection."""
        if self._connection.open:
            self._connection.close()


def _column(row: tuple[Any, ...]) -> Column:
    """Make a column of a row of `_COLUMNS`."""
    name, declared, word, is_not_null, default, extra, key = row
    is_assigned = "auto_increment" in extra or default not in (None, "NULL")
    return Column(
        name=name,
        declared=declared,
        type=_type(word, declared),
        is_required=bool(is_not_null) and not is_assigned,
        is_assigned=is_assigned,
        is_generated="GENERATED" in extra.upper().replace("DEFAULT_GENERATED", ""),
        key_position=key,
    )


def _type(word: str, declared: str) -> ValueType:
    if declared in ("tinyint(1)", "bit(1)"):
        return ValueType.BOOLEAN
    return ValueType.INTEGER if word == "bit" else _TYPES.get(word, ValueType.TEXT)


def _tls(settings: SqlSettings) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=settings.ca_file) if settings.is_sealed else None


def _address(settings: SqlSettings) -> str:
    """Return the URL for connectorx."""
    url: URL = settings.address.set(drivername="mysql", host=settings.address.host or "127.0.0.1")
    query = {"ssl-mode": "VERIFY_IDENTITY"} if settings.is_sealed else {}
    if settings.is_sealed and settings.ca_file is not None:
        query["ssl-ca"] = str(settings.ca_file)
    return url.set(query=query).render_as_string(hide_password=False)
