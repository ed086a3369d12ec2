"""The one module that touches DuckDB: an in-memory, locked engine with Arrow frames in and out.

Locked means: no files, no network, no extensions, no settings changed after construction. Spilling to the
engine's own temporary folder still works (that is DuckDB's, not a query's).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from heapq import heapify, heappop, heappush
from itertools import pairwise
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.room import Room, cannot_spill, out_of_memory
from accord.model.errors import Cancelled, SystemUnavailable

ENGINE_VERSION: str = duckdb.__version__
"""Of the engine: what it computes only within one version, such as hashes, is not comparable with another's."""

EngineError = duckdb.Error
"""What the engine raises when a statement is refused or fails."""

_OPEN: WeakSet["Engine"] = WeakSet()
_MANY_PIECES = 1_000
_SPILL_IS_FULL = "max_temp_directory_size"
_LOCK = {
    "TimeZone": "'UTC'",
    # It is drawn for long statements, in the middle of what commands answer and servers log.
    "enable_progress_bar": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
}


def quote(name: str) -> str:
    """Return the name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return the text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def in_order(frame: pa.Table, *columns: str) -> pa.Table:
    """Return the rows in ascending order of columns without nulls, as they are when they are so already.

    What threads of the engine make comes in few long runs, each in order: then the runs are merged piece by piece, and
    no row is copied.
    """
    is_sorted, is_same = pa.scalar(value=False), pa.scalar(value=True)
    for column in columns:
        values = frame[column]
        before, after = values.slice(0, max(len(values) - 1, 0)), values.slice(1)
        is_sorted = pc.or_(is_sorted, pc.and_(is_same, pc.less(before, after)))
        is_same = pc.and_(is_same, pc.equal(before, after))
    breaks = pc.indices_nonzero(pc.invert(pc.or_(is_sorted, is_same)))
    if not len(breaks):
        return frame
    merged = _merged(frame, columns, [0, *(b + 1 for b in breaks.to_pylist())]) if len(breaks) < _MANY_PIECES else None
    return merged if merged is not None else _sorted(frame, columns)


def _sorted(frame: pa.Table, columns: Sequence[str]) -> pa.Table:
    # Sorting by whole columns and then taking rows is twice as quick as sorting a table in many pieces.
    keys = frame.select(list(columns)).combine_chunks()
    return frame.take(pc.sort_indices(keys, sort_keys=[(column, "ascending") for column in columns]))


def _merged(frame: pa.Table, columns: Sequence[str], starts: Sequence[int]) -> pa.Table | None:
    """Return the rows in order, put together of pieces of the ascending runs that start there; None if of too many."""
    values = [frame[column] for column in columns]

    def key(row: int) -> tuple[Any, ...]:
        return tuple(column[row].as_py() for column in values)

    runs = [(key(start), start, end) for start, end in pairwise([*starts, frame.num_rows])]
    heapify(runs)
    pieces: list[pa.Table] = []
    while runs and len(pieces) < _MANY_PIECES:
        _, start, end = heappop(runs)
        stop = bisect_left(range(end), runs[0][0], lo=start + 1, key=key) if runs else end
        pieces.append(frame.slice(start, stop - start))
        if stop < end:
            heappush(runs, (key(stop), stop, end))
    return None if runs else pa.concat_tables(pieces)


def interrupt_all() -> None:
    """Stop the running statements of every engine of this process, those of connectors too; they raise Cancelled."""
    for engine in list(_OPEN):
        engine.interrupt()


@contextmanager
def _told(room: Room) -> Iterator[None]:
    """Let a signal or `interrupt` that ends a statement be what it is anywhere else, and too little room be told."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise Cancelled("the computation was told to stop") from error
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        short = _shortage(error, room)
        if short is None:
            raise
        raise short from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def _shortage(failure: duckdb.Error, room: Room) -> SystemUnavailable | None:
    """Return what to raise instead; None where the room is fixed, and too little of it a mistake of ours."""
    if room.spill_folder is None:
        return None
    reason = str(failure)
    if isinstance(failure, duckdb.OutOfMemoryException) and _SPILL_IS_FULL not in reason:
        return out_of_memory(room)
    return cannot_spill(room, reason.splitlines()[0])


class Engine:
    """One in-memory database: relations are registered, statements run, frames come out.

    Not shared between threads, except `interrupt`. `has_attempts` says that expressions of administrators run here,
    each in a TRY of its own; without them the engine may share what stands twice.
    """

    def __init__(
        self,
        *,
        memory_limit: str = "2GB",
        threads: int = 2,
        spill_folder: str | None = None,
        has_attempts: bool = True,
    ) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "threads": threads,
            # Rows stay in the order of their ids from table to table, so that frames need no sorting.
            "preserve_insertion_order": True,
            # A checkpoint compresses what was loaded, which costs several times what loading did, and saves no file.
            "checkpoint_threshold": "1TB",
        }
        if spill_folder is not None:
            config["temp_directory"] = spill_folder
        self._room = Room(memory_limit=memory_limit, threads=threads, spill_folder=spill_folder)
        self._connection = duckdb.connect(":memory:", config=config)
        _OPEN.add(self)
        if has_attempts:
            # This optimiser moves an expression that stands twice out of the TRY around it: one bad row fails all.
            self.run("set disabled_optimizers='common_subexpressions'")
        for name, value in _LOCK.items():
            self.run(f"set {name}={value}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the memory and the spill files."""
        _OPEN.discard(self)
        self._connection.close()

    def interrupt(self) -> None:
        """Stop the running statement from another thread; it raises Cancelled."""
        with suppress(EngineError):
            # One that was closed just now has nothing to stop.
            self._connection.interrupt()

    def register(self, name: str, frame: pa.Table | pa.RecordBatchReader) -> None:
        """Make an Arrow frame readable as a relation of that name, without copying."""
        self._connection.register(name, frame)

    def unregister(self, name: str) -> None:
        """Forget a registered frame."""
        self._connection.unregister(name)

    def load(self, name: str, frame: pa.Table | pa.RecordBatch | pa.RecordBatchReader) -> None:
        """Copy an Arrow frame into a table of that name, made on the first call and appended to afterwards."""
        source = pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
        self._connection.register("_incoming", source)
        try:
            self.run(f"create table if not exists {quote(name)} as from _incoming limit 0")
            if isinstance(source, pa.Table) and not source.num_rows:
                return
            self.run(f"insert into {quote(name)} by name from _incoming")
        finally:
            self._connection.unregister("_incoming")

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement for its effect."""
        with _told(self._room):
            self._connection.execute(sql, list(parameters) or None)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the result of a query as Python rows; for results of known small size."""
        with _told(self._room):
            return self._connection.execute(sql, list(parameters) or None).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row, None when there is none."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    def frame(self, sql: str) -> pa.Table:
        """Return the result of a query as an Arrow table."""
        with _told(self._room):
            return self._connection.sql(sql).to_arrow_table()

    def columns(self, relation: str) -> dict[str, str]:
        """Return the column names of a relation with their DuckDB types, in order."""
        return {row[0]: row[1] for row in self.rows(f"describe {relation}")}

    def has(self, name: str) -> bool:
        """Tell whether a table or view of that name exists."""
        found = self.value("select count(*) from duckdb_tables() where table_name = ?", [name])
        views = self.value("select count(*) from duckdb_views() where view_name = ?", [name])
        return bool(found or views)
