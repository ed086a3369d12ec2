"""Connected systems: list, make, change, test, remove."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.pages import Page, PagedWide
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import systems as op
from accord.operations.administration.clearing import clear_system
from accord.operations.administration.opening import test_draft
from accord.operations.systems import ConnectionTest

router = APIRouter(prefix="/api/v1/synchronisation/connected-systems", tags=["Connected systems"])


@router.get("")
def list_connected_systems(door: AsReader, paging: PagedWide) -> Page[op.SystemHead]:
    """List the systems by name."""
    with looking(door) as desk:
        wanted = (paging.filter or "").lower()
        return paging.cut([s for s in op.list_systems(desk) if wanted in s.name.lower()])


@router.post("", status_code=201)
def create_connected_system(door: AsAdministrator, body: op.NewSystem) -> op.SystemDetail:
    """Make a system. It is a draft until it has settings and object types."""
    with changing(door) as desk:
        return op.add_system(desk, body)


@router.get("/{system_id}")
def read_connected_system(door: AsReader, system_id: int) -> op.SystemDetail:
    """Return one system, without its settings."""
    with looking(door) as desk:
        return op.read_system(desk, system_id)


@router.put("/{system_id}")
def change_connected_system(door: AsAdministrator, system_id: int, body: op.SystemChange) -> op.SystemDetail:
    """Change a system. Settings are given by the number of their definition; secrets are never shown again."""
    with changing(door) as desk:
        return op.change_system(desk, system_id, body)


@router.delete("/{system_id}")
def remove_connected_system(door: AsAdministrator, system_id: int, reason: Reason = None) -> op.Deletion:
    """Remove a system with its rules."""
    with changing(door) as desk:
        return op.remove_system(desk, system_id, reason)


@router.get("/{system_id}/deletion-preview")
def preview_deletion(door: AsReader, system_id: int) -> op.DeletionPreview:
    """Return what would go with a system."""
    with looking(door) as desk:
        return op.preview_deletion(desk, system_id)


@router.post("/{system_id}/test-connection")
def test_connection(door: AsAdministrator, system_id: int) -> ConnectionTest:
    """Connect to a system and return what it says of itself."""
    with looking(door) as desk:
        return test_draft(desk, op.system_named(desk, system_id))


@router.post("/{system_id}/clear", response_class=Response)
def clear_connector_space(
    door: AsAdministrator,
    system_id: int,
    *,
    reason: Reason = None,
    _history: Annotated[bool, Query(alias="deleteChangeHistory", description="Taken, and without effect.")] = False,
) -> Response:
    """Forget what the system said; the next import reads it anew. What was there before stays in the history."""
    with changing(door) as desk:
        clear_system(desk, op.system_named(desk, system_id), reason or "")
    return Response()
