"""Pending exports as the contract shows them: what a system shall be told, and how far that is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.connectors.base import Operation
from accord.model.errors import NotFound
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.metaverse_objects import names_of
from accord.operations.administration.naming import guid, number_in
from accord.operations.administration.space import moments_of, value_type_of
from accord.operations.administration.systems import system_named
from accord.operations.administration.typed_values import TypedValue, typed
from accord.operations.values import ValueChange, changes_between
from accord.store.browsing import PendingFilter, Row, Slice

MAX_ATTEMPTS = 5
_NOT_CONFIRMED = "NOT_CONFIRMED"


class ChangeType(StrEnum):
    """What a pending export does."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


class PendingStatus(StrEnum):
    """How far a pending export is."""

    PENDING = "Pending"
    NOT_CONFIRMED = "ExportNotConfirmed"
    EXECUTING = "Executing"
    FAILED = "Failed"
    EXPORTED = "Exported"


class UnresolvedReason(StrEnum):
    """Why a reference cannot be sent yet."""

    AWAITING_ANCHOR = "AwaitingAnchor"
    NOT_IN_TARGET_SYSTEM = "NotInTargetSystem"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange(TypedValue):
    """One value of a pending export: added, or removed; an attribute that gets its only value is updated."""

    id: str
    attribute_id: int | None
    attribute_name: str
    change_type: str
    status: str
    export_attempt_count: int
    unresolved_reference_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSummary:
    """How many values of an attribute change, and are shown."""

    __pydantic_config__ = CAMEL
    attribute_name: str
    total_count: int
    returned_count: int
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedReference:
    """A reference that waits for the object it refers to."""

    __pydantic_config__ = CAMEL
    attribute_change_id: str
    attribute_name: str
    referenced_metaverse_object_id: str | None
    referenced_metaverse_object_display_name: str | None
    reason: UnresolvedReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingView:
    """A change a system shall make."""

    __pydantic_config__ = CAMEL
    id: str
    connected_system_id: int
    change_type: ChangeType
    status: PendingStatus
    created_at: str
    last_attempted_at: str | None
    next_retry_at: str | None
    error_count: int
    max_retries: int
    last_error_message: str | None
    has_unresolved_references: bool
    unresolved_reference_count: int
    target_object_identifier: str | None
    source_metaverse_object_id: str | None
    source_metaverse_object_display_name: str | None
    attribute_change_count: int
    connected_system_object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDetail(PendingView):
    """A change a system shall make, value by value; of an attribute with many, the first hundred."""

    connected_system_name: str
    connected_system_object_type_name: str
    attribute_changes: tuple[PendingChange, ...]
    attribute_change_summaries: tuple[ChangeSummary, ...]
    unresolved_references: tuple[UnresolvedReference, ...]


def page_pending(desk: Desk, system_number: int, rows: Slice, *, text: str = "") -> tuple[list[PendingView], int]:
    """Return a page of the pending exports of a system that fit, and how many fit."""
    name = system_named(desk, system_number)
    browsing = desk.context.store.browsing
    found = browsing.pending(name, rows, text=text)
    names = names_of(desk, [row["identity_id"] for row in found if row["identity_id"] is not None])
    moments = moments_of(desk, (row[column] for row in found for column in _MOMENTS))
    views = [PendingView(**_head(desk, row, names, moments)) for row in found]
    return views, browsing.count_pending(name, PendingFilter(text=text))


def count_pending(
    desk: Desk, system_number: int, change: ChangeType | None = None, status: PendingStatus | None = None
) -> int:
    """Return how many pending exports of a system there are, of one kind and in one state where these are given."""
    wanted = PendingFilter(
        operations=_OPERATIONS[change] if change is not None else (),
        state=_STATE_OF[status] if status is not None else "",
        code=_NOT_CONFIRMED if status is PendingStatus.NOT_CONFIRMED else "",
        not_code=_NOT_CONFIRMED if status is PendingStatus.PENDING else "",
    )
    return desk.context.store.browsing.count_pending(system_named(desk, system_number), wanted)


def read_pending(desk: Desk, number: str) -> PendingDetail:
    """Return one pending export; raise NotFound when there is none."""
    row = desk.context.store.browsing.one_pending(number_in("pending", number, what="pending export"))
    if row is None:
        raise NotFound(f"there is no pending export {number}", remedy="list the pending exports of the system")
    names = names_of(desk, [row["identity_id"]] if row["identity_id"] is not None else [])
    moments = moments_of(desk, (row[column] for column in _MOMENTS))
    changes = changes_between(row["before"], row["after"])
    edges = desk.context.store.pending.read_pending_edges_of([row["object_id"]]).table.to_pylist()
    declared = desk.read.systems.get(row["system"])
    return PendingDetail(
        **_head(desk, row, names, moments),
        connected_system_name=(declared.title if declared else None) or row["system"],
        connected_system_object_type_name=row["type"],
        attribute_changes=(
            *(value for change in changes for value in _values(desk, row, change)),
            *(_reference(desk, row, edge) for edge in edges[:_SHOWN]),
        ),
        attribute_change_summaries=_summaries(changes, edges),
        unresolved_references=tuple(_unresolved(desk, row, edge) for edge in edges if _waits(edge)),
    )


