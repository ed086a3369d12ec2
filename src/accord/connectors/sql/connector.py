"""An open database as a connector."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from accord.connectors.base import (
    ChangeBatch,
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.connectors.sql.changes import ChangeRead, take_watermark
from accord.connectors.sql.database import Database
from accord.connectors.sql.locate import Source, locate
from accord.connectors.sql.mysql import Mysql
from accord.connectors.sql.odbc import open_odbc
from accord.connectors.sql.postgresql import Postgresql
from accord.connectors.sql.reading import plan_read
from accord.connectors.sql.reflected import open_reflected
from accord.connectors.sql.relation import Column
from accord.connectors.sql.settings import ODBC, SqlSettings
from accord.connectors.sql.sqlite import Sqlite
from accord.connectors.sql.statements import Preparation
from accord.connectors.sql.writing import Writer
from accord.model.errors import SystemRefused
from accord.model.schema import AttributeSchema, ObjectTypeSchema, SystemSchema, Writability

_DATABASES: Mapping[str, Callable[[SqlSettings], Database]] = {
    "sqlite": Sqlite,
    "postgresql": Postgresql,
    "mysql": Mysql,
    ODBC: open_odbc,
}
"""What is spoken to by code of its own; every other URL is a dialect of SQLAlchemy's."""
_MOST_NAMES = 20


def open_connector(settings: SqlSettings) -> Connector:
    """Return a connector; it signs in at the first use, so that a missing server is an error of that use."""
    return SqlConnector(settings)


class SqlConnector:
    """One database, connected on first use."""

    def __init__(self, settings: SqlSettings, open_database: Callable[[SqlSettings], Database] | None = None) -> None:
        self._settings = settings
        self._open = open_database or _DATABASES.get(settings.address.drivername, open_reflected)
        self._database: Database | None = None

    def test(self) -> ConnectionReport:
        """Return version, user, database, and the tables found."""
        database = self._connected()
        try:
            names = [each.name for each in database.relations(self._settings.schema_name)]
            facts = database.facts()
        except database.errors as error:
            raise database.failure(error).error(self._settings.place) from error
        shown = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
        for object_type in self._settings.objects:
            self._located(object_type)
        return ConnectionReport(facts=(*facts, ("tables and views", f"{len(names)}: {shown}" if names else "none")))

    def discover(self) -> SystemSchema:
        """Return the configured object types, or every table and view when none is configured."""
        database = self._connected()
        try:
            names: Sequence[str] = tuple(self._settings.objects) or tuple(
                each.name for each in database.relations(self._settings.schema_name)
            )
        except database.errors as error:
            raise database.failure(error).error(self._settings.place) from error
        return SystemSchema(object_types={name: _discovered(self._located(name)) for name in names})

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the rows of every object type in scope."""
        database = self._connected()
        reads = [plan_read(database, self._located(name), schema) for name, schema in scope.object_types.items()]
        with database.reading(scope.page_rows) as stream:
            for read in reads:
                yield from (read.batch(rows) for rows in _not_empty(stream(read.sql)))

    def watermark(self) -> str:
        """Return where the changes of every configured object type stand; each must say how its changes show."""
        database = self._connected()
        sources = {name: self._located(name) for name in self._settings.objects}
        return take_watermark(database, self._settings, sources)

    def read_changes(self, scope: ReadScope, since: str) -> Iterator[ChangeBatch]:
        """Yield the rows changed since the watermark, and the anchors that a change log names and no row has."""
        database = self._connected()
        read = ChangeRead(
            database=database,
            settings=self._settings,
            sources={name: self._located(name) for name in (*self._settings.objects, *scope.object_types)},
            since=since,
        )
        yield from read.batches(scope)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry out the operations in transactions of many."""
        if not operations:
            return
        database = self._connected()
        preparations: dict[str, Preparation] = {}
        known: list[ExportOperation] = []
        for name in dict.fromkeys(operation.object_type for operation in operations):
            try:
                preparations[name] = self._preparation(database, name, scope.object_types)
            except SystemRefused as refused:
                yield from _all_refused(refused, [each for each in operations if each.object_type == name])
        known = [operation for operation in operations if operation.object_type in preparations]
        writer = Writer(database=database, preparations=preparations, batch_rows=self._settings.write_batch_rows)
        yield from writer.write(known)

    def close(self) -> None:
        """End the connection."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _connected(self) -> Database:
        if self._database is None:
            authority = self._settings.ca_file
            if authority is not None and not authority.is_file():
                raise SystemRefused(
                    f"there is no file {authority}",
                    place=self._settings.place,
                    remedy="correct the path in `ca_file`; a relative one starts at the configuration folder",
                )
            self._database = self._open(self._settings)
        return self._database

    def _located(self, object_type: str) -> Source:
        database = self._connected()
        try:
            return locate(database, self._settings, object_type)
        except database.errors as error:
            place = f"{self._settings.place}: object type {object_type}"
            raise database.failure(error).error(place) from error

    def _preparation(self, database: Database, name: str, schemas: Mapping[str, ObjectTypeSchema]) -> Preparation:
        source = self._located(name)
        schema = schemas[name]
        for column in schema.anchor:
            source.column(column)
        return Preparation(database=database, source=source, schema=schema)


def _not_empty(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return (batch for batch in batches if batch.num_rows)


def _discovered(source: Source) -> ObjectTypeSchema:
    relation = source.relation
    attributes = {
        column.name: _attribute(
            column,
            is_multivalued=column.is_array or column.name in source.delimiters,
            is_writable=relation.is_writable,
        )
        for column in relation.columns
    }
    for name, related in source.related.items():
        attributes[name] = AttributeSchema(
            name=name,
            type=related.value.type,
            is_multivalued=True,
            description=f"{related.value.declared}, in {related.source}",
        )
    return ObjectTypeSchema(name=source.object_type, anchor=relation.key, attributes=attributes)


def _attribute(column: Column, *, is_multivalued: bool, is_writable: bool) -> AttributeSchema:
    writability = Writability.READ_WRITE
    if column.is_generated or not is_writable:
        writability = Writability.READ_ONLY
    elif column.key_position:
        writability = Writability.CREATE_ONLY
    return AttributeSchema(
        name=column.name,
        type=column.type,
        is_multivalued=is_multivalued,
        writability=writability,
        is_required=column.is_required,
        description=column.declared,
    )


def _all_refused(refused: SystemRefused, operations: Sequence[ExportOperation]) -> Iterator[ExportOutcome]:
    message = f"{refused.message}; {refused.remedy}"
    for operation in operations:
        yield ExportOutcome(
            row=operation.row,
            state=OutcomeState.FAILED,
            anchor=operation.anchor,
            code=refused.code,
            message=message,
        )
