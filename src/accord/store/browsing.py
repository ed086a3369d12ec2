"""Pages and counts of objects, identities and pending exports, for people who look through them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.store.database import Database
from accord.store.history import Subject
from accord.store.keys import dn_key_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFilter:
    """Which objects of a system: of a type, with a text, there or planned, by how they belong, below a dn.

    `status` is there or planned; `how` is a way of belonging to an identity, or none.
    """

    type: str = ""
    text: str = ""
    status: str = ""
    how: str = ""
    below: str = ""

    def values(self, system: str) -> dict[str, object]:
        """Return the parameters of the statements."""
        key = dn_key_of(self.below)
        return {
            "system": system, "type": self.type, "text": self.text, "pattern": f"%{_escaped(self.text.lower())}%",
            "status": self.status, "how": self.how, "below": key, "below_pattern": f"%,{_escaped(key)}",
        }  # fmt: skip


class ObjectOrder(StrEnum):
    """What objects of a system are sorted by."""

    ID = "id"
    ANCHOR = "anchor"
    DN = "dn"
    TYPE = "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFilter:
    """Which pending exports of a system: by operation, state, a code they have or have not, a text."""

    operations: tuple[str, ...] = ()
    state: str = ""
    code: str = ""
    not_code: str = ""
    text: str = ""

    def values(self, system: str) -> dict[str, object]:
        """Return the parameters of the statements."""
        return {
            "system": system, "operations": "".join(f",{name}," for name in self.operations), "state": self.state,
            "code": self.code, "not_code": self.not_code, "text": self.text,
            "pattern": f"%{_escaped(self.text.lower())}%",
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedFilter:
    """Which of what is gone: objects or identities (`kind`), of a system, of a type, with a text."""

    kind: Subject
    system: str = ""
    type: str = ""
    text: str = ""

    def values(self) -> dict[str, object]:
        """Return the parameters of the statements."""
        return {
            "kind": self.kind.value, "system": self.system, "type": self.type, "text": self.text,
            "pattern": f"%{_escaped(self.text.lower())}%",
        }  # fmt: skip


_EVERY_OBJECT, _EVERY_EXPORT = ObjectFilter(), PendingFilter()


class Browsing:
    """Looking through one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_objects(self, system: str, wanted: ObjectFilter = _EVERY_OBJECT) -> int:
        """Return how many objects of a system fit."""
        return self._count("count_objects", wanted.values(system))

    def objects(
        self,
        system: str,
        rows: Slice,
        wanted: ObjectFilter = _EVERY_OBJECT,
        *,
        order: ObjectOrder = ObjectOrder.ID,
        is_descending: bool = False,
    ) -> list[Row]:
        """Return objects of a system with link and pending export, unless sorted in the order they came to be known."""
        direction = "desc" if is_descending else "asc"
        sql = _SQL["page_objects"].replace("{order}", f"o.{order.value} {direction}, o.id {direction}")
        return self._rows(sql, wanted.values(system), rows)

    def one_object(self, number: int) -> Row | None:
        """Return one object with link and pending export."""
        return self._one("object", number)

    def count_linked(self, system: str) -> int:
        """Return how many objects of a system belong to an identity."""
        return self._count("count_linked", {"system": system})

    def count_pending(self, system: str, wanted: PendingFilter = _EVERY_EXPORT) -> int:
        """Return how many pending exports of a system fit."""
        return self._count("count_pending", wanted.values(system))

    def pending(self, system: str, rows: Slice, *, text: str = "") -> list[Row]:
        """Return pending exports of a system by object."""
        wanted = PendingFilter(text=text).values(system)
        return self._page("page_pending", {name: wanted[name] for name in ("system", "text", "pattern")}, rows)

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

    def removed(self, wanted: RemovedFilter, rows: Slice) -> list[Row]:
        """Return what was there and is gone, the latest first."""
        return self._page("page_removed", wanted.values(), rows)

    def count_removed(self, wanted: RemovedFilter) -> int:
        """Return how much of what is gone fits."""
        return self._count("count_removed", wanted.values())

    def count_changes(self, system: str) -> int:
        """Return how many changes of objects of a system are remembered, beside that they were added."""
        return self._count("count_changes", {"system": system})

    def _count(self, name: str, values: Mapping[str, object]) -> int:
        return int(self._database.value(_SQL[name], values) or 0)

    def _page(self, name: str, values: Mapping[str, object], rows: Slice) -> list[Row]:
        return self._rows(_SQL[name], values, rows)

    def _rows(self, sql: str, values: Mapping[str, object], rows: Slice) -> list[Row]:
        found = self._database.fetch(sql, {**values, "limit": rows.limit, "offset": rows.offset})
        return list(found.to_pylist())

    def _one(self, name: str, number: int) -> Row | None:
        rows = self._database.fetch(_SQL[name], {"id": number}).to_pylist()
        return rows[0] if rows else None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
