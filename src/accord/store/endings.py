"""What is about to be deleted. Each question is answered from an index that holds nothing else."""

import pyarrow as pa

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("endings")
_GONE = pa.schema([("id", pa.int64()), ("type", pa.string()), ("doc", pa.string()), ("gone_since", pa.int64())])


class Endings:
    """The deletions that wait in one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def gone(self, *, limit: int) -> pa.Table:
        """Return the identities whose deletion waits (id, type, doc, gone_since in microseconds), the oldest first."""
        return self._database.fetch(_SQL["gone"], {"limit": limit}, schema=_GONE)

    def count_gone(self) -> int:
        """Return for how many identities deletion waits."""
        return int(self._database.value(_SQL["count_gone"]) or 0)

    def count_deletes(self) -> dict[str, int]:
        """Return how many objects each system is asked to delete."""
        return {system: int(n) for system, n in self._database.rows(_SQL["deletes"])}
