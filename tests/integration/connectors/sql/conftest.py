"""Real databases for the sql connector's tests, reached by their own drivers."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from accord.connectors.base import Connector, ExportOperation, ExportOutcome, ReadBatch, ReadScope
from accord.connectors.sql import KIND, SqlSettings
from accord.model.schema import ObjectTypeSchema
from accord.testing.private_mariadb import PrivateMariadb, find_mariadb
from accord.testing.private_postgres import PrivatePostgres, find_postgres


@dataclass(frozen=True, kw_only=True)
class Lab:
    """One empty database; `name` is sqlite, postgresql or mariadb."""

    name: str
    url: str
    connect: Callable[[], Any]

    def run(self, *statements: str) -> None:
        with closing(self.connect()) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(self.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def open(self, **settings: object) -> "closing[Connector]":
        return closing(KIND.open(SqlSettings.model_validate({"url": self.url, **settings})))

    def read(self, schema: ObjectTypeSchema, **settings: object) -> list[ReadBatch]:
        with self.open(**settings) as connector:
            return list(connector.read(ReadScope(object_types={schema.name: schema})))

    def write(
        self, schema: ObjectTypeSchema, *operations: ExportOperation, **settings: object
    ) -> dict[int, ExportOutcome]:
        with self.open(**settings) as connector:
            scope = ReadScope(object_types={schema.name: schema})
            return {outcome.row: outcome for outcome in connector.write(operations, scope)}


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    if find_postgres() is None:
        pytest.skip("no PostgreSQL server binaries")
    with PrivatePostgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[PrivateMariadb]:
    if find_mariadb() is None:
        pytest.skip("no MariaDB server binaries")
    with PrivateMariadb() as server:
        yield server


@pytest.fixture
def sqlite_lab(tmp_path: Path) -> Lab:
    path = tmp_path / "lab.db"
    sqlite3.connect(path).close()
    return Lab(name="sqlite", url=f"sqlite:///{path}", connect=lambda: sqlite3.connect(path))


@pytest.fixture
def postgresql_lab(postgres: PrivatePostgres) -> Lab:
    url = postgres.create_database()
    return Lab(name="postgresql", url=url, connect=lambda: psycopg.connect(url))


@pytest.fixture
def mariadb_lab(mariadb: PrivateMariadb) -> Lab:
    url = mariadb.create_database()
    database = make_url(url).database
    return Lab(
        name="mariadb",
        url=url,
        connect=lambda: pymysql.connect(
            host="127.0.0.1",
            port=mariadb.port,
            user="root",
            database=database,
            init_command="set time_zone='+00:00'",
        ),
    )


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def lab(request: pytest.FixtureRequest) -> Lab:
    """Each database in turn."""
    made: Lab = request.getfixturevalue(f"{request.param}_lab")
    return made


@pytest.fixture(
    params=[
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def server_lab(request: pytest.FixtureRequest) -> Lab:
    """Each database that is a server, in turn."""
    made: Lab = request.getfixturevalue(f"{request.param}_lab")
    return made
