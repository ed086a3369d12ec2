"""Which table, view or query an object type is, which column each attribute; what is missing is said by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from accord.connectors.sql.database import Database
from accord.connectors.sql.relation import Column, Relation
from accord.connectors.sql.settings import Changes, Multivalued, ObjectSource, SqlSettings
from accord.model.errors import SystemRefused

_MOST_NAMES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedTable:
    """The values of one attribute as rows of another table."""

    source: str
    key: Column
    value: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSource:
    """Where changes show: a log of anchors when `source` and `anchor` are given, else a column of the objects."""

    position: Column
    overlap: int
    source: str = ""
    anchor: Column | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Everything the database and the settings say of one object type."""

    object_type: str
    place: str
    relation: Relation
    related: Mapping[str, RelatedTable] = field(default_factory=dict)
    delimiters: Mapping[str, str] = field(default_factory=dict)
    changes: ChangeSource | None = None

    def column(self, name: str) -> Column:
        """Return a column; raise SystemRefused with the columns there are when it is missing."""
        columns = self.relation.by_name
        if name not in columns:
            raise missing("column", name, columns, place=f"{self.place}: {self.relation.title}")
        return columns[name]


def locate(database: Database, settings: SqlSettings, object_type: str) -> Source:
    """Return the source of an object type; raise SystemRefused when the database has no such table or column."""
    declared = settings.objects.get(object_type) or ObjectSource(table=object_type)
    schema = declared.schema_name or settings.schema_name
    place = settings.place
    relation = (
        _query(database, declared.query)
        if declared.query is not None
        else _table(database, declared, schema=schema, place=place)
    )
    related: dict[str, RelatedTable] = {}
    delimiters: dict[str, str] = {}
    for attribute, multivalued in declared.multivalued.items():
        if multivalued.delimiter is not None:
            delimiters[attribute] = multivalued.delimiter
        else:
            related[attribute] = _related(database, multivalued, schema=schema, place=place)
    source = Source(
        object_type=object_type,
        place=place,
        relation=relation,
        related=related,
        delimiters=delimiters,
        changes=_changes(database, declared.changes, relation, schema=schema, place=place),
    )
    for attribute in delimiters:
        source.column(attribute)
    return source


def missing(what: str, name: str, there: Collection[str], *, place: str) -> SystemRefused:
    """Return the error for a name that does not exist, with the nearest one and all there are."""
    near = get_close_matches(name.lower(), [each.lower() for each in there], n=1)
    meant = next((each for each in there if near and each.lower() == near[0]), None)
    names = ", ".join(sorted(there)[:_MOST_NAMES]) + (", ..." if len(there) > _MOST_NAMES else "")
    return SystemRefused(
        f"there is no {what} {name!r}" + (f"; did you mean {meant!r}?" if meant else ""),
        place=place,
        remedy=f"use one of: {names}" if there else f"create the {what}, or check what the user may see",
    )


def qualified(database: Database, name: str, schema: str | None) -> str:
    """Return a table's name as SQL."""
    quoted = database.quote(name)
    return quoted if schema is None else f"{database.quote(schema)}.{quoted}"


def _query(database: Database, query: str) -> Relation:
    columns = database.query_columns(query)
    # The line break keeps a comment at the query's end from hiding the parenthesis.
    return Relation(title="the query", source=f"({query}\n)", columns=columns, is_writable=False)


def _table(database: Database, declared: ObjectSource, *, schema: str | None, place: str) -> Relation:
    name = declared.table or declared.view or ""
    columns = _columns(database, name, schema=schema, place=place)
    is_view = declared.view is not None or any(each.is_view for each in database.relations(schema) if each.name == name)
    return Relation(
        title=f"view {name}" if is_view else f"table {name}",
        source=qualified(database, name, schema),
        columns=columns,
        is_writable=not is_view,
    )


def _related(database: Database, declared: Multivalued, *, schema: str | None, place: str) -> RelatedTable:
    name = declared.table or ""
    by_name = {each.name: each for each in _columns(database, name, schema=schema, place=place)}
    for column in (declared.key or "", declared.value or ""):
        if column not in by_name:
            raise missing("column", column, by_name, place=f"{place}: table {name}")
    return RelatedTable(
        source=qualified(database, name, schema),
        key=by_name[declared.key or ""],
        value=by_name[declared.value or ""],
    )


def _changes(
    database: Database, declared: Changes | None, relation: Relation, *, schema: str | None, place: str
) -> ChangeSource | None:
    if declared is None:
        return None
    if declared.column is not None:
        position = _named(relation.by_name, declared.column, place=f"{place}: {relation.title}")
        return ChangeSource(position=position, overlap=declared.overlap)
    name = declared.log or ""
    columns = {each.name: each for each in _columns(database, name, schema=schema, place=place)}
    return ChangeSource(
        position=_named(columns, declared.sequence or "", place=f"{place}: table {name}"),
        overlap=declared.overlap,
        source=qualified(database, name, schema),
        anchor=_named(columns, declared.anchor or "", place=f"{place}: table {name}"),
    )


def _named(columns: Mapping[str, Column], name: str, *, place: str) -> Column:
    if name not in columns:
        raise missing("column", name, columns, place=place)
    return columns[name]


def _columns(database: Database, name: str, *, schema: str | None, place: str) -> tuple[Column, ...]:
    columns = database.columns(name, schema)
    if not columns:
        there = [each.name for each in database.relations(schema)]
        raise missing("table or view", name, there, place=place)
    return columns
