"""Entries as columns: decoding and checking happen once per column, per value only where Arrow has no kernel."""

import base64
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.base import ANCHOR, AT, DN, ReadBatch
from accord.connectors.ldap.client import Dialect, Entry
from accord.connectors.ldap.dn import NEEDS_NORMALISING, normalise_or_keep
from accord.model.errors import RowError
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

GUID_BYTES = 16
_GUIDS = frozenset({"objectguid", "entryuuid"})
_TEXT = pa.string()
_TIME = r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]0*|([.,]\d*[1-9])0*)?Z$"
_ISO = r"\1-\2-\3T\4:\5:\6\7Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How entries of one object type become columns. `hidden` are values that stand for none, in lower case."""

    schema: ObjectTypeSchema
    dialect: Dialect
    hidden: frozenset[str] = frozenset()
    hidden_in: str = ""


@dataclass(slots=True)
class _Rows:
    """The rows being built: which of them are bad, and why."""

    shape: Shape
    dns: pa.Array
    errors: dict[int, RowError] = field(default_factory=dict)

    def reject(self, row: int, code: str, message: str, attribute: str, remedy: str) -> None:
        self.errors.setdefault(
            row,
            RowError(
                code=code,
                message=message,
                at=self.dns[row].as_py(),
                object_type=self.shape.schema.name,
                attribute=attribute,
                remedy=remedy,
            ),
        )


def to_batch(entries: Sequence[Entry], shape: Shape) -> ReadBatch:
    """Return the entries as one batch; an entry that cannot be read as its schema says is an error of that row."""
    dns = _normalised(pa.array([dn for dn, _ in entries], _TEXT))
    rows = _Rows(shape, dns)
    given = [attributes for _, attributes in entries]
    keys = _keys_by_name(given)
    anchor = _anchor(given, keys, rows)
    columns: dict[str, pa.Array] = {ANCHOR: anchor, AT: dns}
    if shape.schema.has_dn:
        columns[DN] = dns
    for name, attribute in shape.schema.attributes.items():
        columns[name] = _column(given, keys.get(name.lower()), attribute, rows)
    batch = pa.RecordBatch.from_pydict(columns)
    return ReadBatch(
        object_type=shape.schema.name, rows=_without(batch, rows.errors), errors=_with_anchors(rows, anchor)
    )


def anchor_of(attributes: dict[str, list[bytes]], shape: Shape) -> str | None:
    """Return the anchor in one entry's attributes, None when a part of it is missing; equal to the batch's."""
    given = {name.lower(): values for name, values in attributes.items()}
    parts = []
    for name in shape.schema.anchor:
        values = given.get(name.lower())
        if not values or len(values) != 1:
            return None
        parts.append(_anchor_text(values[0], _anchor_attribute(name, shape), shape.dialect))
    return None if None in parts else "|".join(part for part in parts if part)


def _anchor_text(value: bytes, attribute: AttributeSchema, dialect: Dialect) -> str | None:
    if _is_binary_guid(attribute, dialect):
        return _guid(value)
    if attribute.type is ValueType.GUID:
        return value.decode(errors="replace").lower()
    if attribute.type is ValueType.BINARY:
        return base64.b64encode(value).decode()
    text = value.decode(errors="replace")
    return normalise_or_keep(text) if attribute.type is ValueType.REFERENCE else text or None


def _anchor_attribute(name: str, shape: Shape) -> AttributeSchema:
    known = shape.schema.attributes.get(name)
    if known is not None:
        return replace(known, is_multivalued=False)
    return AttributeSchema(name=name, type=ValueType.GUID if name.lower() in _GUIDS else ValueType.TEXT)


def _anchor(given: Sequence[dict[str, list[bytes]]], keys: dict[str, str], rows: _Rows) -> pa.Array:
    parts = [
        _column(given, keys.get(name.lower()), _anchor_attribute(name, rows.shape), rows)
        for name in rows.shape.schema.anchor
    ]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")


def _keys_by_name(given: Iterable[dict[str, list[bytes]]]) -> dict[str, str]:
    """Return the attribute descriptions that came, by name in lower case, without `;binary`."""
    keys: set[str] = set()
    for attributes in given:
        keys.update(attributes)
    return {key.lower().removesuffix(";binary"): key for key in sorted(keys, reverse=True)}


def _column(
    given: Sequence[dict[str, list[bytes]]], key: str | None, attribute: AttributeSchema, rows: _Rows
) -> pa.Array:
    is_list = attribute.is_multivalued
    if key is None:
        return pa.nulls(len(given), pa.list_(_TEXT) if is_list else _TEXT)
    wire = pa.array([attributes.get(key) or None for attributes in given], pa.list_(pa.binary()))
    if is_list:
        return _many(_without_empty(wire), attribute, rows)
    return _one(wire, attribute, rows)


