"""What differs between the two databases, in one place: connecting, placeholders, types of results."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import pyarrow as pa

from accord.model.errors import UsageError
from accord.store.appending import append_rows

_NAMED = re.compile(r"(?<![:\w]):([a-z_]+)")
_STREAM_ROWS = "65536"

Parameters = Mapping[str, object]
"""Values (text, whole numbers, bytes, None) by the name used in the statement (`:name`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One database: its driver and the few places where its SQL is not the other's."""

    name: str
    driver: str
    placeholder: str
    start_writing: str | None
    statement_options: Mapping[str, str]
    types_results: bool
    json_rows: str
    """What to select the entries of a JSON list from: of `{column}`, as `value` of `{name}`."""
    append: Callable[[Any, str, pa.Table], None]
    """Inserts rows by a cursor into a table; columns are matched by name, those not given take their default."""

    def connect(self, uri: str) -> Any:
        """Return an ADBC connection that commits every statement until told otherwise."""
        try:
            driver = import_module(self.driver)
            manager = import_module("adbc_driver_manager.dbapi")
        except ImportError as error:
            raise UsageError(
                f"the driver {self.driver} is not installed", remedy="pip install 'accord[postgresql]'"
            ) from error
        # A signal would cancel a statement in the middle of its work, and SQLite then never gives its locks back.
        vars(manager)["_blocking_call"] = _to_its_end
        return driver.connect(uri, autocommit=True)

    def bind(self, sql: str, parameters: Parameters | None) -> tuple[str, pa.RecordBatch | None]:
        """Return the statement with numbered placeholders and its values in that order, typed.

        The driver would guess the types, and each guess costs a search for a module that is not there.
        """
        text, names = _numbered(sql, self.placeholder)
        if not names:
            return text, None
        values = [(parameters or {})[name] for name in names]
        arrays = [pa.array([value], _arrow_type(value)) for value in values]
        return text, pa.RecordBatch.from_arrays(arrays, [str(n) for n in range(len(arrays))])

    def typed(self, sql: str, schema: pa.Schema | None) -> str:
        """Return the query so that its result has the schema's types, whatever its first rows hold.

        SQLite has no column types in results; the driver guesses from the first rows and fails on later ones
        that differ. A first row of the right types settles it; `without_sentinel` takes it away again.
        """
        if schema is None or self.types_results:
            return sql
        row = ", ".join(f"{_sentinel(field)} as {field.name}" for field in schema)
        return f"select {row} union all select * from (\n{sql}\n)"

    def without_sentinel(self, table: pa.Table) -> pa.Table:
        """Return the rows of a query made by `typed`."""
        return table if self.types_results else table.slice(1)


def _append_by_driver(cursor: Any, table: str, rows: pa.Table) -> None:
    cursor.adbc_ingest(table, rows, mode="append")


def _arrow_type(value: object) -> pa.DataType:
    match value:
        case bool() | int():
            return pa.int64()
        case float():
            return pa.float64()
        case bytes():
            return pa.binary()
        case None:
            return pa.null()
        case _:
            return pa.string()


SQLITE = Dialect(
    name="sqlite",
    driver="adbc_driver_sqlite.dbapi",
    placeholder="?",
    # A transaction that reads first and writes later can fail in between; touching nothing takes the lock at once.
    start_writing="update meta set value = value where key = ''",
    statement_options={"adbc.sqlite.query.batch_rows": _STREAM_ROWS},
    types_results=False,
    json_rows="json_each({column}) {name}",
    append=append_rows,
)

POSTGRESQL = Dialect(
    name="postgresql",
    driver="adbc_driver_postgresql.dbapi",
    placeholder="$",
    start_writing=None,
    statement_options={},
    types_results=True,
    json_rows="jsonb_array_elements(cast({column} as jsonb)) {name}(value)",
    append=_append_by_driver,
)


def _to_its_end(work: Callable[..., Any], args: Any, kwargs: Any, _cancel: Callable[[], None]) -> Any:
    """Do what the driver manager does, whatever signals come meanwhile; `runs.stopping` is how a run is stopped."""
    return work(*args, **kwargs)


@lru_cache(maxsize=512)
def _numbered(sql: str, placeholder: str) -> tuple[str, tuple[str, ...]]:
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"{placeholder}{names.index(match[1]) + 1}"

    return _NAMED.sub(number, sql), tuple(names)


def _sentinel(field: pa.Field) -> str:
    if pa.types.is_integer(field.type):
        return "0"
    return "x''" if pa.types.is_binary(field.type) else "''"
