"""What the sql connector reads: typed columns as canonical text, several values, keys, snapshots."""

import json
from typing import Any

import pytest

from accord.connectors.base import ANCHOR, AT, ReadScope
from accord.connectors.sql import KIND, SqlSettings
from accord.model.errors import SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType, Writability


def _type(name: str, *attributes: str, anchor: tuple[str, ...] = ("id",), multi: tuple[str, ...] = ()):
    return ObjectTypeSchema(
        name=name,
        anchor=anchor,
        attributes={each: AttributeSchema(name=each, is_multivalued=each in multi) for each in (*attributes, *multi)},
    )


def _values(lab, schema: ObjectTypeSchema, **settings: object) -> dict[str | None, dict[str, Any]]:
    rows = [row for batch in lab.read(schema, **settings) for row in batch.rows.to_pylist()]
    return {row.pop(ANCHOR): {name: value for name, value in row.items() if name != AT} for row in rows}


POSTGRESQL_TYPES = {
    "i2 smallint": ("-5", "-5"),
    "i8 bigint": ("9223372036854775807", "9223372036854775807"),
    "n numeric": ("12345678901234567890.500", "12345678901234567890.5"),
    "n2 numeric(10,2)": ("100.00", "100"),
    "r real": ("'1.1'", "1.1"),
    "d8 double precision": ("1e-7", "0.0000001"),
    "b boolean": ("false", "false"),
    "d date": ("'2024-02-29'", "2024-02-29"),
    "never date": ("'infinity'", "infinity"),
    "t timestamp": ("'2024-02-29 12:30:00'", "2024-02-29T12:30:00Z"),
    "tz timestamptz": ("'2024-02-29 12:30:00.5+02'", "2024-02-29T10:30:00.500000Z"),
    "u uuid": ("'6CCD780C-BABA-1026-9564-5B8C656024DB'", "6ccd780c-baba-1026-9564-5b8c656024db"),
    "by bytea": ("'\\x00ff'", "AP8="),
    "c char(5)": ("'ab'", "ab"),
    "v varchar(20)": ("' two  blanks '", " two  blanks "),
    "empty text": ("''", None),
    "j jsonb": ("""'{"a": 1}'""", '{"a": 1}'),
    "ip inet": ("'10.0.0.1'", "10.0.0.1"),
    "tm time": ("'10:11:12'", "10:11:12"),
}
MARIADB_TYPES = {
    "i1 tinyint": ("-5", "-5"),
    "i8 bigint unsigned": ("18446744073709551615", "18446744073709551615"),
    "n decimal(60,20)": (
        "1234567890123456789012345678901234567890.5",
        "1234567890123456789012345678901234567890.5",
    ),
    "n2 decimal(10,2)": ("100.00", "100"),
    "d8 double": ("1e-7", "0.0000001"),
    "b boolean": ("false", "false"),
    "bi bit(1)": ("b'1'", "true"),
    "d date": ("'2024-02-29'", "2024-02-29"),
    "dt datetime": ("'2024-02-29 12:30:00'", "2024-02-29T12:30:00Z"),
    "ts timestamp(6) null": ("'2024-02-29 12:30:00.5'", "2024-02-29T12:30:00.500000Z"),
    "u uuid": ("'6CCD780C-BABA-1026-9564-5B8C656024DB'", "6ccd780c-baba-1026-9564-5b8c656024db"),
    "bin varbinary(9)": ("x'00ff'", "AP8="),
    "v varchar(20)": ("' two  blanks '", " two  blanks "),
    "empty varchar(9)": ("''", None),
    "e enum('x','y')": ("'y'", "y"),
    "y year": ("2024", "2024"),
    "tm time": ("'10:11:12'", "10:11:12"),
}
SQLITE_TYPES = {
    "i integer": ("-5", "-5"),
    "n numeric": ("100.0", "100"),
    "d8 real": ("1e-7", "0.0000001"),
    "b boolean": ("0", "false"),
    "d date": ("'2024-02-29'", "2024-02-29"),
    "dt timestamp": ("'2024-02-29 12:30:00'", "2024-02-29T12:30:00Z"),
    "by blob": ("x'00ff'", "AP8="),
    "v varchar(20)": ("' two  blanks '", " two  blanks "),
    "empty text": ("''", None),
    "odd text": ("x'00ff'", "AP8="),
}
TYPES = {"postgresql": POSTGRESQL_TYPES, "mariadb": MARIADB_TYPES, "sqlite": SQLITE_TYPES}


