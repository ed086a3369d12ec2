"""Ids of objects and identities: given once, never again, even when what had them is gone."""

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")

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

    def _read(self, name: str) -> int:
        return int(self._database.value(_SQL["next_id"], {"key": name}) or 1)

    def _keep(self, name: str, value: int) -> None:
        self._database.execute(_SQL["keep_id"], {"key": name, "value": str(value)})
