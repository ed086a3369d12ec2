"""Who bears which value: hashes to ids, so that a delta synchronisation finds whom it must look at."""

import pyarrow as pa

from accord.store.connector_space import Ids
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("lookups")

LOOKUPS = pa.schema([("hash", pa.int64()), ("id", pa.int64())])
"""A row: the hash of a value and of what it is a value of, and who bears it."""

PROBES = pa.schema(
    [("probe", pa.int64()), ("rule", pa.string()), ("position", pa.int64()), ("positions", pa.int64()),
     ("hash", pa.int64())]
)  # fmt: skip
"""What is looked for: whoever bears a value for each of the positions of one probe."""

_ID = pa.schema([("id", pa.int64())])


class Lookups:
    """The look-ups of one store. They find too many, never too few, if every synchronisation adds its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, rows: pa.Table) -> None:
        """Forget all and remember these."""
        with self._database.transaction():
            self._database.execute(_SQL["clear"])
            self._database.ingest("lookup", rows.sort_by([("hash", "ascending"), ("id", "ascending")]))

    def add(self, rows: pa.Table) -> None:
        """Remember these as well."""
        if not rows.num_rows:
            return
        with self._database.transaction():
            self._database.stage("lookups", rows)
            self._database.execute(_SQL["add"])

    def find(self, hashes: Ids) -> pa.Table:
        """Return the rows with these hashes."""
        return self._database.fetch_wanted(_SQL["find"], hashes, LOOKUPS)

    def find_matching(self, probes: pa.Table) -> pa.ChunkedArray:
        """Return the ids of whoever matches a probe in all its positions."""
        if not probes.num_rows:
            return pa.chunked_array([], pa.int64())
        with self._database.reading():
            self._database.stage("probes", probes)
            return self._database.fetch(_SQL["find_matching"], schema=_ID)["id"]
