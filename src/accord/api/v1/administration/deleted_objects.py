"""What was there and is gone, for whoever misses it."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import looking
from accord.operations.administration import deleted as op
from accord.operations.administration.space import rows_from

router = APIRouter(prefix="/api/v1/history", tags=["History"])


@router.get("/deleted-objects/cso")
def list_deleted_connector_space_objects(
    door: AsReader, paging: Paged, system_id: Annotated[int | None, Query(alias="connectedSystemId")] = None
) -> Page[op.DeletedObject]:
    """List the objects of systems that are gone, the latest first."""
    with looking(door) as desk:
        rows = rows_from(paging.first_row, paging.page_size)
        items, total = op.page_deleted_objects(desk, rows, system_number=system_id, text=paging.filter or "")
    return paging.page_of(items, total)


@router.get("/deleted-objects/mvo")
def list_deleted_metaverse_objects(
    door: AsReader, paging: Paged, type_id: Annotated[int | None, Query(alias="objectTypeId")] = None
) -> Page[op.DeletedIdentity]:
    """List the objects of the metaverse that have ended, the latest first."""
    with looking(door) as desk:
        rows = rows_from(paging.first_row, paging.page_size)
        items, total = op.page_deleted_identities(desk, rows, type_number=type_id, text=paging.filter or "")
    return paging.page_of(items, total)


@router.get("/connected-systems/{system_id}/count")
def count_changes(door: AsReader, system_id: int) -> int:
    """Return how many changes of objects of a system are remembered."""
    with looking(door) as desk:
        return op.count_changes(desk, system_id)
