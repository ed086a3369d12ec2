"""One object type: the select that reads it, and its rows as a batch of objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.base import ANCHOR, AT, ReadBatch
from accord.connectors.sql.canonical import TEXTS, canonical, canonical_lists, parse_json, singletons, split
from accord.connectors.sql.database import Database
from accord.connectors.sql.locate import Source
from accord.connectors.sql.relation import Column
from accord.model.errors import RowError, SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

KEY_SEPARATOR = "|"

Convert = Callable[[pa.Array], tuple[pa.Array, Sequence[int]]]
"""Makes an attribute of a column; the second part are the rows whose value is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The select of one object type: key columns first, then one column per attribute, in order."""

    source: Source
    sql: str
    key: tuple[Column, ...]
    attributes: tuple[tuple[str, Convert], ...]

    def batch(self, rows: pa.RecordBatch) -> ReadBatch:
        """Return the rows as objects; a row that is not one becomes an error of its own."""
        count = len(self.key)
        keys = [canonical(rows.column(n), column.type) for n, column in enumerate(self.key)]
        columns = {ANCHOR: _joined(keys, KEY_SEPARATOR), AT: self._places(keys)}
        errors: list[RowError] = []
        bad_rows: set[int] = set()
        if count > 1:
            for n, column in enumerate(self.key):
                ambiguous = pc.indices_nonzero(pc.fill_null(pc.match_substring(keys[n], KEY_SEPARATOR), False))
                bad_rows.update(ambiguous.to_pylist())
                errors += [self._key_error(columns, row, column.name) for row in ambiguous.to_pylist()]
        for n, (name, convert) in enumerate(self.attributes, start=count):
            columns[name], bad = convert(rows.column(n))
            bad_rows.update(bad)
            errors += [self._value_error(columns, row, name) for row in bad]
        batch = pa.RecordBatch.from_pydict(columns)
        if bad_rows:
            batch = batch.filter(pa.array(row not in bad_rows for row in range(len(batch))))
        return ReadBatch(object_type=self.source.object_type, rows=batch, errors=tuple(errors))

    def _places(self, keys: Sequence[pa.Array]) -> pa.Array:
        """Return `table key=value` for every row."""
        parts: list[pa.Array | pa.Scalar] = [pa.scalar(self.source.relation.title.removeprefix("table "))]
        for column, values in zip(self.key, keys, strict=True):
            parts += [pa.scalar(f" {column.name}="), pc.coalesce(values, pa.scalar("null"))]
        return pc.binary_join_element_wise(*parts, "")

    def _key_error(self, columns: dict[str, pa.Array], row: int, attribute: str) -> RowError:
        return RowError(
            code="AMBIGUOUS_ANCHOR",
            message=f"the key value holds {KEY_SEPARATOR!r}, which separates the parts of an anchor",
            at=columns[AT][row].as_py(),
            object_type=self.source.object_type,
            attribute=attribute,
            remedy="use another key, or a single column",
        )

    def _value_error(self, columns: dict[str, pa.Array], row: int, attribute: str) -> RowError:
        return RowError(
            code="BAD_VALUE",
            message="the text is not a JSON array of single values",
            at=columns[AT][row].as_py(),
            anchor=columns[ANCHOR][row].as_py(),
            object_type=self.source.object_type,
            attribute=attribute,
            remedy="correct the row, or name the attribute's delimiter in the settings",
        )


def plan_read(database: Database, source: Source, schema: ObjectTypeSchema) -> Read:
    """Return how to read an object type; raise SystemRefused when a column is missing or holds arrays."""
    key = tuple(source.column(name) for name in schema.anchor)
    if not key:
        raise SystemRefused(
            f"object type {schema.name!r} has no anchor",
            place=source.place,
            remedy="name the column whose values identify an object for ever, such as the primary key",
        )
    selected = [database.as_text(f"t.{database.quote(column.name)}", column) for column in key]
    joins: list[str] = []
    attributes: list[tuple[str, Convert]] = []
    for attribute in schema.attributes.values():
        expression, convert = _attribute(database, source, attribute, joins, key)
        selected.append(expression)
        attributes.append((attribute.name, convert))
    named = ", ".join(f"{each} as {database.quote(f'c{n}')}" for n, each in enumerate(selected))
    sql = f"select {named} from {source.relation.source} t {' '.join(joins)}".rstrip()
    return Read(source=source, sql=sql, key=key, attributes=tuple(attributes))


def _attribute(
    database: Database, source: Source, attribute: AttributeSchema, joins: list[str], key: Sequence[Column]
) -> tuple[str, Convert]:
    """Return the expression to select and the conversion; a related table adds its join."""
    name = attribute.name
    if name in source.related:
        return _related(database, source, attribute, joins, key)
    column = source.column(name)
    expression = database.as_text(f"t.{database.quote(name)}", column)
    if not attribute.is_multivalued:
        if column.is_array:
            raise SystemRefused(
                f"column {name!r} holds arrays, but the attribute is declared with one value",
                place=f"{source.place}: {source.relation.title}",
                remedy="declare the attribute multi-valued",
            )
        return expression, lambda values: (canonical(values, column.type), ())
    if column.is_array:
        return expression, lambda values: (canonical_lists(values.cast(TEXTS), column.type), ())
    if name in source.delimiters:
        delimiter = source.delimiters[name]
        return expression, lambda values: (split(values, delimiter, column.type), ())
    if column.type is ValueType.TEXT:
        return expression, lambda values: parse_json(values, column.type)
    return expression, lambda values: (singletons(values, column.type), ())


def _related(
    database: Database, source: Source, attribute: AttributeSchema, joins: list[str], key: Sequence[Column]
) -> tuple[str, Convert]:
    if len(key) != 1 or not attribute.is_multivalued:
        raise SystemRefused(
            f"attribute {attribute.name!r} comes from a related table",
            place=f"{source.place}: {source.relation.title}",
            remedy="declare it multi-valued, and give the object type an anchor of one column",
        )
    related = source.related[attribute.name]
    alias = f"r{len(joins)}"
    value = database.quote(related.value.name)
    joins.append(
        f"left join (select {database.quote(related.key.name)} as k, {database.all_values(value, related.value)}"
        f" as v from {related.source} where {value} is not null group by {database.quote(related.key.name)})"
        f" {alias} on {alias}.k = t.{database.quote(key[0].name)}"
    )
    kind = related.value.type

    def convert(values: pa.Array) -> tuple[pa.Array, Sequence[int]]:
        if pa.types.is_list(values.type):
            return canonical_lists(values.cast(TEXTS), kind), ()
        return parse_json(values, kind)

    return f"{alias}.v", convert


def _joined(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, separator)
