"""Objects that are gone, the latest first: of systems, and of the metaverse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accord.operations.activities import activity_name
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.metaverse_objects import names_in
from accord.operations.administration.naming import guid
from accord.operations.administration.space import moments_of
from accord.operations.administration.systems import system_named
from accord.operations.administration.types import identity_type_named
from accord.store.browsing import RemovedFilter, Row, Slice
from accord.store.history import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedObject:
    """An object of a system that is gone, with the run that took it away. What it was: `GET /explain/past`."""

    __pydantic_config__ = CAMEL
    id: str
    connected_system_id: int | None
    connected_system_name: str
    type_name: str
    external_id_value: str | None
    secondary_external_id_value: str | None
    created: str
    deleted: str
    deleted_by_activity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedIdentity:
    """An object of the metaverse that has ended, with the run that ended it."""

    __pydantic_config__ = CAMEL
    id: str
    type_name: str
    display_name: str | None
    created: str
    deleted: str
    deleted_by_activity: str


def page_deleted_objects(
    desk: Desk, rows: Slice, *, system_number: int | None, text: str
) -> tuple[list[DeletedObject], int]:
    """Return a page of the objects of systems that are gone, and how many there are; raise NotFound."""
    name = system_named(desk, system_number) if system_number is not None else ""
    wanted = RemovedFilter(kind=Subject.OBJECT, system=name, text=text)
    found, moments = _removed(desk, wanted, rows)
    return [_object(desk, row, moments) for row in found], desk.context.store.browsing.count_removed(wanted)


def page_deleted_identities(
    desk: Desk, rows: Slice, *, type_number: int | None, text: str
) -> tuple[list[DeletedIdentity], int]:
    """Return a page of the objects of the metaverse that have ended, and how many there are; raise NotFound."""
    type_ = identity_type_named(desk, type_number) if type_number is not None else ""
    wanted = RemovedFilter(kind=Subject.IDENTITY, type=type_, text=text)
    found, moments = _removed(desk, wanted, rows)
    names = names_in(desk, found)
    views = [
        DeletedIdentity(
            id=guid("identity", row["id"]), type_name=row["type"], display_name=names.get(row["id"]),
            created=moments.get(row["created_by"], ""), deleted=moments.get(row["activity"], ""),
            deleted_by_activity=activity_name(row["activity"]),
        )
        for row in found
    ]  # fmt: skip
    return views, desk.context.store.browsing.count_removed(wanted)


def count_changes(desk: Desk, system_number: int) -> int:
    """Return how many changes of objects of a system are remembered; raise NotFound."""
    return desk.context.store.browsing.count_changes(system_named(desk, system_number))


def _removed(desk: Desk, wanted: RemovedFilter, rows: Slice) -> tuple[Sequence[Row], Mapping[int, str]]:
    found = desk.context.store.browsing.removed(wanted, rows)
    return found, moments_of(desk, (row[column] for row in found for column in ("created_by", "activity")))


def _object(desk: Desk, row: Row, moments: Mapping[int, str]) -> DeletedObject:
    declared = desk.read.systems.get(row["system"])
    return DeletedObject(
        id=guid("object", row["id"]), connected_system_id=desk.ids.get("system", row["system"]),
        connected_system_name=(declared.title if declared else None) or row["system"], type_name=row["type"],
        external_id_value=row["anchor"], secondary_external_id_value=row["dn"],
        created=moments.get(row["created_by"], ""), deleted=moments.get(row["activity"], ""),
        deleted_by_activity=activity_name(row["activity"]),
    )  # fmt: skip
