"""PostgreSQL: ADBC streams the reads as Arrow batches, psycopg does everything else."""

import base64
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
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
    "23505": Cause.NOT_UNIQUE,
    "23P01": Cause.NOT_UNIQUE,
    "23503": Cause.REFERENCE_MISSING,
    "23502": Cause.VALUE_REQUIRED,
    "23514": Cause.CHECK_FAILED,
    "22001": Cause.TOO_LONG,
    "42804": Cause.BAD_VALUE,
    "428C9": Cause.READ_ONLY,
    "42501": Cause.NO_PERMISSION,
    "25006": Cause.NO_PERMISSION,
    "42P01": Cause.MISSING,
    "42703": Cause.MISSING,
    "3F000": Cause.MISSING,
    "3D000": Cause.MISSING,
    "55P03": Cause.BUSY,
    "57014": Cause.BUSY,
    "57P01": Cause.CONNECTION_LOST,
    "57P02": Cause.CONNECTION_LOST,
    "57P03": Cause.CONNECTION_LOST,
}
_CLASSES = {
    "08": Cause.CONNECTION_LOST,
    "22": Cause.BAD_VALUE,
    "28": Cause.SIGN_IN_REFUSED,
    "40": Cause.BUSY,
    "53": Cause.BUSY,
}
# libpq gives no code for a refused sign-in, only the server's words.
_SIGN_IN_WORDS = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist")

_TYPES = {
    "int2": ValueType.INTEGER,
    "int4": ValueType.INTEGER,
    "int8": ValueType.INTEGER,
    "oid": ValueType.INTEGER,
    "numeric": ValueType.DECIMAL,
    "float4": ValueType.DECIMAL,
    "float8": ValueType.DECIMAL,
    "bool": ValueType.BOOLEAN,
    "date": ValueType.DATE,
    "timestamp": ValueType.DATETIME,
    "timestamptz": ValueType.DATETIME,
    "bytea": ValueType.BINARY,
    "uuid": ValueType.GUID,
}
# Types that ADBC hands over as exactly what they are. All others are asked for as text: ADBC gives char(n) with
# its padding, real with binary noise, and dates of infinity as a wrong day.
_NATIVE = ("bigint", "boolean", "bytea", "character varying", "integer", "smallint", "text")

