"""How declared things came to be what they are: every revision, compared."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsAdministrator, AsReader
from accord.api.shapes import Changed, Shape
from accord.api.v1.administration.desks import changing, looking
from accord.operations.administration import revisions as op
from accord.operations.administration.owners import Owner, owner_of

router = APIRouter(prefix="/api/v1", tags=["Change history"])


class _Kind(StrEnum):
    SYSTEM = "synchronisation/connected-systems"
    RULE = "synchronisation/sync-rules"
    TYPE = "metaverse/object-types"
    SCHEDULE = "schedules"


class Restoring(Changed):
    """The revision to go back to."""

    version: int


class Restored(Shape):
    """The revision made by going back."""

    version: int


_From = Annotated[int, Query(alias="fromVersion", ge=0)]
_To = Annotated[int, Query(alias="toVersion", ge=1)]


@router.get("/configuration/revisions")
def list_revisions(door: AsReader) -> list[op.RevisionView]:
    """List every change of the configuration, the newest first."""
    with looking(door) as desk:
        return op.list_revisions(desk)


@router.get("/configuration/revisions/{version}")
def read_revision(door: AsReader, version: int) -> tuple[op.ChangedFile, ...]:
    """Return what a revision changed, file by file, line by line."""
    with looking(door) as desk:
        return op.changed_files(desk, version)


@router.post("/configuration/restore")
def restore(door: AsAdministrator, body: Restoring) -> Restored:
    """Make the whole configuration what it was at a revision, as a new one."""
    with changing(door) as desk:
        return Restored(version=op.restore(desk, body.version, body.change_reason or ""))


def _add(kind: _Kind, owner: Owner) -> None:
    def list_changes(door: AsReader, thing_id: str) -> list[op.RevisionView]:
        with looking(door) as desk:
            return op.list_revisions(desk, *owner_of(desk, owner, thing_id))

    def compare_changes(door: AsReader, thing_id: str, before: _From, after: _To) -> op.Difference:
        with looking(door) as desk:
            return op.compare(desk, *owner_of(desk, owner, thing_id), before, after)

    def read_change(door: AsReader, thing_id: str, version: int) -> op.Snapshot:
        with looking(door) as desk:
            return op.read_snapshot(desk, *owner_of(desk, owner, thing_id), version)

    at, name = f"/{kind}/{{thing_id}}/change-history", owner.value
    router.get(at, name=f"list_changes_of_{name}", summary=f"List the changes of one {name}.")(list_changes)
    router.get(f"{at}/compare", name=f"compare_changes_of_{name}", summary=f"Compare two versions of one {name}.")(
        compare_changes
    )
    router.get(f"{at}/{{version}}", name=f"read_change_of_{name}", summary=f"Return one {name} as it was.")(read_change)


for _kind in _Kind:
    _add(_kind, Owner[_kind.name])
