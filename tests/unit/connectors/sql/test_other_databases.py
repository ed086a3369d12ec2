"""SQL Server, Oracle and ODBC: what is written for them, what their errors mean, what is said without their drivers."""

import sqlite3
from importlib import import_module

import pytest
from pydantic import ValidationError
from sqlalchemy import types
from sqlalchemy.dialects import mssql, oracle
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.types import TypeEngine

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.connectors.sql.causes import cause_of
from accord.connectors.sql.database import load_driver
from accord.connectors.sql.dbapi import DbapiDatabase
from accord.connectors.sql.failures import Cause
from accord.connectors.sql.locate import Source
from accord.connectors.sql.odbc import connection_string
from accord.connectors.sql.reflected import open_reflected, sealing, speech_of, value_type
from accord.connectors.sql.relation import Column, Relation, RelationName
from accord.connectors.sql.settings import SqlSettings
from accord.connectors.sql.statements import Preparation
from accord.model.errors import SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType


class NoTables:
    def facts(self) -> tuple[tuple[str, str], ...]:
        return ()

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        return ()

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        return ()


class Recording:
    """A connection that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.description = None

    def cursor(self) -> "Recording":
        return self

    def execute(self, sql: str, parameters: tuple[object, ...] = ()) -> None:
        self.said.append(sql)

    def close(self) -> None:
        return None


def _database(dialect: Dialect, connection: object = None) -> DbapiDatabase:
    speech = speech_of(dialect)
    return DbapiDatabase(connection, place="here", speech=speech, catalog=NoTables(), errors=(sqlite3.Error,))


def _settings(url: str) -> SqlSettings:
    return SqlSettings.model_validate({"url": url, "password": "secret"})


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (mssql.dialect(paramstyle="qmark"), "insert into [staff] ([no], [odd]]name]) values (?, ?)"),
        (oracle.dialect(), 'insert into "staff" ("no", "odd]name") values (:1, :1)'),
    ],
    ids=["SQL Server", "Oracle"],
)
def test_rows_are_written_in_the_dialects_own_names_and_marks(dialect: Dialect, expected: str) -> None:
    database = _database(dialect)
    columns = (Column(name="no", declared="", key_position=1), Column(name="odd]name", declared=""))
    relation = Relation(title="staff", source=database.quote("staff"), columns=columns, is_writable=True)
    schema = ObjectTypeSchema(
        name="staff", anchor=("no",), attributes={n: AttributeSchema(name=n) for n in ("no", "odd]name")}
    )
    preparation = Preparation(
        database=database, source=Source(object_type="staff", place="here", relation=relation), schema=schema
    )
    values = {"no": "1", "odd]name": "Ann"}
    changes = tuple(AttributeChange(name=name, added=(v,), after=(v,)) for name, v in values.items())
    operation = ExportOperation(
        row=0, operation=Operation.CREATE, object_type="staff", anchor="1", dn=None, changes=changes
    )
    assert preparation.prepare(operation).sql == expected


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (mssql.dialect(), ["save transaction one", "rollback transaction one"]),
        (oracle.dialect(), ["savepoint one", "rollback to savepoint one"]),
    ],
    ids=["SQL Server", "Oracle"],
)
def test_savepoints_are_said_as_the_database_says_them(dialect: Dialect, expected: list[str]) -> None:
    connection = Recording()
    database = _database(dialect, connection)
    for word in ("savepoint one", "rollback to savepoint one", "release savepoint one"):
        database.execute(word)
    assert connection.said == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (mssql.BIT(), ValueType.BOOLEAN),
        (mssql.DATETIME2(), ValueType.DATETIME),
        (mssql.UNIQUEIDENTIFIER(), ValueType.GUID),
        (mssql.NVARCHAR(40), ValueType.TEXT),
        (mssql.MONEY(), ValueType.DECIMAL),
        (oracle.NUMBER(10, 0), ValueType.INTEGER),
        (oracle.NUMBER(10, 2), ValueType.DECIMAL),
        (oracle.DATE(), ValueType.DATETIME),
        (oracle.RAW(16), ValueType.BINARY),
        (types.DATE(), ValueType.DATE),
    ],
)
def test_types_of_other_databases_are_types_of_ours(declared: TypeEngine[object], expected: ValueType) -> None:
    assert value_type(declared) is expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (
            ("23000", "[23000] [Microsoft] Violation of PRIMARY KEY constraint 'pk'. (2627) (SQLExecDirectW)"),
            "NOT_UNIQUE",
        ),
        (("23000", "[23000] The INSERT statement conflicted with the FOREIGN KEY (547)"), "REFERENCE_MISSING"),
        (("28000", "[28000] Login failed for user 'x'. (18456)"), "SIGN_IN_REFUSED"),
        (("ORA-00001: unique constraint (HR.PK) violated",), "NOT_UNIQUE"),
        (("ORA-12899: value too large for column",), "TOO_LONG"),
        (("HY000", "[HY000] [SQLite]UNIQUE constraint failed: t.id (19)"), "NOT_UNIQUE"),
        (("IM002", "[unixODBC][Driver Manager]Data source name not found"), "MISSING"),
        (("08001", "could not connect"), "CONNECTION_LOST"),
        (("something else",), "REFUSED"),
    ],
)
def test_errors_are_told_by_state_number_or_words(args: tuple[str, ...], expected: str) -> None:
    assert cause_of(sqlite3.Error(*args)) is Cause(expected)


def test_an_odbc_source_is_named_by_keywords_and_the_password_is_braced() -> None:
    settings = SqlSettings.model_validate({"url": "odbc://ann@HrData/staff?Encrypt=yes", "password": "a;b}c"})
    assert connection_string(settings) == "DSN=HrData;Database=staff;UID=ann;PWD={a;b}}c};Encrypt=yes"
    assert "a;b" not in settings.place


def test_a_password_in_the_query_of_a_url_is_refused() -> None:
    with pytest.raises(ValidationError, match="would be shown"):
        SqlSettings.model_validate({"url": "odbc:///?DSN=x&PWD=secret"})


def test_a_database_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"unknown database 'dbase'.*oracle, mssql, odbc"):
        SqlSettings.model_validate({"url": "dbase://host/x"})


def test_a_server_elsewhere_is_reached_by_tls_with_a_checked_certificate_or_not_at_all() -> None:
    assert _settings("mssql://ann@db.example.org/staff").is_sealed
    assert sealing(make_url("mssql+pyodbc://db/x")) == {"Encrypt": "yes", "TrustServerCertificate": "no"}
    assert sealing(make_url("oracle+oracledb://db/x")) == {"protocol": "tcps", "ssl_server_dn_match": True}
    with pytest.raises(SystemRefused, match="certificate"):
        open_reflected(_settings("mssql+pymssql://db.example.org/x"))


def test_a_driver_that_is_missing_is_told_with_its_extra() -> None:
    with pytest.raises(SystemRefused) as refused:
        load_driver(lambda: import_module("no_such_driver"), extra="odbc")
    assert refused.value.remedy == 'pip install "accord[odbc]"'
