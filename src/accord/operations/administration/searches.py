"""Searches that have a name: one for each identity type, under what people call several of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from accord.model.errors import NotFound
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.types import TypeView, list_types

_APART = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSearch:
    """A search of everybody of one type, found by its address."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    uri: str
    metaverse_object_type_id: int
    metaverse_object_type_name: str
    built_in: bool
    is_enabled: bool
    created: str


def list_searches(desk: Desk) -> list[NamedSearch]:
    """Return the searches by name."""
    return [_search(view) for view in list_types(desk)]


def read_search(desk: Desk, number: int) -> NamedSearch:
    """Return one search; raise NotFound when there is none."""
    return _one(desk, str(number), lambda search: search.id == number)


def search_at(desk: Desk, uri: str) -> NamedSearch:
    """Return the search of an address; raise NotFound when there is none."""
    return _one(desk, uri, lambda search: search.uri == uri.lower())


def _one(desk: Desk, what: str, is_meant: Callable[[NamedSearch], bool]) -> NamedSearch:
    found = next((search for search in list_searches(desk) if is_meant(search)), None)
    if found is None:
        raise NotFound(f"there is no search {what}", remedy="list the searches")
    return found


def _search(view: TypeView) -> NamedSearch:
    title = view.plural_name or view.name
    return NamedSearch(
        id=view.id, name=title, uri=_APART.sub("-", title.lower()).strip("-") or f"type-{view.id}",
        metaverse_object_type_id=view.id, metaverse_object_type_name=view.name, built_in=True, is_enabled=True,
        created=view.created,
    )  # fmt: skip
