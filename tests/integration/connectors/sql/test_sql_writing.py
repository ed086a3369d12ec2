"""What the sql connector writes, and what it says of every row a database does not take."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy.engine import make_url

from accord.connectors.base import ANCHOR, AttributeChange, ExportOperation, Operation, OutcomeState, ReadScope
from accord.connectors.sql import KIND, SqlSettings
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

DONE, FAILED, UNKNOWN = OutcomeState.DONE, OutcomeState.FAILED, OutcomeState.UNKNOWN
SERIAL = {
    "sqlite": "integer primary key",
    "postgresql": "serial primary key",
    "mariadb": "integer auto_increment primary key",
}


def _type(*attributes: str, anchor: tuple[str, ...] = ("id",), multi: tuple[str, ...] = ()) -> ObjectTypeSchema:
    return ObjectTypeSchema(
        name="person",
        anchor=anchor,
        attributes={each: AttributeSchema(name=each, is_multivalued=each in multi) for each in (*attributes, *multi)},
    )


def _changes(values: dict[str, str | tuple[str, ...] | None]) -> tuple[AttributeChange, ...]:
    after = {name: (v,) if isinstance(v, str) else v or () for name, v in values.items()}
    return tuple(AttributeChange(name=name, added=texts, after=texts) for name, texts in after.items())


def _create(row: int, anchor: str | None, **values: str | tuple[str, ...] | None) -> ExportOperation:
    return ExportOperation(
        row=row, operation=Operation.CREATE, object_type="person", anchor=anchor, changes=_changes(values)
    )


def _update(row: int, anchor: str, *changes: AttributeChange, **values: str | None) -> ExportOperation:
    return ExportOperation(
        row=row,
        operation=Operation.UPDATE,
        object_type="person",
        anchor=anchor,
        changes=(*changes, *_changes(values)),
    )


def _delete(row: int, anchor: str) -> ExportOperation:
    return ExportOperation(row=row, operation=Operation.DELETE, object_type="person", anchor=anchor)


def test_every_type_written_is_read_back_the_same(lab) -> None:
    declared = {
        "sqlite": ("n numeric", "b boolean", "d date", "t timestamp", "bin blob", "v varchar(20)"),
        "postgresql": ("n numeric", "b boolean", "d date", "t timestamptz", "bin bytea", "v varchar(20)"),
        "mariadb": ("n decimal(20,4)", "b boolean", "d date", "t datetime(6)", "bin varbinary(9)", "v varchar(20)"),
    }[lab.name]
    lab.run(f"create table person (id integer primary key, {', '.join(declared)})")
    values = {
        "n": "12.5",
        "b": "true",
        "d": "2024-02-29",
        "t": "2024-02-29T12:30:00.250000Z",
        "bin": "AP8=",
        "v": "Zoë 😀",
    }
    schema = _type(*values)
    assert lab.write(schema, _create(1, "1", **values))[1].state is DONE
    row = lab.read(schema)[0].rows.to_pylist()[0]
    assert {name: row[name] for name in values} == values
    assert lab.write(schema, _update(1, "1", **dict.fromkeys(values)))[1].state is DONE
    row = lab.read(schema)[0].rows.to_pylist()[0]
    assert {name: row[name] for name in values} == dict.fromkeys(values)


def test_a_key_given_by_the_database_comes_back_as_anchor(lab) -> None:
    lab.run(f"create table person (id {SERIAL[lab.name]}, name varchar(9))")
    schema = _type("name")
    outcomes = lab.write(schema, *(_create(n, None, name=f"n{n}") for n in range(5)))
    read = {row["name"]: row[ANCHOR] for row in lab.read(schema)[0].rows.to_pylist()}
    assert {f"n{n}": outcomes[n].anchor for n in range(5)} == read


@pytest.mark.postgresql
def test_a_uuid_given_by_the_database_comes_back_as_anchor(postgresql_lab) -> None:
    postgresql_lab.run("create table person (id uuid default gen_random_uuid() primary key, name text)")
    outcome = postgresql_lab.write(_type("name"), _create(1, None, name="x"))[1]
    assert outcome.anchor == str(postgresql_lab.rows("select id from person")[0][0])


def test_a_key_that_nobody_gives_is_an_error_of_that_row(lab) -> None:
    lab.run("create table person (id varchar(9) not null, name varchar(9), primary key (id))")
    outcomes = lab.write(_type("name"), _create(1, None, name="x"), _create(2, "b", name="y"))
    assert (outcomes[1].state, outcomes[1].code) == (FAILED, "VALUE_REQUIRED")
    assert outcomes[2].state is DONE


def test_composite_keys_are_written_and_found(lab) -> None:
    lab.run("create table person (room varchar(9), nr integer, name varchar(9), primary key (room, nr))")
    schema = _type("name", anchor=("room", "nr"))
    created = lab.write(schema, _create(1, "A|1", name="x"), _create(2, "A|2", name="y"))
    assert [created[n].anchor for n in (1, 2)] == ["A|1", "A|2"]
    lab.write(schema, _update(1, "A|1", name="z"), _delete(2, "A|2"))
    assert lab.rows("select room, nr, name from person") == [("A", 1, "z")]
    assert lab.write(schema, _update(3, "A", name="q"))[3].code == "BAD_ANCHOR"


def test_every_refusal_names_its_cause_and_the_good_rows_are_written(lab) -> None:
    checks = "" if lab.name == "sqlite" else ", hired date"
    lab.run(
        "create table boss (id integer primary key)",
        "create table person (id integer primary key, mail varchar(9) unique, name varchar(5) not null,"
        f" age integer check (age > 0), boss integer references boss(id){checks})",
        "insert into boss values (1)",
        "insert into person (id, mail, name) values (1, 'a@x', 'Anna')",
    )
    schema = _type("mail", "name", "age", "boss", "hired")
    expected = {
        10: (_create(10, "10", name="Ben", boss="1"), DONE, "", False),
        11: (_create(11, "1", name="Dup"), FAILED, "ALREADY_EXISTS", False),
        12: (_create(12, "12", name="Ann", mail="a@x"), FAILED, "ALREADY_EXISTS", False),
        13: (_create(13, "13", name="Cy", boss="77"), FAILED, "REFERENCE_MISSING", True),
        14: (_create(14, "14", mail="n@x"), FAILED, "VALUE_REQUIRED", False),
        15: (_create(15, "15", name="Old", age="-1"), FAILED, "CHECK_FAILED", False),
        16: (_update(16, "1", nmae="x"), FAILED, "UNKNOWN_ATTRIBUTE", False),
        17: (_update(17, "99", name="x"), FAILED, "NOT_FOUND", False),
        18: (_delete(18, "99"), DONE, "NOT_FOUND", False),
        19: (_update(19, "10", mail="a@x"), FAILED, "NOT_UNIQUE", False),
        20: (_create(20, "20", name="Zoe"), DONE, "", False),
    }
    if lab.name != "sqlite":
        expected[21] = (_create(21, "21", name="Too long"), FAILED, "TOO_LONG", False)
        expected[22] = (_create(22, "22", name="Dan", hired="2024-13-45"), FAILED, "BAD_VALUE", False)
        expected[23] = (_create(23, "x", name="Eve"), FAILED, "BAD_VALUE", False)
    outcomes = lab.write(schema, *(operation for operation, *_ in expected.values()))
    found = {row: (o.state, o.code, o.is_retryable) for row, o in outcomes.items()}
    assert found == {row: tuple(rest) for row, (_, *rest) in expected.items()}
    assert all(outcome.message for outcome in outcomes.values() if outcome.code)
    assert "did you mean 'name'" in outcomes[16].message
    assert sorted(row[0] for row in lab.rows("select id from person")) == [1, 10, 20]


def test_a_row_others_refer_to_is_not_deleted(lab) -> None:
    lab.run(
        "create table person (id integer primary key)",
        "create table car (owner integer, foreign key (owner) references person(id))",
        "insert into person values (1), (2)",
        "insert into car values (1)",
    )
    outcomes = lab.write(_type(), _delete(1, "1"), _delete(2, "2"))
    assert (outcomes[1].code, outcomes[1].is_retryable) == ("STILL_REFERENCED", False)
    assert outcomes[2].state is DONE


def test_an_anchor_of_several_rows_changes_none_of_them(lab) -> None:
    lab.run(
        "create table person (id integer, name varchar(9))", "insert into person values (1, 'a'), (1, 'b'), (2, 'c')"
    )
    outcomes = lab.write(_type("name"), _update(1, "1", name="z"), _delete(2, "1"), _update(3, "2", name="z"))
    assert [outcomes[n].code for n in (1, 2, 3)] == ["AMBIGUOUS_ANCHOR", "AMBIGUOUS_ANCHOR", ""]
    assert sorted(lab.rows("select id, name from person")) == [(1, "a"), (1, "b"), (2, "z")]


def test_an_update_to_the_values_already_there_is_done(lab) -> None:
    lab.run("create table person (id integer primary key, name varchar(9))", "insert into person values (1, 'a')")
    assert lab.write(_type("name"), _update(1, "1", name="a"))[1].state is DONE


def test_operations_keep_their_order(lab) -> None:
    lab.run("create table person (id integer primary key, name varchar(9))")
    outcomes = lab.write(
        _type("name"), _create(1, "1", name="a"), _update(2, "1", name="b"), _delete(3, "1"), _create(4, "1", name="c")
    )
    assert {outcome.state for outcome in outcomes.values()} == {DONE}
    assert lab.rows("select id, name from person") == [(1, "c")]


def test_batches_beyond_the_first_are_written(lab) -> None:
    lab.run("create table person (id integer primary key, name varchar(9))")
    operations = [_create(n, str(n), name=f"n{n}") for n in range(25)]
    operations[13] = _create(13, "0", name="dup")
    outcomes = lab.write(_type("name"), *operations, write_batch_rows=4)
    assert [row for row, outcome in outcomes.items() if outcome.state is not DONE] == [13]
    assert lab.rows("select count(*) from person") == [(24,)]


@pytest.mark.parametrize("what", ["query", "view"])
def test_queries_and_views_are_not_written(lab, what: str) -> None:
    lab.run(
        "create table person (id integer primary key, name varchar(9))", "create view v as select id, name from person"
    )
    source = {"query": {"query": "select id, name from person"}, "view": {"table": "v"}}[what]
    outcome = lab.write(_type("name"), _create(1, "1", name="x"), objects={"person": source})[1]
    assert (outcome.state, outcome.code, outcome.is_retryable) == (FAILED, "READ_ONLY", False)
    assert "write to a table" in outcome.message


def test_a_generated_column_is_not_written(lab) -> None:
    lab.run("create table person (id integer primary key, n integer, m integer generated always as (n * 2) stored)")
    assert lab.write(_type("m"), _create(1, "1", m="4"))[1].code == "READ_ONLY"


def test_a_missing_table_fails_every_operation_of_its_type_only(lab) -> None:
    lab.run("create table person (id integer primary key)")
    scope = ReadScope(object_types={"person": _type(), "car": ObjectTypeSchema(name="car", anchor=("id",))})
    car = ExportOperation(row=2, operation=Operation.DELETE, object_type="car", anchor="1")
    with lab.open() as connector:
        outcomes = {o.row: o for o in connector.write([_create(1, "1"), car], scope)}
    assert (outcomes[1].state, outcomes[2].state) == (DONE, FAILED)
    assert "there is no table or view 'car'" in outcomes[2].message


RELATED = {
    "objects": {
        "person": {
            "table": "person",
            "multivalued": {
                "mails": {"table": "mails", "key": "person", "value": "mail"},
                "phones": {"delimiter": ";"},
            },
        }
    }
}


def test_several_values_are_written_where_they_live(lab) -> None:
    lab.run(
        f"create table person (id {SERIAL[lab.name]}, phones varchar(90), tags varchar(90))",
        "create table mails (person integer references person(id), mail varchar(90))",
    )
    schema = _type(multi=("phones", "tags", "mails"))
    create = _create(1, None, phones=("1", "2"), tags=("a", "b"), mails=("x@a", "y@a"))
    anchor = lab.write(schema, create, **RELATED)[1].anchor
    assert lab.rows("select phones, tags from person") == [("1;2", '["a", "b"]')]
    assert sorted(lab.rows("select mail from mails")) == [("x@a",), ("y@a",)]
    difference = [
        AttributeChange(name=name, added=(new,), removed=(old,), after=None)
        for name, old, new in (("phones", "1", "3"), ("tags", "a", "c"), ("mails", "x@a", "z@a"))
    ]
    assert lab.write(schema, _update(1, anchor, *difference), **RELATED)[1].state is DONE
    row = lab.read(schema, **RELATED)[0].rows.to_pylist()[0]
    assert {name: sorted(row[name]) for name in schema.attributes} == {
        "phones": ["2", "3"],
        "tags": ["b", "c"],
        "mails": ["y@a", "z@a"],
    }
    assert lab.write(schema, _delete(1, anchor), **RELATED)[1].state is DONE
    assert lab.rows("select count(*) from mails") == [(0,)]


def test_differences_of_one_row_in_one_batch_add_up(lab) -> None:
    lab.run("create table person (id integer primary key, phones varchar(90))", "insert into person values (1, '0')")
    changes = [AttributeChange(name="phones", added=(str(n),), after=None) for n in (1, 2)]
    operations = [_update(n, "1", change) for n, change in enumerate(changes)]
    settings = {"objects": {"person": {"table": "person", "multivalued": {"phones": {"delimiter": ";"}}}}}
    lab.write(_type(multi=("phones",)), *operations, **settings)
    assert lab.rows("select phones from person") == [("0;1;2",)]


def test_a_value_that_holds_the_delimiter_is_refused(lab) -> None:
    lab.run("create table person (id integer primary key, phones varchar(90))")
    settings = {"objects": {"person": {"table": "person", "multivalued": {"phones": {"delimiter": ";"}}}}}
    outcome = lab.write(_type(multi=("phones",)), _create(1, "1", phones=("1;2",)), **settings)[1]
    assert (outcome.state, outcome.code) == (FAILED, "BAD_VALUE")


@pytest.mark.postgresql
def test_arrays_are_written_without_cutting_their_values(postgresql_lab) -> None:
    postgresql_lab.run("create table person (id integer primary key, tags varchar(3)[], days date[])")
    schema = _type(multi=("tags", "days"))
    outcomes = postgresql_lab.write(
        schema,
        _create(1, "1", tags=("a", "b"), days=("2024-02-29",)),
        _create(2, "2", tags=("too long",)),
    )
    assert (outcomes[1].state, outcomes[2].code) == (DONE, "TOO_LONG")
    difference = AttributeChange(name="tags", added=("c",), removed=("a",), after=None)
    postgresql_lab.write(schema, _update(1, "1", difference))
    assert postgresql_lab.rows("select tags from person") == [(["b", "c"],)]


@pytest.mark.postgresql
def test_a_constraint_checked_at_commit_fails_only_its_row(postgresql_lab) -> None:
    postgresql_lab.run(
        "create table person (id integer primary key, boss integer references person(id) deferrable initially deferred)"
    )
    operations = [_create(1, "1", boss="2"), _create(2, "2"), _create(3, "3", boss="9"), _create(4, "4")]
    outcomes = postgresql_lab.write(_type("boss"), *operations)
    assert outcomes[3].code == "REFERENCE_MISSING"
    assert [outcomes[n].state for n in (2, 4)] == [DONE, DONE]


@pytest.mark.postgresql
def test_an_unauthorised_write_names_the_permission(postgresql_lab) -> None:
    postgresql_lab.run(
        "create table person (id integer primary key)",
        "create role eva_ro login password 'x'",
        "grant select on person to eva_ro",
    )
    url = str(make_url(postgresql_lab.url).set(username="eva_ro"))
    connector = KIND.open(SqlSettings.model_validate({"url": url, "password": "x"}))
    scope = ReadScope(object_types={"person": _type()})
    outcomes = list(connector.write([_create(1, "1")], scope))
    connector.close()
    postgresql_lab.run("drop owned by eva_ro", "drop role eva_ro")
    assert [(o.state, o.code, o.is_retryable) for o in outcomes] == [(FAILED, "NO_PERMISSION", False)]


def test_a_locked_row_is_busy_and_may_be_retried(sqlite_lab) -> None:
    sqlite_lab.run("create table person (id integer primary key)")
    holder = sqlite_lab.connect()
    holder.execute("begin immediate")
    try:
        outcome = sqlite_lab.write(_type(), _create(1, "1"), connect_timeout_s=1)[1]
    finally:
        holder.close()
    assert (outcome.state, outcome.code, outcome.is_retryable) == (FAILED, "BUSY", True)


KILL_OTHERS = {
    "postgresql": "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()",
    "mariadb": "select id from information_schema.processlist where db = database() and id <> connection_id()",
}


def test_a_connection_lost_leaves_later_operations_unsent_and_retryable(server_lab) -> None:
    server_lab.run("create table person (id integer primary key)")
    scope = ReadScope(object_types={"person": _type()})
    with server_lab.open(write_batch_rows=2) as connector:
        outcomes = connector.write([_create(n, str(n)) for n in range(6)], scope)
        first = [next(outcomes), next(outcomes)]
        found = server_lab.rows(KILL_OTHERS[server_lab.name])
        if server_lab.name == "mariadb":
            server_lab.run(*(f"kill {row[0]}" for row in found))
        rest = list(outcomes)
    assert [outcome.state for outcome in first] == [DONE, DONE]
    assert {(o.state, o.code, o.is_retryable) for o in rest} == {(FAILED, "CONNECTION_LOST", True)}
    assert server_lab.rows("select count(*) from person") == [(2,)]


BLOCKED = {
    "postgresql": "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    "mariadb": "select id from information_schema.processlist where db = database() and info like 'insert%'",
}
KILL = {"postgresql": "select pg_terminate_backend({})", "mariadb": "kill {}"}


def test_a_connection_lost_in_a_batch_leaves_it_unknown(server_lab) -> None:
    server_lab.run("create table person (id integer primary key, name varchar(9))")
    operations = [_create(n, str(n), name="x") for n in range(6)]
    with closing(server_lab.connect()) as holder, ThreadPoolExecutor(1) as pool:
        # An uncommitted row of the same key holds the second batch up until its connection is killed.
        holder.cursor().execute("insert into person values (3, 'held')")
        written = pool.submit(server_lab.write, _type("name"), *operations, write_batch_rows=2)
        while not (blocked := server_lab.rows(BLOCKED[server_lab.name])):
            assert not written.done()
        server_lab.run(KILL[server_lab.name].format(blocked[0][0]))
        outcomes = written.result(timeout=60)
    assert [outcomes[n].state for n in range(6)] == [DONE, DONE, UNKNOWN, UNKNOWN, FAILED, FAILED]
    assert {outcomes[n].code for n in range(2, 6)} == {"CONNECTION_LOST"}
    assert all(outcomes[n].is_retryable for n in (4, 5))
    assert sorted(server_lab.rows("select id from person")) == [(0,), (1,)]


def test_types_in_scope_decide_only_how_many_values(lab) -> None:
    lab.run("create table person (id integer primary key, since date)")
    schema = ObjectTypeSchema(
        name="person", anchor=("id",), attributes={"since": AttributeSchema(name="since", type=ValueType.TEXT)}
    )
    assert lab.write(schema, _create(1, "1", since="2024-02-29"))[1].state is DONE
    assert [str(row[0]) for row in lab.rows("select since from person")] == ["2024-02-29"]
