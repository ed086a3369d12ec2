"""The sql connector against databases that their own drivers fill and read back."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from accord.connectors.base import ConnectorKind, Settings
from accord.connectors.sql import KIND, SqlSettings
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


def _settings(url: str) -> SqlSettings:
    return SqlSettings.model_validate({"url": url, "objects": {"person": SOURCE}})


class TestSqlite(ConnectorSuite):
    def make_system(self, tmp_path: Path) -> SystemUnderTest:
        path = tmp_path / "people.db"
        return SqlSystem(f"sqlite:///{path}", f"sqlite:///{tmp_path}/no.db", lambda: sqlite3.connect(path), mark="?")


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
