"""What systems said, object by object, and what waits to be sent to them."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import looking
from accord.operations.administration import space as op

router = APIRouter(prefix="/api/v1/synchronisation", tags=["Connector space"])
_SYSTEM = "/connected-systems/{system_id}"


@router.get(f"{_SYSTEM}/connector-space")
def list_connector_space(
    door: AsReader, system_id: int, paging: Paged, type_id: Annotated[int | None, Query(alias="objectTypeId")] = None
) -> Page[op.SpaceObject]:
    """List the objects of a system in the order they came to be known."""
    with looking(door) as desk:
        items, total = op.page_objects(
            desk,
            system_id,
            op.rows_from(paging.first_row, paging.page_size),
            text=paging.filter or "",
            type_number=type_id,
        )
    return paging.page_of(items, total)


@router.get(f"{_SYSTEM}/connector-space/count")
def count_connector_space(door: AsReader, system_id: int) -> int:
    """Return how many objects a system has."""
    with looking(door) as desk:
        return op.count_objects(desk, system_id)


@router.get(f"{_SYSTEM}/connector-space/{{object_id}}")
def read_connector_space_object(door: AsReader, system_id: int, object_id: str) -> op.SpaceObjectDetail:
    """Return one object with its values."""
    with looking(door) as desk:
        return op.read_space_object(desk, system_id, object_id)


@router.get(f"{_SYSTEM}/pending-exports")
def list_pending_exports(door: AsReader, system_id: int, paging: Paged) -> Page[op.PendingView]:
    """List what waits to be sent to a system, or to be confirmed by it."""
    with looking(door) as desk:
        items, total = op.page_pending(desk, system_id, op.rows_from(paging.first_row, paging.page_size))
    return paging.page_of(items, total)


@router.get(f"{_SYSTEM}/pending-exports/count")
def count_pending_exports(door: AsReader, system_id: int) -> int:
    """Return how much waits."""
    with looking(door) as desk:
        return op.page_pending(desk, system_id, op.rows_from(0, 1))[1]


@router.get("/pending-exports/{export_id}")
def read_pending_export(door: AsReader, export_id: str) -> op.PendingView:
    """Return one pending export with the attributes that change."""
    with looking(door) as desk:
        return op.read_pending(desk, export_id)
