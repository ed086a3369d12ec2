"""Loading an empty table: its indexes are quicker built afterwards than kept while rows come in."""

from collections.abc import Iterator
from contextlib import contextmanager

from accord.store.database import Database
from accord.store.sql import load_queries

MANY_ROWS = 20_000
"""From here on building an index afterwards is worth it."""

_SQL = load_queries("bulk")


@contextmanager
def without_indexes(database: Database, rows: int, *indexes: str) -> Iterator[None]:
    """Do without those of the indexes that hold nothing yet, if many rows come. Belongs into a transaction."""
    empty = [i for i in indexes if rows >= MANY_ROWS and not database.value(_SQL[f"holds_{i}"])]
    for index in empty:
        database.execute(_SQL[f"drop_{index}"])
    yield
    for index in empty:
        database.execute(_SQL[f"make_{index}"])
