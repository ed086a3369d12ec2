"""What a person is told when a database cannot be read: the place, the cause, the remedy."""

import socket
import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy.engine import make_url

from accord.connectors.base import ReadScope
from accord.connectors.sql import KIND, SqlSettings
from accord.connectors.sql.database import load_driver
from accord.model.errors import SystemRefused, SystemUnavailable
from accord.model.schema import AttributeSchema, ObjectTypeSchema
from accord.testing.private_server import free_port


def _type(name: str, *attributes: str) -> ObjectTypeSchema:
    return ObjectTypeSchema(
        name=name, anchor=("id",), attributes={each: AttributeSchema(name=each) for each in attributes}
    )


def _test(url: str, **settings: object) -> None:
    connector = KIND.open(SqlSettings.model_validate({"url": url, **settings}))
    try:
        connector.test()
    finally:
        connector.close()


def test_a_missing_column_names_the_near_one_and_those_there_are(lab) -> None:
    lab.run("create table person (id integer primary key, surname varchar(9))")
    with pytest.raises(SystemRefused) as refused:
        lab.read(_type("person", "surnam"))
    assert "did you mean 'surname'?" in refused.value.message
    assert refused.value.remedy == "use one of: id, surname"
    assert "table person" in refused.value.place


def test_a_missing_table_names_the_near_one_and_those_there_are(lab) -> None:
    lab.run("create table persons (id integer primary key)", "create table other (id integer primary key)")
    with pytest.raises(SystemRefused) as refused:
        lab.read(_type("person"))
    assert "there is no table or view 'person'; did you mean 'persons'?" in refused.value.message
    assert refused.value.remedy == "use one of: other, persons"


def test_a_missing_related_column_is_named(lab) -> None:
    lab.run("create table person (id integer primary key)", "create table m (p integer, mail varchar(9))")
    source = {"table": "person", "multivalued": {"mails": {"table": "m", "key": "q", "value": "mail"}}}
    with pytest.raises(SystemRefused, match="there is no column 'q'"):
        lab.read(_type("person"), objects={"person": source})


def test_a_wrong_query_says_what_the_database_says(lab) -> None:
    with pytest.raises(SystemRefused) as refused:
        lab.read(_type("person"), objects={"person": {"query": "select nope from nowhere"}})
    assert "nowhere" in refused.value.message or "nope" in refused.value.message
    assert "person" in refused.value.place


def test_an_object_type_without_anchor_is_refused(lab) -> None:
    lab.run("create table person (id integer)")
    with pytest.raises(SystemRefused, match="has no anchor"):
        lab.read(ObjectTypeSchema(name="person", anchor=()))


def test_a_connection_test_names_a_missing_table(lab) -> None:
    with pytest.raises(SystemRefused, match="there is no table or view 'people'"):
        _test(lab.url, objects={"person": {"table": "people"}})


def test_a_connection_test_reports_server_and_tables(lab) -> None:
    lab.run("create table people (id integer primary key)")
    with lab.open() as connector:
        facts = dict(connector.test().facts)
    assert facts["tables and views"] == "1: people"
    assert {"sqlite": "SQLite", "postgresql": "PostgreSQL 1", "mariadb": "MariaDB"}[lab.name] in facts["server"]


def test_a_wrong_password_is_refused_without_showing_it(server_lab) -> None:
    if server_lab.name == "postgresql":
        server_lab.run("create role eva_pw login password 'right'")
    else:
        server_lab.run("create user eva_pw identified by 'right'", "grant all on *.* to eva_pw")
    url = str(make_url(server_lab.url).set(username="eva_pw"))
    try:
        _test(url, password="right")
        with pytest.raises(SystemRefused) as refused:
            _test(url, password="wr0ng!secret")
    finally:
        server_lab.run("drop role eva_pw" if server_lab.name == "postgresql" else "drop user eva_pw")
    assert "eva_pw" in refused.value.message
    assert "check user, password" in refused.value.remedy
    assert "wr0ng!secret" not in str(refused.value)


