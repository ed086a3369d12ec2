"""What owners are called, and what they call their managers: hashes of names, found from both sides."""

import pyarrow as pa

from accord.store.connector_space import Ids
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("reporting")

OWN, MANAGERS = 0, 1
"""The sides: a name somebody has, and a name somebody's manager is called by."""

NAMES = pa.schema([("side", pa.int64()), ("hash", pa.int64()), ("owner_id", pa.int64())])
_ID = pa.schema([("id", pa.int64())])


class ReportingNames:
    """The names of one store. They find too many, never too few, if every resolution adds its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, names: pa.Table) -> None:
        """Forget all and remember these."""
        with self._database.transaction():
            self._database.execute(_SQL["clear"])
            order = [("side", "ascending"), ("hash", "ascending"), ("owner_id", "ascending")]
            self._database.ingest("reporting_name", names.sort_by(order))

    def add(self, names: pa.Table) -> None:
        """Remember these as well."""
        if names.num_rows:
            with self._database.transaction():
                self._database.stage("names", names)
                self._database.execute(_SQL["add"])

    def bearers(self, side: int, hashes: Ids) -> set[int]:
        """Return the owners with one of these hashes on a side."""
        return self._wanted("bearers", side, hashes)

    def names_of(self, side: int, owners: Ids) -> set[int]:
        """Return the hashes that these owners have on a side, or had since all were replaced."""
        return self._wanted("names_of", side, owners)

    def _wanted(self, query: str, side: int, wanted: Ids) -> set[int]:
        values = wanted.combine_chunks() if isinstance(wanted, pa.ChunkedArray) else wanted
        with self._database.reading():
            self._database.stage("wanted", pa.table({"id": pa.array(values, pa.int64())}))
            return set(self._database.fetch(_SQL[query], {"side": side}, schema=_ID)["id"].to_pylist())
