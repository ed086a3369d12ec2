"""Objects of the metaverse: search, detail with where each value comes from, deletions that wait."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import looking
from accord.operations.administration import metaverse_objects as op
from accord.operations.administration.space import rows_from

router = APIRouter(prefix="/api/v1/metaverse", tags=["Metaverse"])

_Type = Annotated[int | None, Query(alias="objectTypeId")]
_Has = Annotated[str, Query(alias="hasAttribute", max_length=256)]


@router.get("/objects")
def list_metaverse_objects(
    door: AsReader,
    paging: Paged,
    type_id: _Type = None,
    has: _Has = "",
    attributes: Annotated[list[str] | None, Query()] = None,
    name: Annotated[str, Query(alias="filterAttributeName", max_length=256)] = "",
    value: Annotated[str, Query(alias="filterAttributeValue", max_length=1000)] = "",
) -> Page[op.MetaverseHead]:
    """Search the metaverse; `attributes` names those to show, `*` all."""
    with looking(door) as desk:
        wanted = op.filter_of(
            desk, type_number=type_id, text=paging.filter or "", has=has, equals=(name, value) if name else None
        )
        items, total = op.page_identities(desk, wanted, rows_from(paging.first_row, paging.page_size), attributes or ())
    return paging.page_of(items, total)


@router.get("/objects/count")
def count_metaverse_objects(
    door: AsReader, type_id: _Type = None, has: _Has = "", search: Annotated[str, Query(max_length=1000)] = ""
) -> int:
    """Return how many objects fit."""
    with looking(door) as desk:
        return op.count_identities(desk, op.filter_of(desk, type_number=type_id, text=search, has=has))


@router.get("/objects/{object_id}")
def read_metaverse_object(door: AsReader, object_id: str) -> op.MetaverseDetail:
    """Return one object: its values with system and rule, and the objects that belong to it."""
    with looking(door) as desk:
        return op.read_metaverse_object(desk, object_id)


@router.get("/pending-deletions")
def list_pending_deletions(door: AsReader, paging: Paged) -> Page[op.PendingDeletion]:
    """List the objects whose deletion waits for the end of a grace period."""
    with looking(door) as desk:
        items, total = op.page_deletions(desk, rows_from(paging.first_row, paging.page_size))
    return paging.page_of(items, total)


@router.get("/pending-deletions/count")
def count_pending_deletions(door: AsReader) -> int:
    """Return how many deletions wait."""
    with looking(door) as desk:
        return op.page_deletions(desk, rows_from(0, 1))[1]


@router.get("/pending-deletions/summary")
def summarise_pending_deletions(door: AsReader) -> op.DeletionSummary:
    """Return how many deletions wait, and for what."""
    with looking(door) as desk:
        return op.summarise_deletions(desk)
