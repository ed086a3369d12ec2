"""What a removal from the metaverse would do, and whether a name is free."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.v1.administration.desks import looking
from accord.operations.administration import impacts as op

router = APIRouter(prefix="/api/v1/metaverse", tags=["Metaverse"])
_Name = Annotated[str, Query(min_length=1, max_length=256)]


@router.get("/object-types/name-availability")
def read_type_name_availability(door: AsReader, name: _Name) -> op.NameAvailability:
    """Tell whether a new object type may have a name."""
    with looking(door) as desk:
        return op.type_name_availability(desk, name)


@router.get("/attributes/name-availability")
def read_attribute_name_availability(door: AsReader, name: _Name) -> op.NameAvailability:
    """Tell whether a new attribute may have a name."""
    with looking(door) as desk:
        return op.attribute_name_availability(desk, name)


@router.get("/object-types/{type_id}/delete-preview")
def preview_type_removal(door: AsReader, type_id: int) -> op.RemovalImpact:
    """Return what removing an object type would do."""
    with looking(door) as desk:
        return op.removal_of_type(desk, type_id)


@router.get("/attributes/{attribute_id}/deletion-preview")
def preview_attribute_removal(door: AsReader, attribute_id: int) -> op.RemovalImpact:
    """Return what removing an attribute from every object type would do."""
    with looking(door) as desk:
        return op.removal_of_attribute(desk, attribute_id)


@router.get("/attributes/{attribute_id}/object-types/{type_id}/unassign-preview")
def preview_unbinding(door: AsReader, attribute_id: int, type_id: int) -> op.RemovalImpact:
    """Return what taking an attribute from an object type would do."""
    with looking(door) as desk:
        return op.unbinding(desk, attribute_id, type_id)
