"""Databases that SQLAlchemy has a dialect for, such as SQL Server and Oracle: it finds the driver, and reflects."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.dialects.mssql import MONEY, SMALLMONEY
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import Boolean, Date, DateTime, Integer, LargeBinary, Numeric, TypeEngine, Uuid, _Binary

from accord.connectors.sql.dbapi import DbapiDatabase, Speech, savepoints_of
from accord.connectors.sql.relation import Column, RelationName
from accord.connectors.sql.settings import SqlSettings
from accord.model.errors import SystemRefused
from accord.model.schema import ValueType

_EXTRAS: Mapping[str, str] = {"oracle": "oracle", "mssql": "mssql"}
_TYPES: tuple[tuple[type[TypeEngine[Any]], ValueType], ...] = (
    (Boolean, ValueType.BOOLEAN), (Integer, ValueType.INTEGER), (DateTime, ValueType.DATETIME),
    (Date, ValueType.DATE), (Uuid, ValueType.GUID), (MONEY, ValueType.DECIMAL), (SMALLMONEY, ValueType.DECIMAL),
    (LargeBinary, ValueType.BINARY), (_Binary, ValueType.BINARY),
)  # fmt: skip
_PLACEHOLDERS: Mapping[str, str] = {"qmark": "?", "format": "%s", "pyformat": "%s", "numeric": ":1", "named": ":1"}
"""One mark for every parameter: drivers take them in their order, whatever they are called."""


def open_reflected(settings: SqlSettings) -> DbapiDatabase:
    """Return the database; raise SystemRefused naming the extra where its driver is not installed."""
    url = settings.address
    sealed = sealing(url) if settings.is_sealed else {}
    if sealed is None:
        message = f"{url.drivername} cannot be told to check the server's certificate"
        raise SystemRefused(message, place=settings.place, remedy=_INSECURE)
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=sealed)
    except ImportError as error:
        raise _no_driver(error, url.get_backend_name(), settings.place) from error
    driver: Any = engine.dialect.dbapi
    errors: tuple[type[Exception], ...] = (driver.Error, DBAPIError)
    try:
        connection = engine.raw_connection()
    except errors as error:
        unopened = DbapiDatabase(
            None, place=settings.place, speech=speech_of(engine.dialect), catalog=_Catalog(engine), errors=errors
        )
        raise unopened.failure(error).error(settings.place) from error
    return DbapiDatabase(
        connection, place=settings.place, speech=speech_of(engine.dialect), catalog=_Catalog(engine), errors=errors
    )


_INSECURE = "use mssql+pyodbc:// or oracle+oracledb://, or write `insecure: true` where the network is trusted"


def sealing(url: URL) -> Mapping[str, object] | None:
    """Return what makes a driver ask for TLS and check the certificate; None where it cannot be told to."""
    known: Mapping[str, Mapping[str, object]] = {
        "mssql+pyodbc": {"Encrypt": "yes", "TrustServerCertificate": "no"},
        "oracle+oracledb": {"protocol": "tcps", "ssl_server_dn_match": True},
    }
    return known.get(url.drivername)


def speech_of(dialect: Dialect) -> Speech:
    """Return how SQL is written in a dialect of SQLAlchemy."""
    preparer = dialect.identifier_preparer
    return Speech(
        quotes=(preparer.initial_quote, preparer.final_quote),
        placeholder=_PLACEHOLDERS[dialect.paramstyle],
        savepoints=savepoints_of(dialect.name),
        takes_python_values=dialect.name != "sqlite",
    )


class _Catalog:
    """What SQLAlchemy reflects."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return dialect, driver and the server's version."""
        with self._engine.connect() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
        return (("server", f"{self._engine.dialect.name} {version}".strip()), ("driver", self._engine.driver))

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views."""
        there = inspect(self._engine)
        tables = [RelationName(name=name) for name in there.get_table_names(schema)]
        views = [RelationName(name=name, is_view=True) for name in there.get_view_names(schema)]
        return tuple(sorted((*tables, *views), key=lambda each: each.name))

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view."""
        there = inspect(self._engine)
        try:
            found = there.get_columns(name, schema)
            keys = there.get_pk_constraint(name, schema).get("constrained_columns") or []
        except NoSuchTableError:
            return ()
        positions = {column: n for n, column in enumerate(keys, start=1)}
        return tuple(
            Column(
                name=each["name"],
                declared=str(each["type"]),
                type=value_type(each["type"]),
                is_required=(not each["nullable"] and each.get("default") is None) or each["name"] in positions,
                is_generated=bool(each.get("computed")),
                key_position=positions.get(each["name"], 0),
            )
            for each in found
        )


def value_type(declared: TypeEngine[Any]) -> ValueType:
    """Return the type of a column; a number without places is whole."""
    if isinstance(declared, Numeric):
        is_whole = getattr(declared, "scale", None) == 0 and getattr(declared, "precision", None)
        return ValueType.INTEGER if is_whole else ValueType.DECIMAL
    return next((ours for theirs, ours in _TYPES if isinstance(declared, theirs)), ValueType.TEXT)


def _no_driver(error: ImportError, backend: str, place: str) -> SystemRefused:
    extra = _EXTRAS.get(backend)
    remedy = f'pip install "accord[{extra}]"' if extra else f"pip install {error.name}"
    return SystemRefused(
        f"this database needs a library that is not installed ({error.name})", place=place, remedy=remedy
    )
