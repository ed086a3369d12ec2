"""Pages of lists: the numbered envelope of the run profile contract, and cursors for whoever reads on."""

import base64
import binascii
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import TypeAdapter

from accord.api.shapes import Shape
from accord.model.errors import UsageError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
MAX_PAGE_ROWS = 100
DEEPEST_ROW = 1_000_000


class SortDirection(StrEnum):
    """Which end of a list comes first."""

    ASC = "asc"
    DESC = "desc"


class Page(Shape, Generic[T]):
    """A page of a list. `nextCursor`, sent back as `cursor`, reads on at any depth."""

    items: list[T]
    total_count: int
    page: int
    page_size: int
    total_pages: int
    has_next_page: bool
    has_previous_page: bool
    next_cursor: str | None = None


class Paging(Shape):
    """Which page is asked for, in either spelling of the contract."""

    page: int
    page_size: int
    sort_by: str | None
    descending: bool | None
    filter: str | None
    cursor: str | None

    @property
    def first_row(self) -> int:
        """Return how many rows come before the page."""
        return (self.page - 1) * self.page_size

    def page_of(self, items: Sequence[T], total: int, *, next_cursor: str | None = None) -> "Page[T]":
        """Return the page with these items, of so many in all."""
        pages = -(-total // self.page_size)
        return Page(
            items=list(items), total_count=total, page=self.page, page_size=self.page_size, total_pages=pages,
            has_next_page=self.page < pages, has_previous_page=self.page > 1, next_cursor=next_cursor,
        )  # fmt: skip

    def cut(self, items: Sequence[T]) -> "Page[T]":
        """Return the page of a list that is all in memory, in the order asked for; raise UsageError for none."""
        ordered = sorted_by(items, self.sort_by, is_descending=bool(self.descending)) if self.sort_by else items
        return self.page_of(ordered[self.first_row : self.first_row + self.page_size], len(items))

    def order_among(self, orders: type[E], default: E) -> E:
        """Return which of these orders is asked for; raise UsageError when it is another."""
        if self.sort_by is None:
            return default
        found = next((order for order in orders if order.lower() == self.sort_by.lower()), None)
        if found is None:
            raise _no_order(self.sort_by, list(orders))
        return found


def paging(default_rows: int) -> Callable[..., Paging]:
    """Return the dependency that reads which page is asked for; larger pages than allowed are cut to what is."""

    def read(
        page: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
        page_size: Annotated[int, Query(alias="pageSize", ge=1, le=100_000)] = default_rows,
        sort_by: Annotated[str | None, Query(alias="sortBy", max_length=100)] = None,
        sort_direction: Annotated[SortDirection | None, Query(alias="sortDirection")] = None,
        sort_descending: Annotated[bool | None, Query(alias="sortDescending")] = None,
        filter: Annotated[str | None, Query(max_length=1000)] = None,  # noqa: A002 - the contract's name
        search: Annotated[str | None, Query(max_length=1000)] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Paging:
        rows = min(page_size, MAX_PAGE_ROWS)
        if (page - 1) * rows > DEEPEST_ROW:
            raise UsageError(
                f"row {(page - 1) * rows} is deeper than pages go ({DEEPEST_ROW})",
                remedy="filter, or read on by nextCursor",
            )
        direction = None if sort_direction is None else sort_direction is SortDirection.DESC
        return Paging(
            page=page, page_size=rows, sort_by=sort_by, filter=filter or search, cursor=cursor,
            descending=sort_descending if direction is None else direction,
        )  # fmt: skip

    return read


def sorted_by(items: Sequence[T], name: str, *, is_descending: bool) -> list[T]:
    """Return views sorted by a field as it is spelt outside, those without it last; raise UsageError for no field."""
    rows = [(_spelt(item), item) for item in items]
    if not rows:
        return []
    fields = {key.lower(): key for key, value in rows[0][0].items() if not isinstance(value, list | dict)}
    if name.lower() not in fields:
        raise _no_order(name, sorted(fields.values()))
    field = fields[name.lower()]
    known = [row for row in rows if row[0][field] is not None]
    known.sort(key=lambda row: _comparable(row[0][field]), reverse=is_descending)
    return [item for _, item in (*known, *(row for row in rows if row[0][field] is None))]


def _spelt(item: object) -> dict[str, Any]:
    return dict(TypeAdapter(type(item)).dump_python(item, mode="json", by_alias=True))


def _comparable(value: str | float) -> str | float:
    return value.casefold() if isinstance(value, str) else value


def _no_order(name: str, orders: Sequence[str]) -> UsageError:
    return UsageError(f"this list cannot be sorted by {name!r}", remedy=f"sort by one of: {', '.join(orders)}")


Paged = Annotated[Paging, Depends(paging(25))]
PagedWide = Annotated[Paging, Depends(paging(MAX_PAGE_ROWS))]
"""For lists of which clients ask without saying a page, and mean all of it."""


def cursor_at(key: int) -> str:
    """Return the cursor that reads on behind this key."""
    return base64.urlsafe_b64encode(f"after:{key}".encode()).decode("ascii").rstrip("=")


def key_at(cursor: str | None) -> int | None:
    """Return the key of a cursor we gave, None for none; raise UsageError for any other text."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        return int(text.removeprefix("after:"))
    except (binascii.Error, ValueError) as error:
        raise UsageError("this cursor is none of ours", remedy="send the cursor of the page before") from error
