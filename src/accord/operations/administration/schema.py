"""What a system offers, and what of it is used: object types and attributes, discovered and chosen."""

import json

from accord.config.canonical import Document
from accord.config.documents import system_document
from accord.config.places import FileKind
from accord.model.errors import Invalid, NotFound, UsageError
from accord.model.rules import ConnectedSystem
from accord.model.schema import ValueType
from accord.operations.administration.desk import Desk, Draft
from accord.operations.administration.moments import made_at
from accord.operations.administration.naming import DN_ATTRIBUTE, known_types
from accord.operations.administration.opening import opened_draft
from accord.operations.administration.schema_views import (
    AttributeChange,
    AttributeFailure,
    AttributesChange,
    AttributesChanged,
    AttributeView,
    ObjectTypeChange,
    ObjectTypeView,
)
from accord.operations.administration.words import Plurality, data_type, value_type, writability

Offered = dict[str, Document]
"""Object types by name as they would be declared: anchor and attributes."""


def discover_schema(desk: Desk, name: str) -> Offered:
    """Ask a system what it offers; object types as they would be declared."""
    opened = opened_draft(desk, name)
    try:
        found = opened.connector.discover()
    finally:
        opened.connector.close()
    declared = ConnectedSystem(name=name, connector="", settings={}, object_types=found.object_types)
    types = system_document(declared)["objects"]
    return {str(n): dict(t) for n, t in types.items()} if isinstance(types, dict) else {}


def offered(desk: Desk, name: str) -> Offered:
    """Return what a system offered last."""
    found = desk.context.store.configurations.discovery(name, "schema")
    return dict(json.loads(found)) if found else {}


def object_types_of(desk: Desk, name: str, *, with_attributes: bool) -> tuple[ObjectTypeView, ...]:
    """Return the object types of a system, declared and offered, by name."""
    known = known_types(desk.context, name, desk.read.systems[name])
    types = offered(desk, name)
    return tuple(
        _type_view(desk, name, type_name, attributes, types, with_attributes=with_attributes)
        for type_name, attributes in sorted(known.items())
    )


def read_object_type(desk: Desk, name: str, number: int) -> ObjectTypeView:
    """Return one object type with its attributes; raise NotFound when it is none of this system."""
    type_name = type_named(desk, name, number)
    known = known_types(desk.context, name, desk.read.systems[name])
    return _type_view(desk, name, type_name, known[type_name], offered(desk, name), with_attributes=True)


def change_object_type(desk: Desk, name: str, number: int, change: ObjectTypeChange) -> ObjectTypeView:
    """Choose an object type, or choose it no more."""
    type_name, types = type_named(desk, name, number), offered(desk, name)

    def edit(draft: Draft) -> None:
        objects = _objects(draft, name)
        if change.selected is True and type_name not in objects:
            objects[type_name] = _declared(types, type_name)
        elif change.selected is False:
            objects.pop(type_name, None)

    after = desk.change("change_object_type", f"{name}.{type_name}", change.change_reason, edit)
    return read_object_type(after, name, number)


def change_attributes(desk: Desk, name: str, type_number: int, change: AttributesChange) -> AttributesChanged:
    """Choose attributes, make one the anchor, give them types; what does not fit is told, the rest is done."""
    type_name, types = type_named(desk, name, type_number), offered(desk, name)
    wanted: dict[str, AttributeChange] = {}
    errors: list[AttributeFailure] = []
    for number, one in change.attributes.items():
        try:
            wanted[_attribute_named(desk, name, type_name, int(number))] = one
        except (NotFound, ValueError) as error:
            errors.append(AttributeFailure(attribute_id=number, error_message=str(error).partition("\n")[0]))

    def edit(draft: Draft) -> None:
        objects = _objects(draft, name)
        declared = objects.setdefault(type_name, _declared(types, type_name))
        for attribute, one in wanted.items():
            _change_attribute(declared, types.get(type_name, {}), attribute, one)

    after = desk.change("change_attributes", f"{name}.{type_name}", change.change_reason, edit) if wanted else desk
    views = read_object_type(after, name, type_number).attributes or ()
    changed = tuple(view for view in views if view.name in wanted)
    return AttributesChanged(
        activity_id=None, updated_count=len(changed), updated_attributes=changed, errors=tuple(errors) or None
    )


def change_attribute(
    desk: Desk, name: str, type_number: int, attribute_number: int, change: AttributeChange
) -> AttributeView:
    """Change one attribute; raise NotFound when it is none of this object type."""
    several = AttributesChange(attributes={str(attribute_number): change}, change_reason=change.change_reason)
    done = change_attributes(desk, name, type_number, several)
    if not done.updated_attributes:
        raise NotFound(f"there is no attribute {attribute_number}", remedy="list the attributes of the object type")
    return done.updated_attributes[0]


def type_named(desk: Desk, name: str, number: int) -> str:
    """Return the object type of a number; raise NotFound when it is none of this system."""
    system, type_name = desk.ids.steps("object_type", number)
    if system != name:
        raise NotFound(f"there is no object type {number} in {name}", remedy="list the object types of the system")
    return type_name


