"""Object types and attributes of the metaverse, and who wins them."""

from fastapi import APIRouter

from accord.api.callers import AsAdministrator, AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import attributes, priorities, types

router = APIRouter(prefix="/api/v1/metaverse", tags=["Metaverse"])


@router.get("/object-types")
def list_metaverse_types(door: AsReader, paging: Paged) -> Page[types.TypeView]:
    """List the object types by name."""
    with looking(door) as desk:
        return paging.cut([t for t in types.list_types(desk) if (paging.filter or "").lower() in t.name.lower()])


@router.post("/object-types", status_code=201)
def create_metaverse_type(door: AsAdministrator, body: types.TypeTerms) -> types.TypeView:
    """Make an object type."""
    with changing(door) as desk:
        return types.add_type(desk, body)


@router.get("/object-types/{type_id:int}")
def read_metaverse_type(door: AsReader, type_id: int) -> types.TypeView:
    """Return one object type with its attributes."""
    with looking(door) as desk:
        return types.read_type(desk, type_id)


@router.put("/object-types/{type_id:int}")
def change_metaverse_type(door: AsAdministrator, type_id: int, body: types.TypeTerms) -> types.TypeView:
    """Change an object type: its name, when its objects end."""
    with changing(door) as desk:
        return types.change_type(desk, type_id, body)


@router.delete("/object-types/{type_id:int}")
def remove_metaverse_type(door: AsAdministrator, type_id: int, reason: Reason = None) -> None:
    """Remove an object type that nothing uses."""
    with changing(door) as desk:
        types.remove_type(desk, type_id, reason)


@router.get("/attributes")
def list_metaverse_attributes(door: AsReader, paging: Paged) -> Page[attributes.MetaverseAttribute]:
    """List the attributes by name."""
    with looking(door) as desk:
        wanted = (paging.filter or "").lower()
        return paging.cut([a for a in attributes.list_attributes(desk) if wanted in a.name.lower()])


@router.post("/attributes", status_code=201)
def create_metaverse_attribute(
    door: AsAdministrator, body: attributes.NewMetaverseAttribute
) -> attributes.MetaverseAttribute:
    """Make an attribute."""
    with changing(door) as desk:
        return attributes.add_attribute(desk, body)


@router.get("/attributes/{attribute_id:int}")
def read_metaverse_attribute(door: AsReader, attribute_id: int) -> attributes.MetaverseAttribute:
    """Return one attribute."""
    with looking(door) as desk:
        return attributes.read_attribute(desk, attribute_id)


@router.patch("/attributes/{attribute_id:int}")
@router.patch("/attributes/{attribute_id}/schema")
def change_metaverse_attribute(
    door: AsAdministrator, attribute_id: int, body: attributes.MetaverseAttributeChange
) -> attributes.MetaverseAttribute:
    """Change what values an attribute holds, or which object types have it."""
    with changing(door) as desk:
        return attributes.change_attribute(desk, attribute_id, body)


@router.delete("/attributes/{attribute_id:int}")
def remove_metaverse_attribute(
    door: AsAdministrator, attribute_id: int, reason: Reason = None
) -> attributes.MetaverseAttribute:
    """Remove an attribute that no rule uses; it is returned as it was."""
    with changing(door) as desk:
        return attributes.remove_attribute(desk, attribute_id, reason)


@router.post("/attributes/{attribute_id}/object-types/{type_id}")
def bind_attribute(
    door: AsAdministrator, attribute_id: int, type_id: int, reason: Reason = None
) -> attributes.MetaverseAttribute:
    """Let an object type have an attribute."""
    with changing(door) as desk:
        return attributes.bind(desk, attribute_id, type_id, reason)


@router.delete("/attributes/{attribute_id}/object-types/{type_id}")
def unbind_attribute(
    door: AsAdministrator, attribute_id: int, type_id: int, reason: Reason = None
) -> attributes.MetaverseAttribute:
    """Take an attribute from an object type."""
    with changing(door) as desk:
        return attributes.unbind(desk, attribute_id, type_id, reason)


@router.get("/attributes/{attribute_id}/priorities/{type_id}")
def read_priorities(door: AsReader, attribute_id: int, type_id: int) -> priorities.PriorityOrder:
    """Return which mappings contribute to an attribute, the winner first."""
    with looking(door) as desk:
        return priorities.read_priorities(desk, attribute_id, type_id)


@router.put("/attributes/{attribute_id}/priorities/{type_id}")
def put_priorities(
    door: AsAdministrator, attribute_id: int, type_id: int, body: priorities.NewOrder
) -> priorities.PriorityOrder:
    """Order all contributors anew."""
    with changing(door) as desk:
        return priorities.put_priorities(desk, attribute_id, type_id, body)


@router.put("/attributes/{attribute_id}/priorities/{type_id}/mappings/{mapping_id}")
def move_contributor(
    door: AsAdministrator, attribute_id: int, type_id: int, mapping_id: int, body: priorities.NewPlace
) -> priorities.PriorityOrder:
    """Move one contributor to another place; 1 wins."""
    with changing(door) as desk:
        return priorities.move_contributor(desk, attribute_id, type_id, mapping_id, body)
