"""All SQL that runs goes through here: Arrow in, Arrow out, one transaction at a time, on SQLite and PostgreSQL.

Only ADBC drivers are used. A second SQLite library with the same file open in this process would drop the first
one's POSIX locks when it closes; migrations (SQLAlchemy) therefore run before a `Database` is made.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from accord.model.errors import AccordError, UsageError
from accord.store.dialect import Dialect, Parameters
from accord.store.failures import DatabaseFailure, explain

_FEW = 50
"""So many ids that are looked for stand in the query itself: a temporary table takes longer than finding them."""
_STAGE_PREFIX = "staged_"
_INGEST_ROWS = 131_072


def _go_on() -> None:
    """Stop nobody, tell nobody."""


@dataclass(slots=True)
class _Transaction:
    depth: int = 0
    is_writing: bool = False
    is_doomed: bool = False
    staged: list[str] = field(default_factory=list)


class Database:
    """One connection. Threads take turns: a statement waits for the transaction of another thread to end."""

    def __init__(self, dialect: Dialect, uri: str, *, place: str, is_read_only: bool = False) -> None:
        self.dialect = dialect
        self._is_read_only = is_read_only
        self.place = place
        self._lock = threading.RLock()
        self._transaction = _Transaction()
        self._check: Callable[[], None] = _go_on
        self.committed: Callable[[], None] = _go_on
        """Called after every transaction that wrote."""
        self.closing: Callable[[], None] = _go_on
        """Called before the connection closes."""
        with self._explained():
            self._connection = dialect.connect(uri)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        self.closing()
        with self._lock:
            self._connection.close()

    def fetch(self, sql: str, parameters: Parameters | None = None, *, schema: pa.Schema | None = None) -> pa.Table:
        """Return the result of a query; with `schema` its columns are cast to it. The order is not promised."""
        with self._lock, self._explained(), self._connection.cursor() as cursor:
            text, values = self.dialect.bind(self.dialect.typed(sql, schema), parameters)
            cursor.adbc_statement.set_options(**self.dialect.statement_options)
            cursor.execute(text, values)
            table = self._whole(cursor.fetch_record_batch())
        return table if schema is None else self.dialect.without_sentinel(table).cast(schema)

    def fetch_wanted(
        self, sql: str, wanted: Any, schema: pa.Schema, *, column: str = "id", type_: pa.DataType | None = None
    ) -> pa.Table:
        """Return the result of a query that looks for the values of `wanted` in `staged_wanted`."""
        values = wanted.combine_chunks() if isinstance(wanted, pa.ChunkedArray) else wanted
        if type_ is None and column == "id" and len(values) <= _FEW:
            return self.fetch(_few_wanted(pa.array(values, pa.int64()).drop_null().to_pylist()) + sql, schema=schema)
        with self.reading():
            self.stage("wanted", pa.table({column: pa.array(values, type_ or pa.int64())}))
            return self.fetch(sql, schema=schema)

    def fetch_batches(
        self, sql: str, parameters: Parameters | None = None, *, schema: pa.Schema
    ) -> pa.RecordBatchReader:
        """Return the result of a query piece by piece, from a connection of its own.

        It sees what is committed now and goes on seeing it while others write.
        """
        return pa.RecordBatchReader.from_batches(schema, self._batches(sql, parameters, schema))

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Return the result of a query as Python rows in the query's order; for results of known small size."""
        columns = self.fetch(sql, parameters).to_pydict()
        return list(zip(*columns.values(), strict=True)) if columns else []

    def value(self, sql: str, parameters: Parameters | None = None) -> Any:
        """Return the first column of the first row, None when there is none."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    def execute(self, sql: str, parameters: Parameters | None = None) -> None:
        """Run a statement for its effect. To learn which rows it touched, say `returning` and use `rows`."""
        if not self._transaction.depth:
            self._require_writable()
        with self._lock, self._explained(), self._connection.cursor() as cursor:
            text, values = self.dialect.bind(sql, parameters)
            cursor.execute(text, values)

    def ingest(self, table: str, frame: pa.Table) -> None:
        """Append the rows to a table; columns are matched by name, those not given take their default."""
        if not frame.num_rows:
            return
        with self.transaction(), self._explained(), self._connection.cursor() as cursor:
            for start in range(0, frame.num_rows, _INGEST_ROWS):
                self._check()
                self.dialect.append(cursor, table, frame.slice(start, _INGEST_ROWS))

    def stage(self, name: str, frame: pa.Table) -> str:
        """Put the rows into the temporary table `staged_NAME`, which lives until the transaction ends."""
        if not self._transaction.depth:
            raise RuntimeError("stage() works inside transaction() or reading() only")
        table = _STAGE_PREFIX + name
        if table in self._transaction.staged:
            self.execute(f"drop table {table}")
        else:
            self._transaction.staged.append(table)
        with self._lock, self._explained(), self._connection.cursor() as cursor:
            # An empty frame creates nothing on SQLite unless it is said to be a table.
            cursor.adbc_ingest(table, frame, mode="create", temporary=True)
        return table

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything inside or nothing; a transaction inside another is part of it."""
        self._require_writable()
        with self._lock, self._began(is_writing=True):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the store, with staged rows to look for; nothing is kept."""
        with self._lock, self._began(is_writing=False):
            yield

    @contextmanager
    def checked(self, check: Callable[[], None]) -> Iterator[None]:
        """Call `check` before transactions and between the pieces of what is long, never in the middle of a write."""
        before, self._check = self._check, check
        try:
            yield
        finally:
            self._check = before

    def _whole(self, reader: pa.RecordBatchReader) -> pa.Table:
        batches: list[pa.RecordBatch] = []
        for batch in reader:
            if batches:
                self._check()
            batches.append(batch)
        return pa.Table.from_batches(batches, reader.schema)

    def _require_writable(self) -> None:
        if self._is_read_only:
            raise UsageError("the store was opened for reading", place=self.place, remedy="open it for writing")

    @contextmanager
    def _began(self, *, is_writing: bool) -> Iterator[None]:
        state = self._transaction
        if state.depth:
            if is_writing and not state.is_writing:
                raise RuntimeError("transaction() inside reading()")
            yield from self._inside(state)
            return
        self._check()
        self._begin(is_writing=is_writing)
        try:
            yield
        except BaseException:
            self._rollback()
            raise
        if self._transaction.is_doomed:
            self._rollback()
            raise RuntimeError("a part of this transaction failed, so none of it was kept")
        if is_writing:
            self._commit()
        else:
            self._rollback()

    def _inside(self, state: _Transaction) -> Iterator[None]:
        state.depth += 1
        try:
            yield
        except BaseException:
            state.is_doomed = True
            raise
        finally:
            state.depth -= 1

    def _begin(self, *, is_writing: bool) -> None:
        with self._explained():
            self._connection.adbc_connection.set_autocommit(False)
        self._transaction = _Transaction(depth=1, is_writing=is_writing)
        if is_writing and self.dialect.start_writing:
            try:
                self.execute(self.dialect.start_writing)
            except BaseException:
                self._rollback()
                raise

    def _commit(self) -> None:
        try:
            for table in self._transaction.staged:
                self.execute(f"drop table {table}")
            with self._explained():
                # The DBAPI's own commit() does nothing on a connection opened with autocommit.
                self._connection.adbc_connection.commit()
        except BaseException:
            self._rollback()
            raise
        self._ended()
        self.committed()

    def _rollback(self) -> None:
        # Failures here would hide the one that brought us here; a connection that is gone fails at its next use.
        with suppress(AccordError, *DatabaseFailure):
            try:
                self._connection.adbc_connection.rollback()
            except DatabaseFailure:
                # A full disk makes SQLite roll back by itself; the driver still wants a transaction to end.
                self.execute("begin")
        with suppress(AccordError, *DatabaseFailure):
            self._ended()

    def _ended(self) -> None:
        self._transaction = _Transaction()
        with self._explained():
            self._connection.adbc_connection.set_autocommit(True)

    def _batches(self, sql: str, parameters: Parameters | None, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        with self._explained(), self._connection.adbc_clone() as own, own.cursor() as cursor:
            text, values = self.dialect.bind(self.dialect.typed(sql, schema), parameters)
            cursor.adbc_statement.set_options(**self.dialect.statement_options)
            cursor.execute(text, values)
            is_first = True
            for batch in cursor.fetch_record_batch():
                part = pa.Table.from_batches([batch])
                table = self.dialect.without_sentinel(part) if is_first else part
                is_first = False
                yield from table.cast(schema).to_batches()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DatabaseFailure as failure:
            known = explain(failure, self.place)
            if known is None:
                raise
            raise known from failure


def _few_wanted(ids: Sequence[int]) -> str:
    """Return what makes `staged_wanted` a part of the query that it stands before."""
    rows = "values " + ", ".join(f"(cast({i} as bigint))" for i in ids) if ids else "select 0 where 1 = 0"
    return f"with staged_wanted(id) as ({rows})\n"
