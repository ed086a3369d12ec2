"""What a system offers and what of it is used: schema, object types, attributes, partitions, containers."""

from fastapi import APIRouter

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.administration.desks import changing, looking
from accord.operations.administration import hierarchy, schema, schema_views
from accord.operations.administration import schema_import as importing
from accord.operations.administration.systems import SystemDetail, read_system, system_named

router = APIRouter(prefix="/api/v1/synchronisation/connected-systems/{system_id}", tags=["Schemas"])


@router.post("/import-schema")
def import_schema(door: AsAdministrator, system_id: int, body: importing.SchemaImport | None = None) -> SystemDetail:
    """Ask the system what it offers. What is selected and not offered any more is an error, unless told what to do."""
    with changing(door) as desk:
        after = importing.import_schema(desk, system_named(desk, system_id), body or importing.SchemaImport())
        return read_system(after, system_id)


@router.post("/import-schema/preview")
def preview_schema(door: AsAdministrator, system_id: int) -> importing.SchemaDifference:
    """Return what importing the schema would change."""
    with looking(door) as desk:
        return importing.preview_schema(desk, system_named(desk, system_id))


@router.get("/object-types")
def list_object_types(door: AsReader, system_id: int) -> list[schema_views.ObjectTypeView]:
    """List the object types with their attributes."""
    with looking(door) as desk:
        return list(schema.object_types_of(desk, system_named(desk, system_id), with_attributes=True))


@router.get("/object-types/{type_id}")
def read_object_type(door: AsReader, system_id: int, type_id: int) -> schema_views.ObjectTypeView:
    """Return one object type with its attributes."""
    with looking(door) as desk:
        return schema.read_object_type(desk, system_named(desk, system_id), type_id)


@router.put("/object-types/{type_id}")
def change_object_type(
    door: AsAdministrator, system_id: int, type_id: int, body: schema_views.ObjectTypeChange
) -> schema_views.ObjectTypeView:
    """Select an object type, or select it no more."""
    with changing(door) as desk:
        return schema.change_object_type(desk, system_named(desk, system_id), type_id, body)


@router.put("/object-types/{type_id}/attributes")
def change_attributes(
    door: AsAdministrator, system_id: int, type_id: int, body: schema_views.AttributesChange
) -> schema_views.AttributesChanged:
    """Change several attributes, by their number; those that cannot be are told."""
    with changing(door) as desk:
        return schema.change_attributes(desk, system_named(desk, system_id), type_id, body)


@router.put("/object-types/{type_id}/attributes/{attribute_id}")
def change_attribute(
    door: AsAdministrator, system_id: int, type_id: int, attribute_id: int, body: schema_views.AttributeChange
) -> schema_views.AttributeView:
    """Select an attribute, make it the external id, give it a type."""
    with changing(door) as desk:
        return schema.change_attribute(desk, system_named(desk, system_id), type_id, attribute_id, body)


@router.post("/import-hierarchy")
def import_hierarchy(door: AsAdministrator, system_id: int) -> hierarchy.HierarchyImport:
    """Ask a directory for its partitions and containers."""
    with changing(door) as desk:
        return hierarchy.import_hierarchy(desk, system_named(desk, system_id))


@router.post("/import-hierarchy/preview")
def preview_hierarchy(door: AsAdministrator, system_id: int) -> hierarchy.HierarchyImport:
    """Return what importing the partitions and containers would change."""
    with looking(door) as desk:
        return hierarchy.preview_hierarchy(desk, system_named(desk, system_id))


@router.get("/partitions")
def list_partitions(door: AsReader, system_id: int) -> list[hierarchy.PartitionView]:
    """List the partitions with their containers."""
    with looking(door) as desk:
        return hierarchy.list_partitions(desk, system_named(desk, system_id))


@router.put("/partitions/{partition_id}")
def change_partition(
    door: AsAdministrator, system_id: int, partition_id: int, body: hierarchy.PartitionChange
) -> hierarchy.PartitionView:
    """Read a partition, or read it no more."""
    with changing(door) as desk:
        return hierarchy.change_partition(desk, system_named(desk, system_id), partition_id, body)


@router.put("/containers/{container_id}")
def change_container(
    door: AsAdministrator, system_id: int, container_id: int, body: hierarchy.ContainerChange
) -> hierarchy.ContainerView:
    """Read a container, leave it out, or neither."""
    with changing(door) as desk:
        return hierarchy.change_container(desk, system_named(desk, system_id), container_id, body)
