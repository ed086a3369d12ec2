"""Objects of a connector space, as the contract shows them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.model.errors import NotFound
from accord.model.schema import ValueType
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.naming import DN_ATTRIBUTE, guid, number_in
from accord.operations.administration.systems import system_named
from accord.operations.administration.typed_values import TypedValue, typed
from accord.operations.objects import read_subject
from accord.operations.subjects import Subject
from accord.operations.values import Attribute
from accord.store.browsing import ObjectFilter, ObjectOrder, Row, Slice

_SHOWN = 100
_FIRST = Slice(limit=_SHOWN)
_MOMENTS = ("created_by", "changed_by", "linked_by")


class JoinType(StrEnum):
    """How an object came to belong to an identity."""

    NOT_JOINED = "NotJoined"
    PROJECTED = "Projected"
    PROVISIONED = "Provisioned"
    JOINED = "Joined"


class ObjectStatus(StrEnum):
    """Whether an object is there, or asked for."""

    NORMAL = "Normal"
    OBSOLETE = "Obsolete"
    PENDING_PROVISIONING = "PendingProvisioning"


class ObjectSort(StrEnum):
    """What objects are listed by."""

    CREATED = "created"
    EXTERNAL_ID = "externalIdValue"
    SECONDARY_EXTERNAL_ID = "secondaryExternalIdValue"
    TYPE = "typeName"


_ORDERS = {
    ObjectSort.CREATED: ObjectOrder.ID, ObjectSort.EXTERNAL_ID: ObjectOrder.ANCHOR,
    ObjectSort.SECONDARY_EXTERNAL_ID: ObjectOrder.DN, ObjectSort.TYPE: ObjectOrder.TYPE,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectValue(TypedValue):
    """One value of an attribute, or an object it refers to."""

    id: str
    attribute_id: int | None
    attribute_name: str
    reference_value_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSummary:
    """How many values of an attribute there are, and are shown."""

    __pydantic_config__ = CAMEL
    attribute_name: str
    total_count: int
    returned_count: int
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceObject:
    """An object as it is listed."""

    __pydantic_config__ = CAMEL
    id: str
    connected_system_id: int
    display_name: str | None
    external_id_value: str | None
    external_id_attribute_name: str | None
    secondary_external_id_value: str | None
    secondary_external_id_attribute_name: str | None
    created: str
    last_updated: str | None
    type_id: int | None
    type_name: str
    status: ObjectStatus
    join_type: JoinType
    date_joined: str | None
    pending_display_name: str | None
    pending_external_id: str | None
    pending_secondary_external_id: str | None
    has_pending_export: bool
    pending_export_id: str | None
    metaverse_object_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceObjectDetail:
    """An object with its values; of many, the first hundred of an attribute."""

    __pydantic_config__ = CAMEL
    id: str
    created: str
    last_updated: str | None
    status: ObjectStatus
    join_type: JoinType
    date_joined: str | None
    display_name: str | None
    connected_system_id: int
    connected_system_name: str
    type_id: int | None
    type_name: str
    metaverse_object_id: str | None
    metaverse_object_display_name: str | None
    attribute_values: tuple[ObjectValue, ...]
    attribute_value_summaries: tuple[ValueSummary, ...]


_HOW = {"projected": JoinType.PROJECTED, "provisioned": JoinType.PROVISIONED, "joined": JoinType.JOINED}
_FILTER_HOW = {kind: how for how, kind in _HOW.items()} | {JoinType.NOT_JOINED: "none"}
_FILTER_STATUS = {
    ObjectStatus.NORMAL: "there", ObjectStatus.PENDING_PROVISIONING: "planned", ObjectStatus.OBSOLETE: "obsolete",
}  # fmt: skip


def rows_from(first: int, count: int) -> Slice:
    """Return which rows of a list a page shows."""
    return Slice(offset=first, limit=count)


def page_objects(  # noqa: PLR0913 - a page is that
    desk: Desk,
    system_number: int,
    rows: Slice,
    wanted: ObjectFilter,
    *,
    sort: ObjectSort = ObjectSort.CREATED,
    is_descending: bool = False,
) -> tuple[list[SpaceObject], int]:
    """Return a page of the objects of a system that fit, and how many fit."""
    name = system_named(desk, system_number)
    browsing = desk.context.store.browsing
    found = browsing.objects(name, rows, wanted, order=_ORDERS[sort], is_descending=is_descending)
    moments = moments_of(desk, (row[column] for row in found for column in _MOMENTS))
    return [_object(desk, name, row, moments) for row in found], browsing.count_objects(name, wanted)


def objects_wanted(  # noqa: PLR0913 - each is one way to narrow a list
    desk: Desk,
    *,
    text: str = "",
    type_number: int | None = None,
    status: ObjectStatus | None = None,
    joined: JoinType | None = None,
    partition: int | None = None,
) -> ObjectFilter:
    """Return which objects are asked for; raise NotFound for a type or partition there is none of."""
    return ObjectFilter(
        type=desk.ids.steps("object_type", type_number)[1] if type_number is not None else "",
        text=text,
        status=_FILTER_STATUS[status] if status is not None else "",
        how=_FILTER_HOW[joined] if joined is not None else "",
        below=desk.ids.steps("partition", partition)[1] if partition is not None else "",
    )


def count_objects(desk: Desk, system_number: int, wanted: ObjectFilter) -> int:
    """Return how many objects of a system fit."""
    return desk.context.store.browsing.count_objects(system_named(desk, system_number), wanted)


def moments_of(desk: Desk, activities: Iterable[int | None]) -> Mapping[int, str]:
    """Return when activities did what they did."""
    return desk.context.store.activities.moments({number for number in activities if number is not None})


def read_space_object(desk: Desk, system_number: int, number: str) -> SpaceObjectDetail:
    """Return one object; raise NotFound when it is none of this system."""
    name, row = _row(desk, system_number, number)
    head = _object(desk, name, row, moments_of(desk, (row[column] for column in _MOMENTS)))
    page = read_subject(desk.context, Subject(object_id=row["id"], identity_id=row["identity_id"]))
    values = next((o.attributes for o in page.objects if o.id == row["id"]), ())
    return SpaceObjectDetail(
        id=head.id, created=head.created, last_updated=head.last_updated, status=head.status,
        join_type=head.join_type, date_joined=head.date_joined, display_name=head.display_name,
        connected_system_id=system_number, connected_system_name=desk.read.systems[name].title or name,
        type_id=head.type_id, type_name=head.type_name, metaverse_object_id=head.metaverse_object_id,
        metaverse_object_display_name=page.identity.name if page.identity else None,
        attribute_values=tuple(v for a in values for v in _values(desk, name, row, a)),
        attribute_value_summaries=tuple(
            ValueSummary(
                attribute_name=a.name, total_count=len(a.values), returned_count=min(len(a.values), _SHOWN),
                has_more=len(a.values) > _SHOWN,
            )
            for a in values
        ),
    )  # fmt: skip


def page_values(
    desk: Desk, system_number: int, number: str, attribute: str, rows: Slice
) -> tuple[list[ObjectValue], int]:
    """Return some values of one attribute of an object, and how many there are; raise NotFound for no such object."""
    name, row = _row(desk, system_number, number)
    page = read_subject(desk.context, Subject(object_id=row["id"], identity_id=row["identity_id"]))
    found = next((a for o in page.objects if o.id == row["id"] for a in o.attributes if a.name == attribute), None)
    if found is None:
        return [], 0
    return list(_values(desk, name, row, found, rows)), len(found.values)


def value_type_of(desk: Desk, name: str, object_type: str, attribute: str) -> ValueType:
    """Return the type of an attribute of a system's objects; one that is declared no more is text."""
    system = desk.read.systems.get(name)
    declared = system.objects.get(object_type) if system else None
    part = declared.attributes.get(attribute) if declared else None
    return part.type if part else ValueType.TEXT


