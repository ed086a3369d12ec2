"""Ids of objects and identities: given once, never again, even when what had them is gone."""

import pyarrow as pa
import pyarrow.compute as pc

from accord.model.errors import PlanStale
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")
_IDS = pa.schema([("id", pa.int64())])

OBJECT = "next_object_id"
IDENTITY = "next_identity_id"


class Counters:
    """The next unused ids of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self, name: str, *, reserve: int = 0) -> int:
        """Return the first unused id. `reserve` ids from there on are the caller's, whatever others do."""
        if not reserve:
            return self._read(name)
        with self._database.transaction():
            # Writing first takes the lock, so that two callers cannot read the same.
            self._database.execute(_SQL["touch_id"], {"key": name, "value": "1"})
            first = self._read(name)
            self._keep(name, first + reserve)
        return first

    def keep_above(self, name: str, highest: int | None) -> None:
        """Remember that ids up to `highest` are used; belongs into the transaction that uses them."""
        if highest is not None and highest >= self._read(name):
            self._keep(name, highest + 1)

    def require_free(self, name: str, ids: pa.ChunkedArray) -> None:
        """Raise PlanStale when another run used one of the ids since the plan was made."""
        given = self.given(name, ids)
        taken = self._database.fetch_wanted(_SQL[f"taken_{name}"], given, _IDS).num_rows if len(given) else 0
        if taken:
            raise PlanStale(
                f"another run used {taken} of the ids of this plan meanwhile",
                remedy="make the plan again; runs at the same time reserve their ids",
            )

    def given(self, name: str, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return those of the ids that were given away before; nothing can be stored under the others."""
        return ids.filter(pc.less(ids, self._read(name)))

    def _read(self, name: str) -> int:
        return int(self._database.value(_SQL["next_id"], {"key": name}) or 1)

    def _keep(self, name: str, value: int) -> None:
        self._database.execute(_SQL["keep_id"], {"key": name, "value": str(value)})