_SHOWN = 100
_MOMENTS = ("planned_by", "sent_by")
_STATES = {
    "pending": PendingStatus.PENDING, "exported": PendingStatus.EXPORTED, "failed": PendingStatus.FAILED,
    "unknown": PendingStatus.EXECUTING,
}  # fmt: skip
_STATE_OF = {status: state for state, status in _STATES.items()} | {PendingStatus.NOT_CONFIRMED: "pending"}
_OPERATIONS = {
    ChangeType.CREATE: (Operation.CREATE.value,),
    ChangeType.UPDATE: (Operation.UPDATE.value, Operation.RENAME.value),
    ChangeType.DELETE: (Operation.DELETE.value,),
}
_CHANGES = {operation: change for change, operations in _OPERATIONS.items() for operation in operations}


def _head(desk: Desk, row: Row, names: Mapping[int, str], moments: Mapping[int, str]) -> dict[str, Any]:
    is_unconfirmed = row["state"] == "pending" and row["code"] == _NOT_CONFIRMED
    identity, due = row["identity_id"], row["due_at"]
    return {
        "id": guid("pending", row["object_id"]), "connected_system_id": desk.ids.get("system", row["system"]) or 0,
        "change_type": _CHANGES.get(row["operation"], ChangeType.UPDATE),
        "status": PendingStatus.NOT_CONFIRMED if is_unconfirmed else _STATES.get(row["state"], PendingStatus.PENDING),
        "created_at": moments.get(row["planned_by"], ""), "last_attempted_at": moments.get(row["sent_by"]),
        "next_retry_at": None if due is None else desk.moment(due),
        "error_count": row["attempts"] if row["code"] else 0, "max_retries": MAX_ATTEMPTS,
        "last_error_message": row["message"] or None, "has_unresolved_references": row["unresolved"] > 0,
        "unresolved_reference_count": row["unresolved"],
        "target_object_identifier": row["new_dn"] or row["dn"] or row["object_dn"] or row["anchor"],
        "source_metaverse_object_id": guid("identity", identity) if identity is not None else None,
        "source_metaverse_object_display_name": names.get(identity),
        "attribute_change_count": len(changes_between(row["before"], row["after"])) + row["edges"],
        "connected_system_object_id": guid("object", row["object_id"]),
    }  # fmt: skip


def _values(desk: Desk, row: Row, change: ValueChange) -> Iterator[PendingChange]:
    removed = [value for value in change.before if value not in change.after]
    added = [value for value in change.after if value not in change.before]
    is_single = len(change.before) <= 1 and len(change.after) == 1
    told = [("Update" if change.before else "Add", value) for value in added] if is_single else [
        *(("Remove", value) for value in removed), *(("Add", value) for value in added)
    ]  # fmt: skip
    type_ = value_type_of(desk, row["system"], row["type"], change.name)
    for position, (kind, value) in enumerate(told[:_SHOWN]):
        yield PendingChange(**_place(desk, row, change.name, position), change_type=kind, **typed(value, type_))


def _reference(desk: Desk, row: Row, edge: Row) -> PendingChange:
    name = edge["dst_text"] or edge["dst_dn"] or edge["dst_anchor"]
    return PendingChange(
        **_place(desk, row, edge["attr"], edge["dst_object"] or 0),
        change_type="Add" if edge["change"] == "add" else "Remove",
        string_value=None if _waits(edge) else name,
        unresolved_reference_value=name if _waits(edge) else None,
    )


def _place(desk: Desk, row: Row, attribute: str, position: int) -> dict[str, Any]:
    return {
        "id": f"{guid('pending', row['object_id'])}/{attribute}/{position}", "attribute_name": attribute,
        "attribute_id": desk.ids.get("attribute", row["system"], row["type"], attribute),
        "status": "ExportedPendingConfirmation" if row["state"] == "exported" else "Pending",
        "export_attempt_count": row["attempts"],
    }  # fmt: skip


def _summaries(changes: Sequence[ValueChange], edges: Sequence[Row]) -> tuple[ChangeSummary, ...]:
    counts = {change.name: len({*change.before} ^ {*change.after}) for change in changes}
    counts |= Counter(edge["attr"] for edge in edges)
    return tuple(
        ChangeSummary(attribute_name=n, total_count=c, returned_count=min(c, _SHOWN), has_more=c > _SHOWN)
        for n, c in sorted(counts.items())
    )


def _waits(edge: Row) -> bool:
    return edge["change"] == "add" and (edge["dst_object"] is None or bool(edge["dst_is_planned"]))


def _unresolved(desk: Desk, row: Row, edge: Row) -> UnresolvedReference:
    there = desk.context.store.browsing.one_object(edge["dst_object"]) if edge["dst_object"] is not None else None
    identity = there["identity_id"] if there is not None else None
    return UnresolvedReference(
        attribute_change_id=f"{guid('pending', row['object_id'])}/{edge['attr']}/{edge['dst_object'] or 0}",
        attribute_name=edge["attr"],
        referenced_metaverse_object_id=guid("identity", identity) if identity is not None else None,
        referenced_metaverse_object_display_name=names_of(desk, [identity]).get(identity)
        if identity is not None
        else None,
        reason=UnresolvedReason.NOT_IN_TARGET_SYSTEM if there is None else UnresolvedReason.AWAITING_ANCHOR,
    )
