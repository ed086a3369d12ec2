"""Identities and objects read in order of id, as many as are wanted: what lists of owners and accounts are made of."""

from collections.abc import Sequence

import pyarrow as pa

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("governance")
_IDENTITIES = pa.schema([("id", pa.int64()), ("type", pa.string()), ("doc", pa.string()), ("gone_since", pa.int64()),
                          ("created_by", pa.int64())])  # fmt: skip
_OBJECTS = pa.schema([("id", pa.int64()), ("system", pa.string()), ("type", pa.string()), ("anchor", pa.string()),
                      ("dn", pa.string()), ("doc", pa.string()), ("created_by", pa.int64())])  # fmt: skip


class Governed:
    """Identities and objects, page by page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identities(self, identity_type: str, *, after: int, limit: int, told: str = "") -> pa.Table:
        """Return identities of a type behind an id, in order of id; `told` occurs in them, without regard to case."""
        values = {"type": identity_type, "after": after, "limit": limit, "told": _pattern(told)}
        return self._database.fetch(_SQL["identities_after"], values, schema=_IDENTITIES).sort_by("id")

    def objects(self, system: str, object_type: str, *, after: int, limit: int, told: str = "") -> pa.Table:
        """Return objects of a type behind an id, in order of id; `told` occurs in them or their anchor."""
        values = {"system": system, "type": object_type, "after": after, "limit": limit, "told": _pattern(told)}
        return self._database.fetch(_SQL["objects_after"], values, schema=_OBJECTS).sort_by("id")

    def identities_of(self, ids: Sequence[int]) -> pa.Table:
        """Return these identities in order of id; those that are gone are left out."""
        return self._database.fetch_wanted(_SQL["identities_wanted"], ids, _IDENTITIES).sort_by("id")

    def objects_of(self, ids: Sequence[int]) -> pa.Table:
        """Return these objects in order of id; those that are gone are left out."""
        return self._database.fetch_wanted(_SQL["objects_wanted"], ids, _OBJECTS).sort_by("id")


def _pattern(text: str) -> str:
    """Return what `like` looks for; nothing where the database may see other letters than we do."""
    if not text.isascii() or any(sign in text for sign in '"\\'):
        return ""
    escaped = text.lower()
    for sign in ("!", "%", "_"):
        escaped = escaped.replace(sign, f"!{sign}")
    return f"%{escaped}%" if escaped else ""
