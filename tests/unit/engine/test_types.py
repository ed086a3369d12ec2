import hashlib
import json
import time

import pytest

from accord.engine.frames import Engine, literal
from accord.engine.types import (
    content_hash,
    doc_columns,
    doc_of,
    from_text,
    is_unparseable,
    is_unread,
    lasting_hash,
    parse_text,
    sql_type,
    to_text,
)
from accord.model.schema import AttributeSchema, ValueType

V = ValueType


def _parsed(engine: Engine, raw: str | list[str | None] | None, attribute: AttributeSchema) -> tuple:
    kind = "varchar[]" if attribute.is_multivalued else "varchar"
    sql = (
        f"select p, {is_unparseable('raw', attribute)}, {is_unread('raw', 'p', attribute)} "
        f"from (select raw, {parse_text('raw', attribute)} as p from (select ?::{kind} as raw))"
    )
    parsed, is_broken, is_broken_too = engine.rows(sql, [raw])[0]
    assert is_broken == is_broken_too
    return parsed, is_broken


READABLE = [
    (V.TEXT, None, " Ann ", " Ann "),
    (V.TEXT, None, " \t\u00a0", None),
    (V.REFERENCE, None, " CN=Ann,DC=x ", "CN=Ann,DC=x"),
    (V.INTEGER, None, " +007 ", "7"),
    (V.INTEGER, None, "-42", "-42"),
    (V.INTEGER, None, "42.0", "42"),
    (V.INTEGER, None, "9007199254740993", "9007199254740993"),
    (V.DECIMAL, None, "12.500", "12.5"),
    (V.DECIMAL, None, ".5", "0.5"),
    (V.DECIMAL, None, "100", "100"),
    (V.DECIMAL, None, "-0.0", "0"),
    (V.DECIMAL, None, "1e3", "1000"),
    (V.BOOLEAN, None, "TRUE", "true"),
    (V.BOOLEAN, None, " no ", "false"),
    (V.BOOLEAN, None, "1", "true"),
    (V.DATE, None, "2030-5-7", "2030-05-07"),
    (V.DATE, None, "20300507", "2030-05-07"),
    (V.DATE, None, "2030-05-07T00:00:00Z", "2030-05-07"),
    (V.DATE, "%d.%m.%Y", "07.05.2030", "2030-05-07"),
    (V.DATE, "%d.%m.%Y", "2030-05-07", "2030-05-07"),
    (V.DATETIME, None, "2030-05-17T10:30:00+02:00", "2030-05-17T08:30:00Z"),
    (V.DATETIME, None, "2030-05-17 10:30:00 -0530", "2030-05-17T16:00:00Z"),
    (V.DATETIME, None, "2030-05-17t10:30:00z", "2030-05-17T10:30:00Z"),
    (V.DATETIME, None, "2030-05-17T10:30", "2030-05-17T10:30:00Z"),
    (V.DATETIME, None, "2030-05-17", "2030-05-17T00:00:00Z"),
    (V.DATETIME, None, "2030-05-17T10:30:00,25Z", "2030-05-17T10:30:00.250000Z"),
    (V.DATETIME, None, "20300517103000Z", "2030-05-17T10:30:00Z"),
    (V.DATETIME, None, "20300517103000.0Z", "2030-05-17T10:30:00Z"),
    (V.DATETIME, None, "20300517103000.5+0200", "2030-05-17T08:30:00.500000Z"),
    (V.DATETIME, None, "203005171030Z", "2030-05-17T10:30:00Z"),
    (V.DATETIME, "%d.%m.%Y %H:%M", "17.05.2030 10:30", "2030-05-17T10:30:00Z"),
    (V.DATETIME, "%d.%m.%Y %H:%M %z", "17.05.2030 10:30 +0200", "2030-05-17T08:30:00Z"),
    (V.DATETIME, "%d.%m.%Y %H:%M%z", "17.05.2030 10:30Z", "2030-05-17T10:30:00Z"),
    (V.GUID, None, "{550E8400-E29B-41D4-A716-446655440000}", "550e8400-e29b-41d4-a716-446655440000"),
    (V.GUID, None, "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-446655440000"),
    (V.BINARY, None, "YW\nJj", "YWJj"),
]


@pytest.mark.parametrize(("value_type", "pattern", "raw", "canonical"), READABLE)
def test_usual_forms_become_canonical_text(engine, value_type, pattern, raw, canonical):
    attribute = AttributeSchema(name="a", type=value_type, format=pattern)
    assert _parsed(engine, raw, attribute) == (canonical, False)


UNREADABLE = [
    (V.INTEGER, "1.5"),
    (V.INTEGER, "0x1F"),
    (V.INTEGER, "9223372036854775808"),
    (V.DECIMAL, "1,5"),
    (V.DECIMAL, "inf"),
    (V.BOOLEAN, "maybe"),
    (V.DATE, "2030-02-30"),
    (V.DATE, "0000-00-00"),
    (V.DATE, "2030-05-07T10:00:00Z"),
    (V.DATE, "infinity"),
    (V.DATETIME, "yesterday"),
    (V.DATETIME, "20301301000000Z"),
    (V.DATETIME, "9999-12-31T23:59:59-05:00"),
    (V.DATETIME, "infinity"),
    (V.GUID, "550e8400"),
    (V.BINARY, "YWJ"),
]


@pytest.mark.parametrize(("value_type", "raw"), UNREADABLE)
def test_what_cannot_be_read_is_told_from_no_value(engine, value_type, raw):
    attribute = AttributeSchema(name="a", type=value_type)
    assert _parsed(engine, raw, attribute) == (None, True)
    assert _parsed(engine, "  ", attribute) == (None, False)
    assert _parsed(engine, None, attribute) == (None, False)


