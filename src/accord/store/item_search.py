"""Looks for objects of activities by what became of them."""

from dataclasses import dataclass

from accord.store.activities import like_text
from accord.store.activity_items import NumberedItems
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("item_search")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which objects of an activity are meant: all that fulfil everything given. `search`: in name and message."""

    outcome: str = ""
    operation: str = ""
    code: str = ""
    object_type: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRow:
    """Items of one activity that share code, attribute and operation; `first` is the number of the first of them."""

    code: str
    attribute: str
    operation: str
    count: int
    messages: int
    first: int


class ItemSearch:
    """The items of all activities of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self, activity: int, wanted: ItemFilter, *, after: int = 0, skip: int = 0, limit: int = 100
    ) -> NumberedItems:
        """Return items in order, those with `seq` above `after`, leaving out the first `skip` of them."""
        values = {**_values(activity, wanted), "after": after, "skip": skip, "limit": limit}
        sql = _SQL["find"].replace("{filter}", _SQL["filter"])
        return NumberedItems(self._database.fetch(sql, values, schema=NumberedItems.SCHEMA).sort_by("seq"))

    def count(self, activity: int, wanted: ItemFilter) -> int:
        """Return how many there are."""
        sql = _SQL["count"].replace("{filter}", _SQL["filter"])
        return int(self._database.value(sql, _values(activity, wanted)))

    def causes(self, activity: int, *, limit: int) -> tuple[CauseRow, ...]:
        """Return why items went wrong, each cause with its number of items, the most frequent first."""
        rows = self._database.rows(_SQL["causes"], {"activity": activity, "limit": limit})
        return tuple(
            CauseRow(code=code, attribute=attribute, operation=operation, count=int(n), messages=int(m), first=int(f))
            for code, attribute, operation, n, m, f in rows
        )

    def objects_of_cause(self, activity: int, code: str) -> list[int]:
        """Return the objects that have an item of this code."""
        return [int(i) for (i,) in self._database.rows(_SQL["objects_of_cause"], {"activity": activity, "code": code})]


def _values(activity: int, wanted: ItemFilter) -> dict[str, object]:
    return {
        "activity": activity, "outcome": wanted.outcome, "operation": wanted.operation, "code": wanted.code,
        "object_type": wanted.object_type, "search": like_text(wanted.search),
    }  # fmt: skip