def _row(desk: Desk, system_number: int, number: str) -> tuple[str, Row]:
    name = system_named(desk, system_number)
    row = desk.context.store.browsing.one_object(number_in("object", number, what="object"))
    if row is None or row["system"] != name:
        raise NotFound(f"there is no object {number} in {name}", remedy="list the objects of the connector space")
    return name, row


def _values(desk: Desk, name: str, row: Row, attribute: Attribute, rows: Slice = _FIRST) -> Iterator[ObjectValue]:
    type_ = value_type_of(desk, name, row["type"], attribute.name)
    shown = attribute.values[rows.offset : rows.offset + rows.limit]
    for position, value in enumerate(shown, start=rows.offset):
        yield ObjectValue(
            id=f"{guid('object', row['id'])}/{attribute.name}/{position}", attribute_name=attribute.name,
            attribute_id=desk.ids.get("attribute", name, row["type"], attribute.name),
            reference_value_id=_referred(desk, name, value) if type_ is ValueType.REFERENCE else None,
            **typed(value, type_),
        )  # fmt: skip


def _referred(desk: Desk, name: str, text: str) -> str | None:
    found = desk.context.store.connector_space.find_objects(text, system=name, limit=1).table.to_pylist()
    return guid("object", found[0]["id"]) if found else None


def _object(desk: Desk, name: str, row: Row, moments: Mapping[int, str]) -> SpaceObject:
    identity, is_planned = row["identity_id"], row["doc"] is None
    anchor = _anchor(desk, name, row["type"])
    planned = _document(row["planned"]) if is_planned else {}
    is_changed = row["changed_by"] not in (None, row["created_by"])
    return SpaceObject(
        id=guid("object", row["id"]), connected_system_id=desk.ids.of("system", name),
        display_name=_display(_document(row["doc"])) or row["dn"] or row["anchor"], external_id_value=row["anchor"],
        external_id_attribute_name=anchor or None, secondary_external_id_value=row["dn"],
        secondary_external_id_attribute_name=DN_ATTRIBUTE if row["dn"] is not None else None,
        created=moments.get(row["created_by"], ""),
        last_updated=moments.get(row["changed_by"]) if is_changed else None,
        type_id=desk.ids.get("object_type", name, row["type"]), type_name=row["type"],
        status=ObjectStatus.PENDING_PROVISIONING if is_planned else ObjectStatus.NORMAL,
        join_type=_HOW.get(str(row["how"]), JoinType.NOT_JOINED), date_joined=moments.get(row["linked_by"]),
        pending_display_name=_display(planned),
        pending_external_id=str(planned[anchor]) if planned.get(anchor) is not None else None,
        pending_secondary_external_id=row["planned_dn"] if is_planned else None,
        has_pending_export=row["operation"] is not None,
        pending_export_id=guid("pending", row["id"]) if row["operation"] is not None else None,
        metaverse_object_id=guid("identity", identity) if identity is not None else None,
    )  # fmt: skip


def _anchor(desk: Desk, name: str, object_type: str) -> str:
    declared = desk.read.systems[name].objects.get(object_type)
    return ", ".join(declared.anchor) if declared else ""


def _document(text: str | None) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


def _display(values: Mapping[str, Any]) -> str | None:
    wanted = ("displayname", "display_name", "name", "cn")
    return next((str(values[key]) for key in values if key.lower() in wanted), None)