def _one(wire: pa.ListArray, attribute: AttributeSchema, rows: _Rows) -> pa.Array:
    sizes = pc.list_value_length(wire)
    if (pc.max(sizes).as_py() or 0) > 1:
        for row in _where(pc.greater(sizes, 1)):
            rows.reject(
                row,
                "MORE_THAN_ONE_VALUE",
                f"{attribute.name} has {sizes[row].as_py()} values and is declared single-valued",
                attribute.name,
                f"declare {attribute.name} multi-valued, or remove the others in the directory",
            )
    values = pc.list_element(wire, 0)
    if (pc.min(pc.binary_length(values)).as_py() or 0) == 0:
        values = pc.if_else(pc.equal(pc.binary_length(values), 0), None, values)
    return _decoded(values, attribute, rows, lambda position: position)


def _many(wire: pa.ListArray, attribute: AttributeSchema, rows: _Rows) -> pa.Array:
    flat = wire.flatten()
    parents = pc.list_parent_indices(wire)
    texts = _decoded(flat, attribute, rows, lambda position: int(parents[position].as_py()))
    sizes = pc.fill_null(pc.list_value_length(wire), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(sizes).cast(pa.int32())])
    decoded = pa.ListArray.from_arrays(offsets, texts, mask=wire.is_null())
    if rows.shape.hidden_in == attribute.name.lower() and len(rows.shape.hidden):
        return _without_hidden(decoded, texts, rows.shape.hidden)
    return decoded


def _without_empty(wire: pa.ListArray) -> pa.ListArray:
    shortest = pc.min(pc.binary_length(wire.flatten())).as_py()
    if shortest != 0:
        return wire
    kept = ([value for value in values if value] or None if values else None for values in wire.to_pylist())
    return pa.array(kept, pa.list_(pa.binary()))


def _without_hidden(column: pa.ListArray, texts: pa.Array, hidden: frozenset[str]) -> pa.Array:
    if not pc.any(pc.is_in(pc.utf8_lower(texts), pa.array(sorted(hidden)))).as_py():
        return column
    rows = column.to_pylist()
    return pa.array(
        ([v for v in row if v.lower() not in hidden] or None if row else None for row in rows), pa.list_(_TEXT)
    )


def _decoded(values: pa.Array, attribute: AttributeSchema, rows: _Rows, row_of: Callable[[int], int]) -> pa.Array:
    if attribute.type is ValueType.BINARY:
        return _each(values, lambda value: base64.b64encode(value).decode())
    if _is_binary_guid(attribute, rows.shape.dialect):
        return _each(values, _guid)
    texts = _utf8(values, attribute, rows, row_of)
    match attribute.type:
        case ValueType.REFERENCE:
            return _normalised(texts)
        case ValueType.BOOLEAN | ValueType.GUID:
            return pc.utf8_lower(texts)
        case ValueType.DATETIME if attribute.format is None:
            return pc.replace_substring_regex(texts, _TIME, _ISO)
        case _:
            return texts


def _utf8(values: pa.Array, attribute: AttributeSchema, rows: _Rows, row_of: Callable[[int], int]) -> pa.Array:
    try:
        return values.cast(_TEXT)
    except pa.ArrowInvalid:
        return pa.array((_text(v, i, attribute, rows, row_of) for i, v in enumerate(values.to_pylist())), _TEXT)


def _text(
    value: bytes | None, position: int, attribute: AttributeSchema, rows: _Rows, row_of: Callable[[int], int]
) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError as error:
        rows.reject(
            row_of(position),
            "NOT_TEXT",
            f"{attribute.name} is not UTF-8 text (byte {error.start + 1} of {len(error.object)})",
            attribute.name,
            f"correct the value in the directory, or declare {attribute.name} as binary",
        )
        return None


def _normalised(dns: pa.Array) -> pa.Array:
    unusual = pc.match_substring_regex(dns, NEEDS_NORMALISING)
    if not pc.any(unusual).as_py():
        return dns
    # One rule for names and for references to them, so that they match.
    return pc.replace_with_mask(
        dns,
        pc.fill_null(unusual, False),
        pa.array([normalise_or_keep(dns[i].as_py()) for i in _where(unusual)], _TEXT),
    )


def _is_binary_guid(attribute: AttributeSchema, dialect: Dialect) -> bool:
    if dialect is not Dialect.ACTIVE_DIRECTORY:
        return False
    # An anchor that the configuration does not list counts as text there.
    return attribute.type is ValueType.GUID or attribute.name.lower() == "objectguid"


def _guid(value: bytes) -> str:
    return str(uuid.UUID(bytes_le=value)) if len(value) == GUID_BYTES else value.decode(errors="replace").lower()


def _each(values: pa.Array, convert: Callable[[bytes], str]) -> pa.Array:
    return pa.array((None if value is None else convert(value) for value in values.to_pylist()), _TEXT)


def _where(mask: Any) -> list[int]:
    found: list[int] = pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist()
    return found


def _without(batch: pa.RecordBatch, errors: dict[int, RowError]) -> pa.RecordBatch:
    if not errors:
        return batch
    return batch.filter(pa.array([row not in errors for row in range(batch.num_rows)]))


def _with_anchors(rows: _Rows, anchor: pa.Array) -> tuple[RowError, ...]:
    return tuple(replace(error, anchor=anchor[row].as_py()) for row, error in sorted(rows.errors.items()))
