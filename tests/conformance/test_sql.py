"""The sql connector against databases that their own drivers fill and read back."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from accord.connectors.base import ConnectorKind, Settings
from accord.connectors.sql import KIND, SqlSettings
from accord.connectors.sql.connector import SqlConnector
from accord.connectors.sql.dbapi import DbapiDatabase
from accord.connectors.sql.reflected import open_reflected
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType
from accord.testing.connector_suite import ConnectorSuite, Roles, SystemUnderTest, Values
from accord.testing.private_mariadb import PrivateMariadb, find_mariadb
from accord.testing.private_postgres import PrivatePostgres, find_postgres
from accord.testing.private_server import free_port

PERSON = ObjectTypeSchema(
    name="person",
    anchor=("id",),
    attributes={
        a.name: a
        for a in (
            AttributeSchema(name="id"),
            AttributeSchema(name="display name"),
            AttributeSchema(name="100%"),
            AttributeSchema(name="mails", is_multivalued=True),
            AttributeSchema(name="hired", type=ValueType.DATE),
            AttributeSchema(name="manager", type=ValueType.REFERENCE),
        )
    },
)
COLUMNS = ("id", "display name", "100%", "hired", "manager")
PEOPLE = """
create table people (id varchar(40) primary key, "display name" varchar(200), "100%" varchar(200), hired date,
  manager varchar(40))
"""
MAILS = """
create table mails (person varchar(40) not null, mail varchar(200) not null, primary key (person, mail))
"""
LOG = "create table people_log (seq integer primary key, id varchar(40) not null)"
SOURCE = {
    "table": "people",
    "multivalued": {"mails": {"table": "mails", "key": "person", "value": "mail"}},
    "changes": {"log": "people_log", "anchor": "id", "sequence": "seq", "overlap": 0},
}


class SqlSystem:
    """People with their mail addresses in a related table; `connect` is the driver's own."""

    kind: ConnectorKind = KIND
    object_type = PERSON
    roles = Roles(text="display name", other="100%", multi="mails", date="hired", reference="manager")

    def __init__(self, url: str, missing_url: str, connect: Callable[[], Any], *, mark: str = "%s") -> None:
        self.settings: Settings = _settings(url)
        self.missing_settings: Settings = _settings(missing_url)
        self._connect = connect
        self._mark = mark
        self._run(PEOPLE, MAILS, LOG)

    def seed(self, objects: Mapping[str, Values]) -> None:
        for key, values in objects.items():
            row = [key, *((values.get(name) or (None,))[0] for name in COLUMNS[1:])]
            self._insert("people", row)
            self._log(key)
            for mail in values.get("mails", ()):
                self._insert("mails", [key, mail])

    def change(self, key: str, values: Values) -> None:
        for name, (text, *_) in values.items():
            self._run(f"update people set \"{name}\" = '{text}' where id = '{key}'")
        self._log(key)

    def remove(self, key: str) -> None:
        self._run(f"delete from people where id = '{key}'")
        self._log(key)

    def contents(self) -> Mapping[str, Values]:
        people = self._rows("select * from people")
        mails = self._rows("select person, mail from mails")
        return {
            row[0]: {name: (str(value),) for name, value in zip(COLUMNS, row, strict=True) if value is not None}
            | ({"mails": found} if (found := tuple(mail for key, mail in mails if key == row[0])) else {})
            for row in people
        }

    def anchor_of(self, key: str) -> str:
        return key

    def dn_of(self, key: str) -> None:
        return None

    def required(self, key: str) -> Values:
        return {"id": (key,)}

    def reference_to(self, key: str) -> str:
        return key

    def close(self) -> None:
        return None

    def _log(self, key: str) -> None:
        self._run(f"insert into people_log select coalesce(max(seq), 0) + 1, '{key}' from people_log")

    def _insert(self, table: str, row: list[str | None]) -> None:
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(f"insert into {table} values ({', '.join([self._mark] * len(row))})", row)
            connection.commit()

    def _run(self, *statements: str) -> None:
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def _settings(url: str, source: Mapping[str, object] = SOURCE) -> SqlSettings:
    return SqlSettings.model_validate({"url": url, "objects": {"person": source}})


