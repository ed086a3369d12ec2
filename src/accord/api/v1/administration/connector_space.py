"""What systems said, object by object, and what waits to be sent to them."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import looking
from accord.operations.administration import pending_exports as pending
from accord.operations.administration import space as op

router = APIRouter(prefix="/api/v1/synchronisation", tags=["Connector space"])
_SYSTEM = "/connected-systems/{system_id}"
_TypeId = Annotated[int | None, Query(alias="objectTypeId")]


@router.get(f"{_SYSTEM}/connector-space")
def list_connector_space(
    door: AsReader,
    system_id: int,
    paging: Paged,
    type_id: _TypeId = None,
    status: Annotated[op.ObjectStatus | None, Query()] = None,
    joined: Annotated[op.JoinType | None, Query(alias="joinType")] = None,
) -> Page[op.SpaceObject]:
    """List the objects of a system, unless sorted in the order they came to be known."""
    sort = paging.order_among(op.ObjectSort, op.ObjectSort.CREATED)
    with looking(door) as desk:
        wanted = op.objects_wanted(desk, text=paging.filter or "", type_number=type_id, status=status, joined=joined)
        rows = op.rows_from(paging.first_row, paging.page_size)
        items, total = op.page_objects(desk, system_id, rows, wanted, sort=sort, is_descending=bool(paging.descending))
    return paging.page_of(items, total)


@router.get(f"{_SYSTEM}/connector-space/count")
def count_connector_space(
    door: AsReader,
    system_id: int,
    type_id: _TypeId = None,
    partition_id: Annotated[int | None, Query(alias="partitionId")] = None,
) -> int:
    """Return how many objects a system has."""
    with looking(door) as desk:
        wanted = op.objects_wanted(desk, type_number=type_id, partition=partition_id)
        return op.count_objects(desk, system_id, wanted)


@router.get(f"{_SYSTEM}/connector-space/{{object_id}}")
def read_connector_space_object(door: AsReader, system_id: int, object_id: str) -> op.SpaceObjectDetail:
    """Return one object with its values."""
    with looking(door) as desk:
        return op.read_space_object(desk, system_id, object_id)


@router.get(f"{_SYSTEM}/connector-space/{{object_id}}/attributes/{{attribute}}/values")
def list_object_values(
    door: AsReader, system_id: int, object_id: str, attribute: str, paging: Paged
) -> Page[op.ObjectValue]:
    """List the values of one attribute of an object, however many there are."""
    with looking(door) as desk:
        rows = op.rows_from(paging.first_row, paging.page_size)
        items, total = op.page_values(desk, system_id, object_id, attribute, rows)
    return paging.page_of(items, total)


@router.get(f"{_SYSTEM}/pending-exports")
def list_pending_exports(door: AsReader, system_id: int, paging: Paged) -> Page[pending.PendingView]:
    """List what waits to be sent to a system, or to be confirmed by it."""
    with looking(door) as desk:
        rows = op.rows_from(paging.first_row, paging.page_size)
        items, total = pending.page_pending(desk, system_id, rows, text=paging.filter or "")
    return paging.page_of(items, total)


@router.get(f"{_SYSTEM}/pending-exports/count")
def count_pending_exports(
    door: AsReader,
    system_id: int,
    change: Annotated[pending.ChangeType | None, Query(alias="changeType")] = None,
    status: Annotated[pending.PendingStatus | None, Query()] = None,
) -> int:
    """Return how much waits."""
    with looking(door) as desk:
        return pending.count_pending(desk, system_id, change, status)


@router.get("/pending-exports/{export_id}")
def read_pending_export(door: AsReader, export_id: str) -> pending.PendingDetail:
    """Return one pending export with the attributes that change."""
    with looking(door) as desk:
        return pending.read_pending(desk, export_id)
