"""Columns of a database become canonical text."""

import datetime as dt
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.connectors.sql.canonical import canonical, canonical_lists, parse_json, singletons, split
from accord.model.schema import ValueType


def _text(value: str | None, value_type: ValueType) -> str | None:
    return canonical(pa.array([value], pa.string()), value_type).to_pylist()[0]


@pytest.mark.parametrize(
    ("value_type", "given_text", "expected"),
    [
        (ValueType.DECIMAL, "12.500", "12.5"),
        (ValueType.DECIMAL, "100", "100"),
        (ValueType.DECIMAL, "100.00", "100"),
        (ValueType.DECIMAL, "-0.0", "0"),
        (ValueType.DECIMAL, "0.010", "0.01"),
        (ValueType.DECIMAL, "1.5e+20", "150000000000000000000"),
        (ValueType.DECIMAL, "1e-07", "0.0000001"),
        (ValueType.DECIMAL, "NaN", "NaN"),
        (ValueType.DATETIME, "2024-02-29 01:02:03", "2024-02-29T01:02:03Z"),
        (ValueType.DATETIME, "2024-02-29 01:02:03.5+00", "2024-02-29T01:02:03.500000Z"),
        (ValueType.DATETIME, "2024-02-29 01:02:03.000000", "2024-02-29T01:02:03Z"),
        (ValueType.DATETIME, "2024-02-29T01:02:03.123456789Z", "2024-02-29T01:02:03.123456Z"),
        (ValueType.DATETIME, "2024-02-29 01:02:03+02:00", "2024-02-29 01:02:03+02:00"),
        (ValueType.DATETIME, "0000-00-00 00:00:00", None),
        (ValueType.DATE, "0000-00-00", None),
        (ValueType.DATE, "infinity", "infinity"),
        (ValueType.BOOLEAN, "1", "true"),
        (ValueType.BOOLEAN, "F", "false"),
        (ValueType.BOOLEAN, "maybe", "maybe"),
        (ValueType.GUID, "6CCD780C-BABA-1026-9564-5B8C656024DB", "6ccd780c-baba-1026-9564-5b8c656024db"),
        (ValueType.TEXT, "", None),
        (ValueType.TEXT, " ", " "),
        (ValueType.TEXT, "1.50", "1.50"),
    ],
)
def test_text_takes_the_form_of_its_type(value_type: ValueType, given_text: str, expected: str | None) -> None:
    assert _text(given_text, value_type) == expected


def test_typed_arrow_columns_become_text() -> None:
    assert canonical(pa.array([1, None]), ValueType.INTEGER).to_pylist() == ["1", None]
    assert canonical(pa.array([True, False, None]), ValueType.BOOLEAN).to_pylist() == ["true", "false", None]
    assert canonical(pa.array([1, 0], pa.int8()), ValueType.BOOLEAN).to_pylist() == ["true", "false"]
    assert canonical(pa.array([b"\x00\xff", b"", None]), ValueType.BINARY).to_pylist() == ["AP8=", None, None]
    assert canonical(pa.array([], pa.string()), ValueType.DECIMAL).to_pylist() == []


@given(st.datetimes(min_value=dt.datetime(1, 1, 1), max_value=dt.datetime(9999, 12, 31)))  # noqa: DTZ001
def test_every_timestamp_keeps_its_moment(moment: dt.datetime) -> None:
    found = _text(moment.isoformat(sep=" "), ValueType.DATETIME)
    assert found == moment.isoformat() + "Z"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_every_decimal_keeps_its_value_without_trailing_zeros(number) -> None:
    found = _text(format(number, "f"), ValueType.DECIMAL)
    assert type(number)(found) == number
    assert "." not in found or not found.endswith(("0", "."))


LISTS = st.lists(st.one_of(st.none(), st.lists(st.one_of(st.none(), st.just(""), st.text("ab", max_size=2)))))


@given(LISTS, st.integers(0, 3))
def test_lists_lose_only_absent_values(lists: list[list[str | None] | None], start: int) -> None:
    array = pa.array(lists, pa.list_(pa.string())).slice(start)
    expected = [[v for v in each or [] if v] or None for each in lists[start:]]
    assert canonical_lists(array, ValueType.TEXT).to_pylist() == expected


def test_a_null_list_hides_the_values_beneath_it() -> None:
    array = pa.ListArray.from_arrays([0, 2, 3], pa.array(["a", "b", "c"]), mask=pa.array([True, False]))
    assert canonical_lists(array, ValueType.TEXT).to_pylist() == [None, ["c"]]


def test_delimited_text_is_split_and_trimmed() -> None:
    text = pa.array(["a; b;;c ", None, "", ";", "x"])
    assert split(text, ";", ValueType.TEXT).to_pylist() == [["a", "b", "c"], None, None, None, ["x"]]
    assert split(text.slice(3), ";", ValueType.TEXT).to_pylist() == [None, ["x"]]


def test_single_values_become_lists_of_one() -> None:
    assert singletons(pa.array([1, None]), ValueType.INTEGER).to_pylist() == [["1"], None]


def test_json_arrays_are_lists_and_other_documents_are_named() -> None:
    lists, bad = parse_json(pa.array(['["a","b"]', None, "[]", "null"]), ValueType.TEXT)
    assert (lists.to_pylist(), list(bad)) == ([["a", "b"], None, None, None], [])
    mixed = pa.array(['[1, 1.50, true, null, "x"]', '{"a": 1}', "[[1]]", "plain", '["a"]\n', '"]}\n{"v":["x"]'])
    lists, bad = parse_json(mixed, ValueType.TEXT)
    assert lists.to_pylist() == [["1", "1.50", "true", "x"], None, None, None, ["a"], None]
    assert list(bad) == [1, 2, 3, 5]


@given(st.lists(st.one_of(st.none(), st.lists(st.text(max_size=3), max_size=3)), max_size=5))
def test_every_json_array_of_texts_is_read_as_it_is(lists: list[list[str] | None]) -> None:
    documents = pa.array(
        [None if each is None else json.dumps(each, ensure_ascii=False) for each in lists], pa.string()
    )
    found, bad = parse_json(documents, ValueType.TEXT)
    assert found.to_pylist() == [[v for v in each or [] if v] or None for each in lists]
    assert not bad