def test_typed_columns_are_read_as_canonical_text(lab) -> None:
    types = TYPES[lab.name]
    lab.run(
        f"create table thing (id integer primary key, {', '.join(types)})",
        f"insert into thing values (1, {', '.join(sql for sql, _ in types.values())})",
        "insert into thing (id) values (2)",
    )
    names = [declared.split()[0] for declared in types]
    read = _values(lab, _type("thing", *names))
    assert read["1"] == {name: text for name, (_, text) in zip(names, types.values(), strict=True)}
    assert set(read["2"].values()) == {None}


def test_the_columns_of_a_query_are_canonical_too(lab) -> None:
    lab.run("create table thing (id integer primary key, d date, n numeric(9,2), v varchar(9), b boolean)")
    lab.run("insert into thing values (1, '2024-02-29', 2.50, 'x', true)", "insert into thing (id) values (2)")
    query = "select id, d, n as amount, v from thing where id = 1 -- the first\n;"
    read = _values(lab, _type("first", "d", "amount", "v"), objects={"first": {"query": query}})
    assert read == {"1": {"d": "2024-02-29", "amount": "2.5", "v": "x"}}


def test_a_composite_key_is_joined_and_the_place_names_it(lab) -> None:
    lab.run("create table seat (room varchar(9), nr integer, who varchar(9), primary key (room, nr))")
    lab.run("insert into seat values ('A', 1, 'x'), ('B|C', 2, 'y')")
    batch, *_ = lab.read(_type("seat", "who", anchor=("room", "nr")))
    assert batch.rows.to_pylist() == [{ANCHOR: "A|1", AT: "seat room=A nr=1", "who": "x"}]
    assert [(error.code, error.at) for error in batch.errors] == [("AMBIGUOUS_ANCHOR", "seat room=B|C nr=2")]


def test_a_row_without_key_keeps_its_place_and_has_no_anchor(lab) -> None:
    lab.run("create table loose (nr integer, who varchar(9))", "insert into loose values (null, 'x')")
    batch, *_ = lab.read(_type("loose", "who", anchor=("nr",)))
    assert batch.rows.to_pylist() == [{ANCHOR: None, AT: "loose nr=null", "who": "x"}]


def test_delimited_json_and_related_values_are_lists(lab) -> None:
    lab.run(
        "create table person (id integer primary key, phones varchar(90), tags varchar(90))",
        "create table mails (person integer, mail varchar(90))",
        """insert into person values (1, '1; 2;;3', '["a",7,true,null]'), (2, null, null), (3, ' ', 'oops')""",
        "insert into mails values (1, 'x@a'), (1, 'y@a'), (2, null), (2, ''), (9, 'z@a')",
    )
    multivalued = {
        "phones": {"delimiter": ";"},
        "mails": {"table": "mails", "key": "person", "value": "mail"},
    }
    settings = {"objects": {"person": {"table": "person", "multivalued": multivalued}}}
    schema = _type("person", multi=("phones", "tags", "mails"))
    batch, *_ = lab.read(schema, **settings)
    rows = {row[ANCHOR]: row for row in batch.rows.to_pylist()}
    assert rows["1"]["phones"] == ["1", "2", "3"]
    assert rows["1"]["tags"] == ["a", "7", "true"]
    assert sorted(rows["1"]["mails"]) == ["x@a", "y@a"]
    assert {name: rows["2"][name] for name in ("phones", "tags", "mails")} == {
        "phones": None,
        "tags": None,
        "mails": None,
    }
    assert set(rows) == {"1", "2"}
    assert [(error.anchor, error.attribute) for error in batch.errors] == [("3", "tags")]


@pytest.mark.postgresql
def test_arrays_are_lists_and_never_become_one_value(postgresql_lab) -> None:
    postgresql_lab.run(
        "create table person (id integer primary key, tags text[], days date[], yes boolean[])",
        "insert into person values (1, '{a,null,\"\",b}', '{2024-02-29}', '{t,f}'), (2, '{}', null, '{null}')",
    )
    read = _values(postgresql_lab, _type("person", multi=("tags", "days", "yes")))
    assert read["1"] == {"tags": ["a", "b"], "days": ["2024-02-29"], "yes": ["true", "false"]}
    assert read["2"] == {"tags": None, "days": None, "yes": None}
    with pytest.raises(SystemRefused, match="holds arrays"):
        postgresql_lab.read(_type("person", "tags"))


@pytest.mark.postgresql
def test_all_types_are_read_from_one_snapshot(postgresql_lab) -> None:
    postgresql_lab.run(
        "create table a (id integer primary key)",
        "create table b (id integer primary key)",
        "insert into a values (1)",
    )
    scope = ReadScope(object_types={name: _type(name) for name in ("a", "b")})
    with postgresql_lab.open() as connector:
        batches = connector.read(scope)
        first = next(batches)
        postgresql_lab.run("insert into b values (1)")
        assert (first.object_type, list(batches)) == ("a", [])