def test_a_missing_database_is_refused(server_lab) -> None:
    with pytest.raises(SystemRefused, match="nowhere"):
        _test(str(make_url(server_lab.url).set(database="nowhere")))


def test_a_table_the_user_may_not_read_is_refused(server_lab) -> None:
    server_lab.run("create table secret (id integer primary key)", "create table open_table (id integer primary key)")
    database = make_url(server_lab.url).database
    if server_lab.name == "postgresql":
        server_lab.run("create role eva_no login password 'x'", "grant select on open_table to eva_no")
    else:
        server_lab.run("create user eva_no identified by 'x'", f"grant select on {database}.open_table to eva_no")
    try:
        url = str(make_url(server_lab.url).set(username="eva_no"))
        connector = KIND.open(SqlSettings.model_validate({"url": url, "password": "x"}))
        with pytest.raises(SystemRefused) as refused:
            list(connector.read(ReadScope(object_types={"secret": _type("secret")})))
        connector.close()
    finally:
        if server_lab.name == "postgresql":
            server_lab.run("drop owned by eva_no", "drop role eva_no")
        else:
            server_lab.run("drop user eva_no")
    assert refused.value.remedy


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_is_down_is_unavailable(scheme: str) -> None:
    with pytest.raises(SystemUnavailable) as unavailable:
        _test(f"{scheme}://anna@127.0.0.1:{free_port()}/hr")
    assert "check that the server runs" in unavailable.value.remedy
    assert f"{scheme}://anna@127.0.0.1" in unavailable.value.place


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_never_answers_is_unavailable_after_the_timeout(scheme: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(SystemUnavailable):
            _test(f"{scheme}://anna@127.0.0.1:{silent.getsockname()[1]}/hr", connect_timeout_s=2, operation_timeout_s=2)


def test_a_missing_file_is_refused_and_not_made(tmp_path) -> None:
    path = tmp_path / "nowhere.db"
    with pytest.raises(SystemRefused) as refused:
        _test(f"sqlite:///{path}")
    assert str(path) in refused.value.message
    assert not path.exists()


def test_a_file_that_is_no_database_is_refused(tmp_path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Anna, " * 100)
    with pytest.raises(SystemRefused, match="not a database"):
        _test(f"sqlite:///{path}")


def _kill_others(lab) -> Callable[[], None]:
    def kill() -> None:
        if lab.name == "postgresql":
            lab.rows(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            return
        found = lab.rows(
            "select id from information_schema.processlist where db = database() and id <> connection_id()"
        )
        lab.run(*(f"kill {row[0]}" for row in found))

    return kill


def test_a_connection_lost_in_the_middle_is_never_a_complete_read(server_lab) -> None:
    rows = "generate_series(1, 200000) as s(seq)" if server_lab.name == "postgresql" else "seq_1_to_200000"
    server_lab.run(f"create table person as select seq as id, repeat('x', 200) as name from {rows}")
    kill = _kill_others(server_lab)
    with server_lab.open() as connector:
        batches = connector.read(ReadScope(object_types={"person": _type("person", "name")}, page_rows=5000))
        assert next(batches).rows.num_rows == 5000
        kill()
        with pytest.raises(SystemUnavailable) as lost:
            list(batches)
    assert lost.value.place
    assert lost.value.remedy


def test_a_locked_file_is_unavailable(sqlite_lab) -> None:
    sqlite_lab.run("create table person (id integer primary key)")
    holder = sqlite3.connect(sqlite_lab.connect().execute("pragma database_list").fetchone()[2])
    holder.execute("begin exclusive")
    try:
        with pytest.raises(SystemUnavailable, match="locked"):
            sqlite_lab.read(_type("person"), connect_timeout_s=1)
    finally:
        holder.close()


def test_a_missing_driver_names_the_extra() -> None:
    def load() -> None:
        raise ImportError("no", name="psycopg")

    with pytest.raises(SystemRefused) as refused:
        load_driver(load, extra="postgresql")
    assert "psycopg" in refused.value.message
    assert refused.value.remedy == 'pip install "accord[postgresql]"'
