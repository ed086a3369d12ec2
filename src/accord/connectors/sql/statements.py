"""One export operation -> the statements it needs: which columns with which parameters, which related rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.connectors.sql.database import Database
from accord.connectors.sql.locate import RelatedTable, Source
from accord.connectors.sql.reading import KEY_SEPARATOR
from accord.connectors.sql.relation import Column
from accord.model.schema import ObjectTypeSchema, ValueType


class Refusal(Exception):
    """One operation cannot be sent; `code` names why. Never leaves the connector: it becomes an outcome."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedChange:
    """What one operation does to the rows of a related table: take these away (all when None), then put these."""

    table: RelatedTable
    removed: tuple[object, ...] | None
    added: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One operation made ready. Works with the same `shape` run as one statement with many rows of parameters."""

    operation: ExportOperation
    source: Source
    sql: str
    parameters: tuple[object, ...]
    key: tuple[object, ...] | None
    key_columns: tuple[Column, ...]
    related: tuple[RelatedChange, ...] = ()

    @property
    def shape(self) -> tuple[str, bool]:
        """Return what two works must share to run together."""
        return self.sql, self.key is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Makes operations of one object type ready."""

    database: Database
    source: Source
    schema: ObjectTypeSchema

    def prepare(self, operation: ExportOperation) -> Work:
        """Return the work; raise Refusal when the database could only say no."""
        if not self.source.relation.is_writable:
            raise Refusal("READ_ONLY", f"{self.source.relation.title} is only read; write to a table")
        if operation.operation is Operation.RENAME:
            raise Refusal("NOT_SUPPORTED", "rows have no name to change besides their key")
        if operation.operation is Operation.CREATE:
            return self._create(operation)
        key = self._key(operation.anchor)
        if operation.operation is Operation.DELETE:
            everything = tuple(
                RelatedChange(table=table, removed=None, added=()) for table in self.source.related.values()
            )
            sql = f"delete from {self._table} where {self._where}"
            return self._work(operation, sql, key, key=key, related=everything)
        return self._update(operation, key)

    def reads_first(self, operation: ExportOperation) -> bool:
        """Tell whether preparing an operation reads the row: a difference of values kept in one column."""
        return any(change.after is None and change.name not in self.source.related for change in operation.changes)

    @property
    def _table(self) -> str:
        return self._escaped(self.source.relation.source)

    @property
    def _where(self) -> str:
        tests = (f"{self._name(name)} = {self.database.placeholder}" for name in self.schema.anchor)
        return " and ".join(tests)

    def _create(self, operation: ExportOperation) -> Work:
        columns, parameters, related = self._split(operation.changes)
        given: Mapping[str, object] = dict(zip((c.name for c in columns), parameters, strict=True))
        if operation.anchor is not None:
            anchor = zip(self._key_columns, self._key(operation.anchor), strict=True)
            for column, value in anchor:
                if column.name not in given:
                    columns.append(column)
                    parameters.append(value)
            given = dict(zip((c.name for c in columns), parameters, strict=True))
        missing = [column for column in self._key_columns if column.name not in given]
        if missing and not all(column.is_assigned for column in missing):
            names = ", ".join(column.name for column in missing)
            raise Refusal("VALUE_REQUIRED", f"the key {names} has no value and the database gives none")
        key = None if missing else tuple(given[column.name] for column in self._key_columns)
        names = ", ".join(self._name(column.name) for column in columns)
        values = ", ".join(self._placeholder(column) for column in columns)
        sql = f"insert into {self._table} ({names}) values ({values})"
        return self._work(operation, sql, tuple(parameters), key=key, related=related)

    def _update(self, operation: ExportOperation, key: tuple[object, ...]) -> Work:
        columns, parameters, related = self._split(operation.changes, key)
        # Without a column to set, the row is still touched: that it is there is counted, and it is locked.
        sets = [f"{self._name(c.name)} = {self._placeholder(c)}" for c in columns] or [
            f"{self._name(name)} = {self._name(name)}" for name in self.schema.anchor
        ]
        sql = f"update {self._table} set {', '.join(sets)} where {self._where}"
        return self._work(operation, sql, (*parameters, *key), key=key, related=related)

    def _work(
        self, operation: ExportOperation, sql: str, parameters: tuple[object, ...], *,
        key: tuple[object, ...] | None, related: tuple[RelatedChange, ...],
    ) -> Work:  # fmt: skip
        return Work(
            operation=operation,
            source=self.source,
            sql=sql,
            parameters=parameters,
            key=key,
            key_columns=self._key_columns,
            related=related,
        )

    @property
    def _key_columns(self) -> tuple[Column, ...]:
        return tuple(self.source.column(name) for name in self.schema.anchor)

    def _key(self, anchor: str | None) -> tuple[object, ...]:
        """Return the anchor as parameters, one per key column."""
        columns = self._key_columns
        parts = [anchor] if len(columns) == 1 else (anchor or "").split(KEY_SEPARATOR)
        if anchor is None or len(parts) != len(columns):
            names = ", ".join(column.name for column in columns)
            raise Refusal("BAD_ANCHOR", f"the anchor {anchor!r} does not give one value for each of {names}")
        return tuple(self._parameter(str(part), column) for part, column in zip(parts, columns, strict=True))

    def _split(
        self, changes: Sequence[AttributeChange], key: tuple[object, ...] | None = None
    ) -> tuple[list[Column], list[object], tuple[RelatedChange, ...]]:
        """Return the columns to set with their parameters, and the changes of related tables."""
        columns: list[Column] = []
        parameters: list[object] = []
        related: list[RelatedChange] = []
        for change in changes:
            if change.name in self.source.related:
                related.append(self._related(change))
            else:
                column = self._column(change.name)
                columns.append(column)
                parameters.append(self._value(change, column, key))
        return columns, parameters, tuple(related)

    def _related(self, change: AttributeChange) -> RelatedChange:
        table = self.source.related[change.name]
        wanted = change.added if change.after is None else change.after
        # What is added is taken away first, so that a value already there is no violation.
        removed = None if change.after is not None else (*change.removed, *change.added)
        return RelatedChange(
            table=table,
            removed=None if removed is None else tuple(self._parameter(value, table.value) for value in removed),
            added=tuple(self._parameter(value, table.value) for value in dict.fromkeys(wanted)),
        )

    def _column(self, name: str) -> Column:
        columns = self.source.relation.by_name
        if name not in columns:
            near = get_close_matches(name, columns, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise Refusal("UNKNOWN_ATTRIBUTE", f"{self.source.relation.title} has no column {name!r}{meant}")
        if columns[name].is_generated:
            raise Refusal("READ_ONLY", f"column {name!r} is computed by the database")
        return columns[name]

    def _value(self, change: AttributeChange, column: Column, key: tuple[object, ...] | None) -> object:
        after = change.after if change.after is not None else self._applied(change, column, key)
        attribute = self.schema.attributes.get(change.name)
        is_multivalued = column.is_array or (attribute is not None and attribute.is_multivalued)
        if not is_multivalued and len(after) > 1:
            raise Refusal("TOO_MANY_VALUES", f"column {column.name!r} takes one value, not {len(after)}")
        if not after:
            return None
        if not is_multivalued:
            return self._parameter(after[0], column)
        return self._whole(after, column)

    def _whole(self, values: Sequence[str], column: Column) -> object:
        """Return all values of a multi-valued attribute as one parameter."""
        if column.is_array:
            return [self._parameter(value, column) for value in values]
        delimiter = self.source.delimiters.get(column.name)
        if delimiter is not None:
            torn = next((value for value in values if delimiter in value), None)
            if torn is not None:
                raise Refusal("BAD_VALUE", f"a value of {column.name!r} holds the delimiter {delimiter!r}")
            return delimiter.join(values)
        if column.type is ValueType.TEXT:
            return json.dumps(list(values), ensure_ascii=False)
        if len(values) > 1:
            raise Refusal("TOO_MANY_VALUES", f"column {column.name!r} takes one value, not {len(values)}")
        return self._parameter(values[0], column)

    def _applied(self, change: AttributeChange, column: Column, key: tuple[object, ...] | None) -> tuple[str, ...]:
        """Return the values after a difference, from those there now; the row stays locked until the end."""
        expression = self.database.as_text(self.database.quote(column.name), column)
        rows = self.database.execute(
            f"select {self._escaped(expression)} from {self._table} where {self._where}{self.database.row_lock}",
            key or (),
        )
        current = _texts(rows[0][0], self.source.delimiters.get(column.name)) if rows else []
        kept = [value for value in current if value not in change.removed]
        return tuple(dict.fromkeys((*kept, *change.added)))

    def _parameter(self, text: str, column: Column) -> object:
        try:
            return self.database.parameter(text, column)
        except ValueError as error:
            raise Refusal("BAD_VALUE", f"column {column.name!r} does not take this value: {error}") from error

    def _placeholder(self, column: Column) -> str:
        return self.database.array_parameter(column) if column.is_array else self.database.placeholder

    def _name(self, name: str) -> str:
        return self._escaped(self.database.quote(name))

    def _escaped(self, sql: str) -> str:
        """Keep a percent sign in a name from being taken for a parameter."""
        return sql.replace("%", "%%") if self.database.placeholder == "%s" else sql


def _texts(value: object, delimiter: str | None) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return _present(value)
    text = str(value)
    if delimiter is not None:
        return _present(part.strip() for part in text.split(delimiter))
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Refusal("BAD_VALUE", "the value there now is not a JSON array; it is left as it is") from error
    return _present(found if isinstance(found, list) else [found])


def _present(values: Iterable[object]) -> list[str]:
    return [str(value) for value in values if value not in (None, "")]
