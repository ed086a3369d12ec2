"""Databases behind an ODBC driver of this machine: the driver manager's own catalog tells tables, columns and keys."""

from collections.abc import Mapping
from contextlib import closing, suppress
from importlib import import_module
from typing import Any

from accord.connectors.sql.database import load_driver
from accord.connectors.sql.dbapi import DbapiDatabase, Speech, savepoints_of
from accord.connectors.sql.relation import Column, RelationName
from accord.connectors.sql.settings import SqlSettings
from accord.model.schema import ValueType

_DRIVER_NAME, _QUOTE, _PRODUCT, _VERSION = 6, 29, 17, 18
"""SQL_DRIVER_NAME, SQL_IDENTIFIER_QUOTE_CHAR, SQL_DBMS_NAME, SQL_DBMS_VER of ODBC's SQLGetInfo."""
_KINDS = ("TABLE", "VIEW")
_TYPES: Mapping[int, ValueType] = {
    -7: ValueType.BOOLEAN, -6: ValueType.INTEGER, 5: ValueType.INTEGER, 4: ValueType.INTEGER, -5: ValueType.INTEGER,
    2: ValueType.DECIMAL, 3: ValueType.DECIMAL, 6: ValueType.DECIMAL, 7: ValueType.DECIMAL, 8: ValueType.DECIMAL,
    9: ValueType.DATE, 91: ValueType.DATE, 11: ValueType.DATETIME, 93: ValueType.DATETIME,
    -2: ValueType.BINARY, -3: ValueType.BINARY, -4: ValueType.BINARY, -11: ValueType.GUID,
}  # fmt: skip
"""The numbers of ODBC's SQL types; what is not here is text."""
_NAME, _COLUMN, _TYPE, _TYPE_NAME, _NULLABLE, _DEFAULT = 2, 3, 4, 5, 10, 12
"""Where SQLColumns says what."""


def open_odbc(settings: SqlSettings) -> DbapiDatabase:
    """Return the database that the driver manager reaches; raise SystemRefused or SystemUnavailable with its words."""
    pyodbc: Any = load_driver(lambda: import_module("pyodbc"), extra="odbc")
    # The connection closes with the process that opened it, not when somebody else might want it again.
    pyodbc.pooling = False
    errors: tuple[type[Exception], ...] = (pyodbc.Error,)
    try:
        connection = pyodbc.connect(connection_string(settings), autocommit=False, timeout=settings.connect_timeout_s)
    except pyodbc.Error as error:
        unopened = DbapiDatabase(
            None, place=settings.place, speech=Speech(), catalog=_Catalog(None, errors), errors=errors
        )
        raise unopened.failure(error).error(settings.place) from error
    with suppress(pyodbc.Error):
        # Not every driver can be told how long to wait.
        connection.timeout = settings.operation_timeout_s
    quote = str(connection.getinfo(_QUOTE)).strip()
    speech = Speech(quotes=(quote, quote), savepoints=savepoints_of(str(connection.getinfo(_PRODUCT))))
    return DbapiDatabase(
        connection, place=settings.place, speech=speech, catalog=_Catalog(connection, errors), errors=errors
    )


def connection_string(settings: SqlSettings) -> str:
    """Return the keywords of `odbc://user@DSN/database?Keyword=value` as the driver manager wants them."""
    url = settings.address
    given = {"DSN": url.host, "Database": url.database, "UID": url.username, "PWD": url.password}
    keywords = {key: value for key, value in given.items() if value}
    for key, value in url.query.items():
        keywords[key] = value if isinstance(value, str) else value[-1]
    return ";".join(f"{key}={_braced(key, value)}" for key, value in keywords.items())


def _braced(key: str, value: str) -> str:
    is_plain = key.casefold() != "driver" and not set(value) & set(";{}=")
    return value if is_plain and value == value.strip() else "{" + value.replace("}", "}}") + "}"


class _Catalog:
    """What SQLTables, SQLColumns and SQLPrimaryKeys say."""

    def __init__(self, connection: Any, errors: tuple[type[Exception], ...]) -> None:
        self._connection = connection
        self._errors = errors

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return database, version and driver."""
        product, version, driver = (str(self._connection.getinfo(n)) for n in (_PRODUCT, _VERSION, _DRIVER_NAME))
        return (("server", f"{product} {version}".strip()), ("driver", driver))

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views."""
        with closing(self._connection.cursor()) as cursor:
            rows = [(row[_NAME], str(row[3]).upper()) for row in cursor.tables(schema=schema)]
        return tuple(RelationName(name=name, is_view=kind == "VIEW") for name, kind in sorted(rows) if kind in _KINDS)

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns; the name may hold what ODBC takes for a pattern, so what is found is compared."""
        with closing(self._connection.cursor()) as cursor:
            rows = [tuple(row) for row in cursor.columns(table=name, schema=schema) if row[_NAME] == name]
        keys = self._keys(name, schema) if rows else {}
        return tuple(
            Column(
                name=row[_COLUMN],
                declared=str(row[_TYPE_NAME] or ""),
                type=_TYPES.get(row[_TYPE], ValueType.TEXT),
                is_required=(not row[_NULLABLE] and row[_DEFAULT] is None) or row[_COLUMN] in keys,
                key_position=keys.get(row[_COLUMN], 0),
            )
            for row in rows
        )

    def _keys(self, name: str, schema: str | None) -> Mapping[str, int]:
        # Drivers of files know no keys and say so as an error.
        with suppress(*self._errors), closing(self._connection.cursor()) as cursor:
            return {row[3]: int(row[4]) for row in cursor.primaryKeys(table=name, schema=schema)}
        return {}