_RELATIONS = """
select c.relname, c.relkind in ('v', 'm') from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
  and n.nspname = coalesce(%s, current_schema()) order by c.relname
"""
_COLUMNS = """
select a.attname, pg_catalog.format_type(a.atttypid, null), coalesce(e.typname, b.typname, t.typname),
  coalesce(b.typcategory, t.typcategory) = 'A', a.attnotnull or t.typnotnull,
  a.atthasdef or a.attidentity <> '' or t.typdefault is not null,
  a.attgenerated <> '' or a.attidentity = 'a', coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_type b on b.oid = nullif(t.typbasetype, 0)
left join pg_catalog.pg_type e on e.oid = coalesce(b.typelem, t.typelem)
  and coalesce(b.typcategory, t.typcategory) = 'A'
left join pg_catalog.pg_index i on i.indrelid = a.attrelid and i.indisprimary
where a.attrelid = pg_catalog.to_regclass(%s) and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_QUERY_TYPES = """
select t.oid, pg_catalog.format_type(t.oid, null), coalesce(e.typname, t.typname), t.typcategory = 'A'
from pg_catalog.pg_type t left join pg_catalog.pg_type e on e.oid = t.typelem and t.typcategory = 'A'
where t.oid = any(%s)
"""
_SESSION = "set timezone to 'UTC'; set datestyle to 'ISO'; set lock_timeout to '10s'"


class Postgresql:
    """One open PostgreSQL database."""

    placeholder = "%s"
    begin = "begin"
    row_lock = " for update"
    errors: tuple[type[Exception], ...]

    def __init__(self, settings: SqlSettings) -> None:
        psycopg = load_driver(lambda: import_module("psycopg"), extra="postgresql")
        self._adbc = load_driver(lambda: import_module("adbc_driver_postgresql.dbapi"), extra="postgresql")
        self.errors = (psycopg.Error,)
        self._place = settings.place
        self._address = _address(settings).render_as_string(hide_password=False)
        try:
            self._connection = psycopg.connect(self._address, autocommit=True)
            self._connection.execute(f"{_SESSION}; set statement_timeout to '{settings.operation_timeout_s}s'")
        except psycopg.Error as error:
            raise self.failure(error).error(settings.place) from error

    def quote(self, name: str) -> str:
        """Return the name as an identifier."""
        return '"' + name.replace('"', '""') + '"'

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return version, user, database, and whether the connection is sealed."""
        version, user, database = self.execute(
            "select current_setting('server_version'), current_user, current_database()"
        )[0]
        sealed = "yes" if self._connection.pgconn.ssl_in_use else "no"
        return (("server", f"PostgreSQL {version}"), ("user", user), ("database", database), ("tls", sealed))

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views of a schema."""
        rows = self.execute(_RELATIONS, [schema])
        return tuple(RelationName(name=name, is_view=is_view) for name, is_view in rows)

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view."""
        path = self.quote(name) if schema is None else f"{self.quote(schema)}.{self.quote(name)}"
        return tuple(_column(row) for row in self.execute(_COLUMNS, [path]))

    def query_columns(self, query: str) -> tuple[Column, ...]:
        """Return the columns of a query with their types."""
        cursor = self._connection.execute(f"select * from ({query}\n) as q limit 0")
        described = [(each.name, each.type_code) for each in cursor.description]
        types = {row[0]: row[1:] for row in self.execute(_QUERY_TYPES, [[code for _, code in described]])}
        return tuple(
            Column(name=name, declared=types[code][0], type=_type(types[code][1]), is_array=types[code][2])
            for name, code in described
        )

    def as_text(self, expression: str, column: Column) -> str:
        """Return the value as the server's text, or natively where ADBC knows the type exactly."""
        if column.is_array:
            return f"{expression}::text[]"
        if column.declared == "inet":
            # A cast would add the mask of a single address.
            return f"format('%s', {expression})"
        return expression if column.declared in _NATIVE else f"{expression}::text"

    def all_values(self, expression: str, column: Column) -> str:
        """Aggregate to an array of text."""
        return f"array_agg(({self.as_text(expression, column)})::text)"

    @contextmanager
    def reading(self, page_rows: int) -> Iterator[Stream]:
        """Read on a connection of its own, in one read-only snapshot."""

        def stream(sql: str) -> Iterator[pa.RecordBatch]:
            cursor.execute(sql)
            with cursor.fetch_record_batch() as reader:
                for batch in reader:
                    for start in range(0, batch.num_rows, page_rows):
                        yield batch.slice(start, page_rows)

        try:
            with closing(self._adbc.connect(self._address)) as connection, closing(connection.cursor()) as cursor:
                cursor.execute("set transaction isolation level repeatable read read only")
                for statement in _SESSION.split("; "):
                    cursor.execute(statement)
                yield stream
        except (self._adbc.Error, pa.ArrowException, OSError) as error:
            # In the middle of a stream the driver raises what Arrow makes of it: an OSError without a state.
            raise self.failure(error).error(self._place) from error

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; return its rows."""
        cursor = self._connection.execute(sql, list(parameters) or None)
        return cursor.fetchall() if cursor.description else []

    def execute_each(
        self, sql: str, rows: Sequence[Sequence[object]], *, returning: tuple[Column, ...] = ()
    ) -> list[Effect]:
        """Run a statement for every row, pipelined."""
        if returning:
            keys = (f"{self.quote(c.name).replace('%', '%%')}::text" for c in returning)
            sql = f"{sql} returning {', '.join(keys)}"
        with self._connection.cursor() as cursor:
            cursor.executemany(sql, [list(row) for row in rows], returning=True)
            return [
                Effect(count=result.rowcount, key=result.fetchone() if returning and result.rowcount else ())
                for result in cursor.results()
            ]

    def parameter(self, text: str, column: Column) -> object:
        """Return bytes for bytea, else the text: the server reads it by the column's type."""
        return base64.b64decode(text, validate=True) if column.type is ValueType.BINARY else text

    def array_parameter(self, column: Column) -> str:
        """Return a parameter with the array's type, without its length, so that nothing is cut."""
        return f"%s::{column.declared.replace('%', '%%')}"

    def failure(self, error: Exception) -> Failure:
        """Return why the server refused, by SQLSTATE."""
        state = getattr(error, "sqlstate", None) or ""
        message = str(error).split("\nLINE ")[0].strip()
        cause = _CAUSES.get(state) or _CLASSES.get(state[:2])
        if cause is None and not state:
            cause = _connection_cause(message)
        return Failure(cause=cause or Cause.REFUSED, message=message)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def _connection_cause(message: str) -> Cause:
    if is_about_certificate(message):
        return Cause.CERTIFICATE
    return Cause.SIGN_IN_REFUSED if any(words in message for words in _SIGN_IN_WORDS) else Cause.CONNECTION_LOST


def _column(row: tuple[Any, ...]) -> Column:
    """Make a column of a row of `_COLUMNS`."""
    name, declared, base, is_array, is_not_null, is_assigned, is_generated, key = row
    return Column(
        name=name,
        declared=declared,
        type=_type(base),
        is_array=is_array,
        is_required=is_not_null and not is_assigned,
        is_assigned=is_assigned,
        is_generated=is_generated,
        key_position=key,
    )


def _type(name: str) -> ValueType:
    return _TYPES.get(name, ValueType.TEXT)


def _address(settings: SqlSettings) -> URL:
    """Return the URL for libpq; what it says of TLS itself is left as it is."""
    query: dict[str, str] = {"connect_timeout": str(settings.connect_timeout_s), "application_name": "accord"}
    if settings.is_sealed:
        query["sslmode"] = "verify-full"
        paths = ssl.get_default_verify_paths()
        authorities = settings.ca_file or paths.cafile or paths.openssl_cafile
        query["sslrootcert"] = str(authorities)
    present = {name: value for name, value in settings.address.query.items() if isinstance(value, str)}
    return settings.address.set(query={**query, **present})
