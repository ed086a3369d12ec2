"""Searches that have a name, and the flows of all rules: what is looked at across everything that is declared."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import looking
from accord.operations.administration import metaverse_objects, searches
from accord.operations.administration.data_flows import DataFlow, list_flows
from accord.operations.administration.space import rows_from
from accord.operations.administration.words import Direction

router = APIRouter(prefix="/api/v1", tags=["Searches"])


@router.get("/predefined-searches")
def list_predefined_searches(door: AsReader) -> list[searches.NamedSearch]:
    """List the searches: one for each identity type."""
    with looking(door) as desk:
        return searches.list_searches(desk)


@router.get("/predefined-searches/{search_id}")
def read_predefined_search(door: AsReader, search_id: int) -> searches.NamedSearch:
    """Return one search."""
    with looking(door) as desk:
        return searches.read_search(desk, search_id)


@router.get("/predefined-searches/by-uri/{uri}")
def read_predefined_search_by_uri(door: AsReader, uri: str) -> searches.NamedSearch:
    """Return the search of an address."""
    with looking(door) as desk:
        return searches.search_at(desk, uri)


@router.get("/metaverse/objects/search/{uri}")
def run_predefined_search(
    door: AsReader,
    paging: Paged,
    uri: str,
    has: Annotated[str, Query(alias="hasAttribute", max_length=256)] = "",
) -> Page[metaverse_objects.MetaverseHead]:
    """Search the metaverse by a search that has a name."""
    with looking(door) as desk:
        number = searches.search_at(desk, uri).metaverse_object_type_id
        wanted = metaverse_objects.filter_of(desk, type_number=number, text=paging.filter or "", has=has)
        rows = rows_from(paging.first_row, paging.page_size)
        items, total = metaverse_objects.page_identities(desk, wanted, rows, ())
    return paging.page_of(items, total)


@router.get("/synchronisation/data-flows")
def list_data_flows(
    door: AsReader,
    paging: Paged,
    direction: Annotated[Direction | None, Query()] = None,
    system_id: Annotated[int | None, Query(alias="connectedSystemId")] = None,
    several: Annotated[bool, Query(alias="multipleContributorsOnly")] = False,
) -> Page[DataFlow]:
    """List the flows of all rules."""
    with looking(door) as desk:
        text = (paging.filter or "").lower()
        found = [
            flow
            for flow in list_flows(desk)
            if (direction is None or flow.direction is direction)
            and (system_id is None or flow.connected_system_id == system_id)
            and (not several or flow.contributors > 1)
            and text in f"{flow.sync_rule_name} {flow.source} {flow.target}".lower()
        ]
        return paging.cut(found)