class OneTable(SqlSystem):
    """People with their mail addresses in one column: what every driver can write, whatever its SQL."""

    def __init__(self, url: str, missing_url: str, connect: Callable[[], Any], *, mark: str = "%s") -> None:
        super().__init__(url, missing_url, connect, mark=mark)
        self._run("drop table mails", "alter table people add column mails varchar(400)")
        source = SOURCE | {"multivalued": {"mails": {"delimiter": ";"}}}
        self.settings = _settings(url, source)
        self.missing_settings = _settings(missing_url, source)

    def seed(self, objects: Mapping[str, Values]) -> None:
        for key, values in objects.items():
            row = [key, *((values.get(name) or (None,))[0] for name in COLUMNS[1:])]
            self._insert("people", [*row, ";".join(values.get("mails", ())) or None])
            self._log(key)

    def contents(self) -> Mapping[str, Values]:
        return {
            row[0]: {n: (str(value),) for n, value in zip(COLUMNS, row[:-1], strict=True) if value is not None}
            | ({"mails": tuple(row[-1].split(";"))} if row[-1] else {})
            for row in self._rows("select * from people")
        }


def _has_odbc_driver(name: str) -> bool:
    try:
        return name in import_module("pyodbc").drivers()
    except ImportError:
        return False


def _by_psycopg(settings: SqlSettings) -> DbapiDatabase:
    return open_reflected(
        settings.model_copy(update={"url": settings.url.replace("postgresql:", "postgresql+psycopg:")})
    )


class TestSqlite(ConnectorSuite):
    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        path = tmp_path / "people.db"
        return SqlSystem(f"sqlite:///{path}", f"sqlite:///{tmp_path}/no.db", lambda: sqlite3.connect(path), mark="?")


@pytest.mark.odbc
@pytest.mark.skipif(not _has_odbc_driver("SQLite3"), reason="no ODBC driver for SQLite")
class TestOdbc(ConnectorSuite):
    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        path = tmp_path / "people.db"
        url = "odbc:///?Driver=SQLite3&NoCreat=1&Database="
        return OneTable(f"{url}{path}", f"{url}{tmp_path}/no/no.db", lambda: sqlite3.connect(path), mark="?")


@pytest.mark.postgresql
@pytest.mark.skipif(find_postgres() is None, reason="no PostgreSQL server binaries")
class TestPostgresql(ConnectorSuite):
    server: ClassVar[PrivatePostgres]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls) -> Iterator[None]:
        with PrivatePostgres() as cls.server:
            yield

    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        url = self.server.create_database()
        missing = f"postgresql://postgres@127.0.0.1:{free_port()}/x"
        return SqlSystem(url, missing, lambda: psycopg.connect(url))


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.skipif(find_postgres() is None, reason="no PostgreSQL server binaries")
class TestPostgresqlAsAnyDialect(TestPostgresql):
    """What stands for SQL Server and Oracle: any dialect of SQLAlchemy, here with a server to prove it on."""

    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        url = self.server.create_database()
        system = OneTable(url, f"postgresql://postgres@127.0.0.1:{free_port()}/x", lambda: psycopg.connect(url))
        system.kind = replace(KIND, open=lambda settings: SqlConnector(settings, _by_psycopg))
        return system


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.odbc
@pytest.mark.skipif(find_postgres() is None, reason="no PostgreSQL server binaries")
@pytest.mark.skipif(not _has_odbc_driver("PostgreSQL Unicode"), reason="no ODBC driver for PostgreSQL")
class TestPostgresqlByOdbc(TestPostgresql):
    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        url = self.server.create_database()
        at = make_url(url)
        odbc = f"odbc://postgres@/{at.database}?Driver=PostgreSQL+Unicode&Servername=127.0.0.1&Port="
        return OneTable(f"{odbc}{at.port}", f"{odbc}{free_port()}", lambda: psycopg.connect(url))


@pytest.mark.mariadb
@pytest.mark.skipif(find_mariadb() is None, reason="no MariaDB server binaries")
class TestMariadb(ConnectorSuite):
    server: ClassVar[PrivateMariadb]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls) -> Iterator[None]:
        with PrivateMariadb() as cls.server:
            yield

    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        url = self.server.create_database()
        database = make_url(url).database
        missing = f"mysql://root@127.0.0.1:{free_port()}/x"
        return SqlSystem(
            url,
            missing,
            lambda: pymysql.connect(
                host="127.0.0.1",
                port=self.server.port,
                user="root",
                database=database,
                sql_mode="STRICT_ALL_TABLES,ANSI_QUOTES",
            ),
        )