def _attribute_named(desk: Desk, name: str, type_name: str, number: int) -> str:
    system, of, attribute = desk.ids.steps("attribute", number)
    if (system, of) != (name, type_name):
        raise NotFound(f"there is no attribute {number} in {type_name}", remedy="list the attributes")
    return attribute


def _change_attribute(declared: Document, found: Document, attribute: str, change: AttributeChange) -> None:
    if attribute == DN_ATTRIBUTE:
        # It is always read where there is one.
        return
    attributes = declared.setdefault("attributes", {})
    if not isinstance(attributes, dict):
        raise UsageError("the attributes are not a mapping", remedy="look at the document")
    anchor = declared.get("anchor")
    anchors = [anchor] if isinstance(anchor, str) else list(anchor) if isinstance(anchor, list) else []
    if change.is_external_id is True:
        declared["anchor"] = attribute
        attributes.setdefault(attribute, _found_attribute(found, attribute))
    if change.selected is True:
        attributes.setdefault(attribute, _found_attribute(found, attribute))
    elif change.selected is False:
        if attribute in anchors:
            raise Invalid("the external id is always read", {"selected": [f"{attribute} is the external id"]})
        attributes.pop(attribute, None)
    if change.type is not None:
        given = attributes.get(attribute, {})
        full = dict(given) if isinstance(given, dict) else {"type": given}
        attributes[attribute] = {**full, "type": str(value_type(change.type))}


def _objects(draft: Draft, name: str) -> dict[str, Document]:
    objects = draft.document(FileKind.SYSTEM, name).setdefault("objects", {})
    if not isinstance(objects, dict):
        raise UsageError("the object types are not a mapping", remedy="look at the document")
    return objects


def _declared(types: Offered, type_name: str) -> Document:
    """Return an object type as it begins: its anchor and nothing else, until attributes are chosen."""
    found = types.get(type_name)
    if found is None:
        raise NotFound(f"the system offers no object type {type_name!r}", remedy="import its schema first")
    anchor = found["anchor"]
    anchors = [anchor] if isinstance(anchor, str) else list(anchor) if isinstance(anchor, list) else []
    return {"anchor": anchor, "attributes": {a: _found_attribute(found, a) for a in anchors}}


def _found_attribute(found: Document, attribute: str) -> object:
    attributes = found.get("attributes")
    given = attributes.get(attribute) if isinstance(attributes, dict) else None
    if isinstance(given, dict):
        kept = {key: value for key, value in given.items() if key not in {"description", "required"}}
        return kept["type"] if kept.keys() == {"type"} else kept
    return given or str(ValueType.TEXT)


def _type_view(  # noqa: PLR0913 - what the view is made of
    desk: Desk, name: str, type_name: str, attributes: list[str], types: Offered, *, with_attributes: bool
) -> ObjectTypeView:
    declared = desk.read.systems[name].objects
    views = None
    if with_attributes:
        shown = [*([DN_ATTRIBUTE] if _has_dn(desk, name) else []), *attributes]
        views = tuple(_attribute_view(desk, name, type_name, attribute, types) for attribute in dict.fromkeys(shown))
    return ObjectTypeView(
        id=desk.ids.of("object_type", name, type_name), name=type_name,
        created=made_at(desk, FileKind.SYSTEM, name), selected=type_name in declared,
        remove_contributed_attributes_on_obsoletion=True, attribute_count=len(attributes), tags=(),
        is_internal=False, attributes=views,
    )  # fmt: skip


def _attribute_view(desk: Desk, name: str, type_name: str, attribute: str, types: Offered) -> AttributeView:
    part = desk.read.systems[name].objects.get(type_name)
    declared = part.attributes.get(attribute) if part else None
    found = types.get(type_name, {}).get("attributes", {})
    given = found.get(attribute) if isinstance(found, dict) else None
    full: Document = dict(given) if isinstance(given, dict) else {"type": given or "text"}
    is_dn, is_anchor = attribute == DN_ATTRIBUTE, bool(part and attribute in part.anchor)
    type_ = declared.type if declared else ValueType(str(full.get("type", "text")))
    is_multivalued = declared.multivalued if declared else bool(full.get("multivalued"))
    written = str(declared.writability) if declared else str(full.get("writability", "read_write"))
    return AttributeView(
        id=desk.ids.of("attribute", name, type_name, attribute), name=attribute,
        description=str(full.get("description") or "") or None, class_name=type_name,
        created=made_at(desk, FileKind.SYSTEM, name), type=data_type(type_),
        type_set_by_administrator=bool(declared and given and str(declared.type) != str(full.get("type"))),
        attribute_plurality=Plurality.MULTI if is_multivalued else Plurality.SINGLE,
        selected=declared is not None or is_anchor or (is_dn and part is not None), is_external_id=is_anchor,
        is_secondary_external_id=is_dn, selection_locked=is_dn or is_anchor, writability=writability(written),
    )  # fmt: skip


def _has_dn(desk: Desk, name: str) -> bool:
    return desk.configured.kind_of(desk.read.systems[name].connector).capabilities.has_dn
