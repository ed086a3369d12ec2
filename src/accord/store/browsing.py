"""Pages and counts of objects, identities and pending exports, for people who look through them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("browsing")

Row = Mapping[str, Any]
"""One row by the names of its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which rows of a list."""

    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFilter:
    """Which identities: of a type, with a text anywhere, with an attribute, with a value of one, about to end."""

    type: str = ""
    text: str = ""
    has: str = ""
    equals: tuple[str, str] | None = None
    is_gone: bool = False

    def values(self) -> dict[str, object]:
        """Return the parameters of the statements."""
        name, value = self.equals or ("", "")
        return {
            "type": self.type, "text": self.text, "pattern": f"%{_escaped(self.text.lower())}%", "has": self.has,
            "has_pattern": f'%"{_escaped(self.has)}":%', "equals": name,
            "equals_pattern": f'%"{_escaped(name)}":"{_escaped(value)}"%', "gone": int(self.is_gone),
        }  # fmt: skip


class Browsing:
    """Looking through one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_objects(self, system: str, *, type_: str = "", text: str = "") -> int:
        """Return how many objects of a system fit."""
        return self._count("count_objects", _object_values(system, type_, text))

    def objects(self, system: str, rows: Slice, *, type_: str = "", text: str = "") -> list[Row]:
        """Return objects of a system in the order they came to be known, with link and pending export."""
        return self._page("page_objects", _object_values(system, type_, text), rows)

    def one_object(self, number: int) -> Row | None:
        """Return one object with link and pending export."""
        return self._one("object", number)

    def count_linked(self, system: str) -> int:
        """Return how many objects of a system belong to an identity."""
        return self._count("count_linked", {"system": system})

    def count_pending(self, system: str, *, operation: str = "", state: str = "") -> int:
        """Return how many pending exports of a system fit."""
        return self._count("count_pending", {"system": system, "operation": operation, "state": state})

    def pending(self, system: str, rows: Slice) -> list[Row]:
        """Return pending exports of a system by object."""
        return self._page("page_pending", {"system": system}, rows)

    def one_pending(self, object_id: int) -> Row | None:
        """Return the pending export of an object."""
        return self._one("one_pending", object_id)

    def count_identities(self, wanted: IdentityFilter) -> int:
        """Return how many identities fit."""
        return self._count("count_identities", wanted.values())

    def identities(self, wanted: IdentityFilter, rows: Slice) -> list[Row]:
        """Return identities in the order they came to be."""
        return self._page("page_identities", wanted.values(), rows)

    def one_identity(self, number: int) -> Row | None:
        """Return one identity."""
        return self._one("identity", number)

    def _count(self, name: str, values: Mapping[str, object]) -> int:
        return int(self._database.value(_SQL[name], values) or 0)

    def _page(self, name: str, values: Mapping[str, object], rows: Slice) -> list[Row]:
        found = self._database.fetch(_SQL[name], {**values, "limit": rows.limit, "offset": rows.offset})
        return list(found.to_pylist())

    def _one(self, name: str, number: int) -> Row | None:
        rows = self._database.fetch(_SQL[name], {"id": number}).to_pylist()
        return rows[0] if rows else None


def _object_values(system: str, type_: str, text: str) -> dict[str, object]:
    return {"system": system, "type": type_, "text": text, "pattern": f"%{_escaped(text.lower())}%"}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