@pytest.mark.mariadb
def test_more_values_than_the_servers_own_limit_are_read_whole(mariadb_lab, mariadb) -> None:
    mariadb_lab.run(
        "create table person (id integer primary key)",
        "create table mails (person integer, mail varchar(300))",
        "insert into person values (1)",
        "insert into mails select 1, concat(seq, repeat('x', 200)) from seq_1_to_6000",
    )
    source = {"table": "person", "multivalued": {"mails": {"table": "mails", "key": "person", "value": "mail"}}}
    read = _values(mariadb_lab, _type("person", multi=("mails",)), objects={"person": source})
    assert len(set(read["1"]["mails"])) == 6000


@pytest.mark.mariadb
def test_timestamps_are_utc_whatever_the_servers_zone(mariadb_lab, mariadb) -> None:
    mariadb_lab.run(
        "create table thing (id integer primary key, ts timestamp null)",
        "insert into thing values (1, '2024-07-01 10:00:00')",
        "set global time_zone = '+05:30'",
    )
    try:
        assert _values(mariadb_lab, _type("thing", "ts"))["1"] == {"ts": "2024-07-01T10:00:00Z"}
    finally:
        mariadb_lab.run("set global time_zone = 'SYSTEM'")


def test_names_that_need_quotes_are_quoted(lab) -> None:
    quote = "`" if lab.name == "mariadb" else '"'
    names = [f"{quote}{name}{quote}" for name in ("select", "a b", "50%", "x;--")]
    lab.run(f"create table {names[0]} (id integer primary key, {', '.join(f'{n} varchar(9)' for n in names[1:])})")
    lab.run(f"insert into {names[0]} values (1, 'x', 'y', 'z')")
    assert _values(lab, _type("select", "a b", "50%", "x;--")) == {"1": {"a b": "x", "50%": "y", "x;--": "z"}}


def test_discovery_finds_tables_views_types_and_keys(lab) -> None:
    lab.run(
        "create table seat (room varchar(9) not null, nr integer not null, who varchar(9) not null, since date,"
        " primary key (nr, room))",
        "create view taken as select room, who from seat",
    )
    with lab.open() as connector:
        found = connector.discover().object_types
    assert set(found) == {"seat", "taken"}
    assert found["seat"].anchor == ("nr", "room")
    attributes = found["seat"].attributes
    assert (attributes["since"].type, attributes["nr"].type) == (ValueType.DATE, ValueType.INTEGER)
    assert [name for name, each in attributes.items() if each.is_required] == ["room", "nr", "who"]
    assert attributes["nr"].writability is Writability.CREATE_ONLY
    assert {each.writability for each in found["taken"].attributes.values()} == {Writability.READ_ONLY}


def test_discovery_knows_generated_and_assigned_columns(lab) -> None:
    serial = {
        "sqlite": "integer primary key",
        "postgresql": "serial primary key",
        "mariadb": "integer auto_increment primary key",
    }[lab.name]
    lab.run(f"create table t (id {serial}, n integer, twice integer generated always as (n * 2) stored)")
    with lab.open() as connector:
        attributes = connector.discover().object_types["t"].attributes
    assert attributes["twice"].writability is Writability.READ_ONLY
    assert not attributes["id"].is_required


def test_discovery_of_configured_objects_has_the_related_attributes(lab) -> None:
    lab.run("create table p (id integer primary key)", "create table m (p integer, mail varchar(9))")
    source = {"table": "p", "multivalued": {"mails": {"table": "m", "key": "p", "value": "mail"}}}
    settings = SqlSettings.model_validate({"url": lab.url, "objects": {"person": source}})
    connector = KIND.open(settings)
    found = connector.discover().object_types
    connector.close()
    assert set(found) == {"person"}
    assert found["person"].attributes["mails"].is_multivalued


def test_json_text_survives_as_one_value(lab) -> None:
    lab.run("create table t (id integer primary key, doc varchar(99))")
    lab.run(f"insert into t values (1, '{json.dumps(['a', 'b'])}')")
    assert _values(lab, _type("t", "doc")) == {"1": {"doc": '["a", "b"]'}}


def test_a_sqlite_column_may_mix_numbers_texts_and_blobs(sqlite_lab) -> None:
    sqlite_lab.run(
        "create table t (id, v)",
        "insert into t values (1, 7), ('b', 'text'), (3, 2.50), (4, x'00ff'), (5, null), (6, 9007199254740993)",
    )
    read = _values(sqlite_lab, _type("t", "v"))
    assert {key: row["v"] for key, row in read.items()} == {
        "1": "7",
        "b": "text",
        "3": "2.5",
        "4": "AP8=",
        "5": None,
        "6": "9007199254740993",
    }
