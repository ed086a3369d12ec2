"""Objects of a connector space and pending exports, as the contract shows them."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.model.errors import NotFound
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.naming import guid, number_in
from accord.operations.administration.systems import system_named
from accord.operations.values import attributes_of, changes_between
from accord.store.browsing import Row, Slice

_SHOWN = 100
MAX_ATTEMPTS = 5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectValue:
    """One value of an attribute."""

    __pydantic_config__ = CAMEL
    id: str
    attribute_id: int | None
    attribute_name: str
    string_value: str | None


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
    secondary_external_id_value: str | None
    type_id: int | None
    type_name: str
    status: ObjectStatus
    join_type: JoinType
    has_pending_export: bool
    pending_export_id: str | None
    metaverse_object_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceObjectDetail:
    """An object with its values; of many, the first hundred of an attribute."""

    __pydantic_config__ = CAMEL
    id: str
    status: ObjectStatus
    join_type: JoinType
    display_name: str | None
    connected_system_id: int
    connected_system_name: str
    type_id: int | None
    type_name: str
    metaverse_object_id: str | None
    attribute_values: tuple[ObjectValue, ...]
    attribute_value_summaries: tuple[ValueSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """One attribute of a pending export."""

    __pydantic_config__ = CAMEL
    id: str
    attribute_id: int | None
    attribute_name: str
    change_type: str
    status: str
    string_value: str | None
    export_attempt_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingView:
    """A change a system shall make. References are counted, and shown by `explain`."""

    __pydantic_config__ = CAMEL
    id: str
    connected_system_id: int
    change_type: str
    status: str
    error_count: int
    max_retries: int
    next_retry_at: str | None
    last_error_message: str | None
    has_unresolved_references: bool
    unresolved_reference_count: int
    target_object_identifier: str | None
    source_metaverse_object_id: str | None
    attribute_change_count: int
    connected_system_object_id: str
    attribute_changes: tuple[PendingChange, ...]


_HOW = {"projected": JoinType.PROJECTED, "provisioned": JoinType.PROVISIONED, "joined": JoinType.JOINED}
_STATES = {"pending": "Pending", "exported": "Exported", "failed": "Failed", "unknown": "Executing"}


def rows_from(first: int, count: int) -> Slice:
    """Return which rows of a list a page shows."""
    return Slice(offset=first, limit=count)


def page_objects(
    desk: Desk, system_number: int, rows: Slice, *, text: str = "", type_number: int | None = None
) -> tuple[list[SpaceObject], int]:
    """Return a page of the objects of a system that fit, and how many fit."""
    name = system_named(desk, system_number)
    type_ = desk.ids.steps("object_type", type_number)[1] if type_number is not None else ""
    browsing = desk.context.store.browsing
    found = browsing.objects(name, rows, type_=type_, text=text)
    return [_object(desk, name, row) for row in found], browsing.count_objects(name, type_=type_, text=text)


def count_objects(desk: Desk, system_number: int) -> int:
    """Return how many objects a system has."""
    return desk.context.store.browsing.count_objects(system_named(desk, system_number))


def read_space_object(desk: Desk, system_number: int, number: str) -> SpaceObjectDetail:
    """Return one object; raise NotFound when it is none of this system."""
    name = system_named(desk, system_number)
    row = desk.context.store.browsing.one_object(number_in("object", number, what="object"))
    if row is None or row["system"] != name:
        raise NotFound(f"there is no object {number} in {name}", remedy="list the objects of the connector space")
    head = _object(desk, name, row)
    values = attributes_of(row["doc"])
    return SpaceObjectDetail(
        id=head.id, status=head.status, join_type=head.join_type, display_name=head.display_name,
        connected_system_id=system_number, connected_system_name=desk.read.systems[name].title or name,
        type_id=head.type_id, type_name=head.type_name, metaverse_object_id=head.metaverse_object_id,
        attribute_values=tuple(
            ObjectValue(
                id=f"{number}/{a.name}/{position}", attribute_name=a.name, string_value=value,
                attribute_id=desk.ids.get("attribute", name, row["type"], a.name),
            )
            for a in values
            for position, value in enumerate(a.values[:_SHOWN])
        ),
        attribute_value_summaries=tuple(
            ValueSummary(
                attribute_name=a.name, total_count=len(a.values), returned_count=min(len(a.values), _SHOWN),
                has_more=len(a.values) > _SHOWN,
            )
            for a in values
        ),
    )  # fmt: skip


def page_pending(desk: Desk, system_number: int, rows: Slice) -> tuple[list[PendingView], int]:
    """Return a page of the pending exports of a system, and how many there are."""
    name = system_named(desk, system_number)
    browsing = desk.context.store.browsing
    return [_pending(desk, row) for row in browsing.pending(name, rows)], browsing.count_pending(name)


def read_pending(desk: Desk, number: str) -> PendingView:
    """Return one pending export; raise NotFound when there is none."""
    row = desk.context.store.browsing.one_pending(number_in("pending", number, what="pending export"))
    if row is None:
        raise NotFound(f"there is no pending export {number}", remedy="list the pending exports of the system")
    return _pending(desk, row)


def _object(desk: Desk, name: str, row: Row) -> SpaceObject:
    identity = row["identity_id"]
    return SpaceObject(
        id=guid("object", row["id"]), connected_system_id=desk.ids.of("system", name),
        display_name=_display(row["doc"]) or row["dn"] or row["anchor"], external_id_value=row["anchor"],
        secondary_external_id_value=row["dn"], type_id=desk.ids.get("object_type", name, row["type"]),
        type_name=row["type"],
        status=ObjectStatus.NORMAL if row["doc"] is not None else ObjectStatus.PENDING_PROVISIONING,
        join_type=_HOW.get(str(row["how"]), JoinType.NOT_JOINED), has_pending_export=row["operation"] is not None,
        pending_export_id=guid("pending", row["id"]) if row["operation"] is not None else None,
        metaverse_object_id=guid("identity", identity) if identity is not None else None,
    )  # fmt: skip


def _display(document: str | None) -> str | None:
    values: dict[str, Any] = json.loads(document) if document else {}
    wanted = ("displayname", "display_name", "name", "cn")
    return next((str(values[key]) for key in values if key.lower() in wanted), None)


def _pending(desk: Desk, row: Row) -> PendingView:
    state = _STATES.get(row["state"], "Pending")
    if row["state"] == "pending" and row["code"] == "NOT_CONFIRMED":
        state = "ExportNotConfirmed"
    changes = changes_between(row["before"], row["after"])
    due = row["due_at"]
    return PendingView(
        id=guid("pending", row["object_id"]), connected_system_id=desk.ids.get("system", row["system"]) or 0,
        change_type={"create": "Create", "delete": "Delete"}.get(row["operation"], "Update"), status=state,
        error_count=row["attempts"] if row["code"] else 0, max_retries=MAX_ATTEMPTS,
        next_retry_at=None if due is None else desk.moment(due), last_error_message=row["message"] or None,
        has_unresolved_references=False, unresolved_reference_count=0,
        target_object_identifier=row["new_dn"] or row["dn"] or row["object_dn"] or row["anchor"],
        source_metaverse_object_id=guid("identity", row["identity_id"]) if row["identity_id"] is not None else None,
        attribute_change_count=len(changes) + row["edges"],
        connected_system_object_id=guid("object", row["object_id"]),
        attribute_changes=tuple(
            PendingChange(
                id=f"{guid('pending', row['object_id'])}/{change.name}",
                attribute_id=desk.ids.get("attribute", row["system"], row["type"], change.name),
                attribute_name=change.name,
                change_type="RemoveAll" if not change.after else "Update" if change.before else "Add",
                status="Pending", string_value="; ".join(change.after) or None, export_attempt_count=row["attempts"],
            )
            for change in changes
        ),
    )  # fmt: skip
