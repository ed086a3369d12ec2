"""Columns as a database gives them -> canonical text, column by column in Arrow.

The databases say their values as text themselves where they can, so what is left is form: zeros, zones, case.
Text that does not look like its type ('infinity', a date kept as free text) stays as it is: whether it is an
error is decided later, per object.
"""

import base64
import json
from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from accord.model.schema import ValueType

TEXTS = pa.list_(pa.string())

_TRUE = pa.array(["1", "t", "true"])
_FALSE = pa.array(["0", "f", "false"])
_TIMESTAMP = r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(?:Z|[+-]00(?::?00)?)?$"
_ZERO_DATES = pa.array(["0000-00-00", "0000-00-00T00:00:00Z"])


def canonical(values: pa.Array, value_type: ValueType) -> pa.Array:
    """Return single values as canonical text; no value is null, never the empty string."""
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    kind = values.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _base64(values)
    text = values if pa.types.is_string(kind) else values.cast(pa.string())
    if value_type is ValueType.BOOLEAN:
        text = _booleans(text)
    elif value_type is ValueType.DECIMAL:
        text = _decimals(text)
    elif value_type in (ValueType.DATE, ValueType.DATETIME):
        text = _datetimes(text) if value_type is ValueType.DATETIME else text
        # MySQL's word for "no date".
        text = pc.if_else(pc.is_in(text, _ZERO_DATES), None, text)
    elif value_type is ValueType.GUID:
        text = pc.utf8_lower(text)
    return pc.if_else(pc.equal(text, ""), None, text)


def canonical_lists(lists: pa.Array, value_type: ValueType) -> pa.Array:
    """Return lists of canonical texts, without absent values; a list without values is null."""
    if not len(lists):
        return pa.array([], TEXTS)
    first, last = lists.offsets[0].as_py(), lists.offsets[-1].as_py()
    values = canonical(lists.values.slice(first, last - first), value_type)
    kept = pc.is_valid(values)
    kept_before = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(kept.cast(pa.int32()))])
    offsets = kept_before.take(pc.subtract(lists.offsets, first))
    lengths = pc.subtract(offsets.slice(1), offsets.slice(0, len(lists)))
    is_absent = pc.or_(pc.is_null(lists), pc.equal(lengths, 0))
    return pa.ListArray.from_arrays(offsets, values.filter(kept), type=TEXTS, mask=is_absent)


def split(text: pa.Array, delimiter: str, value_type: ValueType) -> pa.Array:
    """Return delimited text as lists of canonical texts; blanks around a part do not belong to it."""
    parts = pc.split_pattern(text.cast(pa.string()), delimiter)
    # An absent text splits into no parts, and so becomes an absent list by itself.
    trimmed = pa.ListArray.from_arrays(parts.offsets, pc.utf8_trim_whitespace(parts.values), type=TEXTS)
    return canonical_lists(trimmed, value_type)


def singletons(values: pa.Array, value_type: ValueType) -> pa.Array:
    """Return single values as lists of one."""
    text = canonical(values, value_type)
    offsets = pa.array(range(len(text) + 1), pa.int32())
    return canonical_lists(pa.ListArray.from_arrays(offsets, text, type=TEXTS), value_type)


def parse_json(documents: pa.Array, value_type: ValueType) -> tuple[pa.Array, Sequence[int]]:
    """Return JSON arrays of scalars as lists of canonical texts, and the rows that are something else."""
    documents = documents.cast(pa.string())
    try:
        return canonical_lists(_parse_texts(documents), value_type), ()
    except pa.ArrowInvalid:
        parsed, bad = _parse_one_by_one(documents)
        return canonical_lists(parsed, value_type), bad


def _parse_texts(documents: pa.Array) -> pa.Array:
    """Parse JSON arrays of strings set-wise; ArrowInvalid when there is anything else among them."""
    if not len(documents):
        return pa.array([], TEXTS)
    lines = pc.binary_join_element_wise('{"v":', pc.coalesce(documents, pa.scalar("null")), "}\n", "")
    text = "".join(lines.to_pylist()).encode()
    table = pj.read_json(
        pa.BufferReader(text),
        # One block: a line that straddles two blocks is an error.
        read_options=pj.ReadOptions(block_size=len(text) + 1),
        parse_options=pj.ParseOptions(explicit_schema=pa.schema([("v", TEXTS)]), unexpected_field_behavior="error"),
    )
    if table.num_rows != len(documents):
        raise pa.ArrowInvalid("a document spans lines")
    return table.column("v").combine_chunks()


def _parse_one_by_one(documents: pa.Array) -> tuple[pa.Array, Sequence[int]]:
    parsed: list[list[str | None] | None] = []
    bad: list[int] = []
    for row, document in enumerate(documents.to_pylist()):
        try:
            parsed.append(None if document is None else scalar_texts(document))
        except ValueError:
            parsed.append(None)
            bad.append(row)
    return pa.array(parsed, TEXTS), bad


def scalar_texts(document: str) -> list[str | None]:
    """Return the texts of a JSON array of scalars; raise ValueError when it is something else."""
    values = json.loads(document, parse_float=str, parse_int=str)
    if values is None:
        return []
    if not isinstance(values, list) or any(isinstance(value, list | dict) for value in values):
        raise ValueError("not a JSON array of single values")
    return [str(value).lower() if isinstance(value, bool) else value for value in values]


def _booleans(text: pa.Array) -> pa.Array:
    lower = pc.utf8_lower(text)
    return pc.case_when(
        pc.make_struct(pc.is_in(lower, _TRUE), pc.is_in(lower, _FALSE)),
        pa.scalar("true"),
        pa.scalar("false"),
        text,
    )


def _decimals(text: pa.Array) -> pa.Array:
    with_exponent = pc.match_substring(text, "e", ignore_case=True)
    if pc.any(with_exponent).as_py():
        text = pa.array([_plain(value) for value in text.to_pylist()], pa.string())
    if not pc.any(pc.match_substring(text, ".")).as_py():
        return text
    trimmed = pc.replace_substring_regex(text, r"^(-?\d*\.\d*?)0+$", r"\1")
    trimmed = pc.replace_substring_regex(trimmed, r"^(-?\d+)\.$", r"\1")
    return pc.if_else(pc.equal(trimmed, "-0"), "0", trimmed)


def _plain(text: str | None) -> str | None:
    """Write a number without exponent; the databases use one only for very large and very small floats."""
    if text is None or "e" not in text.lower():
        return text
    try:
        return format(Decimal(text), "f")
    except ArithmeticError:
        return text


def _datetimes(text: pa.Array) -> pa.Array:
    zoned = pc.replace_substring_regex(text, _TIMESTAMP, r"\1T\2\3Z")
    if not pc.any(pc.match_substring(zoned, ".")).as_py():
        return zoned
    padded = pc.replace_substring_regex(zoned, r"\.(\d{1,6})Z$", r".\100000Z")
    cut = pc.replace_substring_regex(padded, r"\.(\d{6})\d*Z$", r".\1Z")
    return pc.replace_substring(cut, ".000000Z", "Z")


def _base64(values: pa.Array) -> pa.Array:
    # Arrow has no such kernel; binary columns (photos, SIDs) are few.
    return pa.array([base64.b64encode(value).decode() if value else None for value in values.to_pylist()], pa.string())


def canonical_text(text: str, value_type: ValueType) -> str | None:
    """Return one value as canonical text."""
    found: str | None = canonical(pa.array([text], pa.string()), value_type)[0].as_py()
    return found