def test_several_values_come_sorted_once_each_and_one_bad_value_is_seen(engine):
    attribute = AttributeSchema(name="a", type=V.INTEGER, is_multivalued=True)
    assert _parsed(engine, ["2", " 10", "02", None, ""], attribute) == (["10", "2"], False)
    assert _parsed(engine, ["2", "x"], attribute) == (["2"], True)
    assert _parsed(engine, [" "], attribute) == (None, False)
    assert _parsed(engine, None, attribute) == (None, False)


CANONICAL = {
    V.TEXT: ["Zoë 😀", 'a\n"b"\\'],
    V.INTEGER: ["-9223372036854775808", "0", "42"],
    V.DECIMAL: ["-1234567890123456789012345678.0000000001", "0.5", "100"],
    V.BOOLEAN: ["false", "true"],
    V.DATE: ["0001-01-01", "2030-05-17", "9999-12-31"],
    V.DATETIME: ["0001-01-01T00:00:00Z", "2030-05-17T08:30:00.000001Z", "9999-12-31T23:59:59.999999Z"],
    V.BINARY: ["AP8=", "YWJj"],
    V.GUID: ["550e8400-e29b-41d4-a716-446655440000"],
    V.REFERENCE: ["CN=Ann\\, Lee,DC=x"],
}


@pytest.mark.parametrize("value_type", ValueType)
def test_canonical_text_survives_a_round_trip_through_the_compute_column(engine, value_type):
    for text in CANONICAL[value_type]:
        column = f"(select {from_text(literal(text), value_type, False)} as c)"
        assert engine.rows(f"select {to_text('c', value_type, False)}, typeof(c) from {column}") == [
            (text, sql_type(value_type, False))
        ]
    texts = sorted(CANONICAL[value_type])
    listed = "[" + ", ".join(literal(text) for text in reversed(texts)) + "]::varchar[]"
    column = f"(select {from_text(listed, value_type, True)} as c)"
    assert engine.rows(f"select {to_text('c', value_type, True)}, typeof(c) from {column}") == [
        (texts, sql_type(value_type, True))
    ]


@pytest.mark.parametrize("value_type", ValueType)
def test_no_value_stays_no_value(engine, value_type):
    for is_multivalued in (False, True):
        null = f"cast(null as {sql_type(value_type, is_multivalued)})"
        assert engine.value(f"select {to_text(null, value_type, is_multivalued)}") is None
    empty = f"cast([] as {sql_type(value_type, True)})"
    assert engine.value(f"select {to_text(empty, value_type, True)}") is None


def test_a_document_holds_sorted_keys_and_no_absent_values(engine):
    columns = {"b": ("'x'", False), "a": ("null::varchar", False), 'q"\\é': ("['2', '1']", True)}
    assert engine.value(f"select {doc_of(columns)}") == '{"b":"x","q\\"\\\\é":["2","1"]}'
    assert engine.value(f"select {doc_of({'a': ('null::varchar', False)})}") == "{}"
    assert engine.value(f"select {doc_of({})}") == "{}"


NASTY = ['"quoted"', "back\\slash", "line\nbreak\ttab", "\x01\x1f\x7f", "😀 𝄞 é", "\u2028", "null", "{}", "'"]


def test_documents_are_json_and_come_back_as_they_were(engine):
    attributes = {f"a {i}": AttributeSchema(name=f"a {i}") for i in range(len(NASTY))}
    attributes["ms-many"] = AttributeSchema(name="ms-many", is_multivalued=True)
    attributes["when"] = AttributeSchema(name="when", type=V.DATETIME)
    columns = {f"a {i}": (literal(text), False) for i, text in enumerate(NASTY)}
    many = "list_sort([" + ", ".join(literal(text) for text in NASTY) + "])"
    doc = engine.value(
        f"select {doc_of({**columns, 'ms-many': (many, True), 'when': (literal('2030-05-17T08:30:00Z'), False)})}"
    )
    read = json.loads(doc)
    assert [read[f"a {i}"] for i in range(len(NASTY))] == NASTY
    assert read["ms-many"] == sorted(NASTY)
    back = engine.frame(f"select {doc_columns('doc', attributes)} from (select {literal(doc)} as doc)").to_pylist()[0]
    assert [back[f"a {i}"] for i in range(len(NASTY))] == NASTY
    assert back["ms-many"] == sorted(NASTY)
    assert back["when"].isoformat() == "2030-05-17T08:30:00"


def test_an_attribute_that_is_not_in_a_document_is_null(engine):
    attributes = {
        "new": AttributeSchema(name="new", type=V.INTEGER),
        "many": AttributeSchema(name="many", is_multivalued=True),
    }
    assert engine.rows(f"""select {doc_columns("'{}'", attributes)}""") == [(None, None)]


def test_the_lasting_hash_of_a_text_never_changes(engine):
    half = int.from_bytes(hashlib.md5("{é}".encode()).digest()[8:], "little")  # noqa: S324 - a fingerprint, no secret
    assert engine.value("select " + lasting_hash("'{é}'")) == half >> 1


def test_documents_of_many_objects_are_made_in_linear_time():
    names = [f"a{i}" for i in range(15)]
    with Engine(memory_limit="2GB", threads=2) as own:
        values = ", ".join(
            f"case when (i + {k}) % 10 = 0 then null else 'Value {k} of ' || i end as a{k}" for k in range(15)
        )
        own.run(f"create table rows as select {values} from range(100000) r(i)")
        start = time.perf_counter()
        sql = content_hash(doc_of({name: (name, False) for name in names}))
        assert own.value(f"select count(distinct {sql}) from rows") == 100_000
        assert time.perf_counter() - start < 5
