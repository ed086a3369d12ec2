"""Looking through much, a window at a time: a window costs the same at ten objects and at ten millions."""

import pyarrow as pa

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("looking")
_IDENTITIES = pa.schema([("id", pa.int64()), ("type", pa.string()), ("doc", pa.string()), ("origin", pa.int64()),
                         ("gone_since", pa.int64())])  # fmt: skip
_MANY = 20_000
_TEXTS = ("type", "rule", "operation", "dn", "new_dn", "before", "after", "reason", "state")
_OBJECTS = pa.schema([("id", pa.int64()), *((name, pa.string()) for name in ("system", "type", "anchor", "dn", "doc"))])
_WAITING = pa.schema([
    ("object_id", pa.int64()), *((name, pa.string()) for name in _TEXTS), ("attempts", pa.int64()),
    ("code", pa.string()), ("message", pa.string()), ("identity_id", pa.int64()), ("anchor", pa.string()),
    ("object_dn", pa.string()),
])  # fmt: skip


class Looking:
    """Windows on one store; `after` is the last id of the window before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identities(self, *, after: int, limit: int) -> pa.Table:
        """Return the next identities."""
        values = {"after": after, "limit": limit}
        return self._database.fetch(_SQL["identities"], values, schema=_IDENTITIES).sort_by("id")

    def objects(self, system: str, *, after: int, limit: int) -> pa.Table:
        """Return the next objects of a system."""
        values = {"system": system, "after": after, "limit": limit}
        return self._database.fetch(_SQL["objects"], values, schema=_OBJECTS).sort_by("id")

    def waiting(self, system: str, *, after: int, limit: int) -> pa.Table:
        """Return the next pending exports of a system."""
        return self._waiting("waiting", {"system": system, "after": after, "limit": limit})

    def deleting(self, system: str, *, after: int, limit: int) -> pa.Table:
        """Return the next pending exports of a system that delete."""
        return self._waiting("deleting", {"system": system, "after": after, "limit": limit})

    def in_state(self, system: str, state: str, *, count: int, after: int, limit: int) -> pa.Table:
        """Return the next pending exports of a system in a state; `count` is about how many there are of these."""
        name = "in_state" if count < _MANY else "mostly_in_state"
        return self._waiting(name, {"system": system, "state": state, "after": after, "limit": limit})

    def _waiting(self, name: str, values: dict[str, object]) -> pa.Table:
        return self._database.fetch(_SQL[name], values, schema=_WAITING).sort_by("object_id")
