"""What the connector needs of one kind of database; everything that differs between them is behind this."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

import pyarrow as pa

from accord.connectors.sql.failures import Failure
from accord.connectors.sql.relation import Column, RelationName
from accord.model.errors import SystemRefused

Stream = Callable[[str], Iterator[pa.RecordBatch]]
"""Runs one select and yields its rows, in batches no larger than the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a statement did for one row of parameters: rows touched, and the key given when it was asked for."""

    count: int
    key: tuple[str, ...] = ()


class Database(Protocol):
    """One open database. Identifiers are quoted by `quote`, values only ever travel as parameters."""

    placeholder: str
    """How a parameter is written."""
    begin: str
    """How a transaction that writes begins."""
    row_lock: str
    """What makes a select lock the rows it reads until the transaction ends."""
    errors: tuple[type[Exception], ...]
    """What `execute` and `execute_each` raise; `failure` tells why."""

    def quote(self, name: str) -> str:
        """Return the name as an identifier."""

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return what the server says of itself: version, user, database."""

    def relations(self, schema: str | None) -> tuple[RelationName, ...]:
        """Return the tables and views of a schema, or of the default one."""

    def columns(self, name: str, schema: str | None) -> tuple[Column, ...]:
        """Return the columns of a table or view; empty when there is none of that name."""

    def query_columns(self, query: str) -> tuple[Column, ...]:
        """Return the columns of a query without running it to its end."""

    def as_text(self, expression: str, column: Column) -> str:
        """Return SQL that gives the column's value in the form `canonical` understands."""

    def all_values(self, expression: str, column: Column) -> str:
        """Return SQL that aggregates values to an array, or to the text of a JSON array of texts."""

    def reading(self, page_rows: int) -> AbstractContextManager[Stream]:
        """Open a read-only session; where the database can, one snapshot for all statements run in it.

        Raises SystemUnavailable or SystemRefused, also in the middle of a stream.
        """

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; return its rows, none when it gives none."""

    def execute_each(
        self, sql: str, rows: Sequence[Sequence[object]], *, returning: tuple[Column, ...] = ()
    ) -> list[Effect]:
        """Run a statement once for every row of parameters, as fast as the database allows."""

    def parameter(self, text: str, column: Column) -> object:
        """Return canonical text as the driver wants it for the column; raise ValueError when it cannot be."""

    def array_parameter(self, column: Column) -> str:
        """Return how an array parameter for the column is written."""

    def failure(self, error: Exception) -> Failure:
        """Return why the database refused."""

    def close(self) -> None:
        """End the connection; may be repeated."""


def load_driver(load: Callable[[], ModuleType], *, extra: str) -> ModuleType:
    """Return a driver that is an optional library; raise SystemRefused naming the extra to install."""
    try:
        return load()
    except ImportError as error:
        raise SystemRefused(
            f"this database needs a library that is not installed ({error.name})",
            remedy=f'pip install "accord[{extra}]"',
        ) from error
