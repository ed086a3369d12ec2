"""Loading an empty table: its indexes are quicker built afterwards than kept while rows come in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from accord.store.database import Database

MANY_ROWS = 20_000
"""From here on building an index afterwards is worth it."""


@contextmanager
def without_indexes(database: Database, queries: Mapping[str, str], indexes: Sequence[str]) -> Iterator[None]:
    """Do without the indexes inside; `queries` knows `drop_NAME` and `make_NAME`. Belongs into a transaction."""
    for index in indexes:
        database.execute(queries[f"drop_{index}"])
    yield
    for index in indexes:
        database.execute(queries[f"make_{index}"])
