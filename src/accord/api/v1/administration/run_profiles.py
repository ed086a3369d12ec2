"""Run profiles: what can be run on a system."""

from fastapi import APIRouter, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import profiles as op

router = APIRouter(prefix="/api/v1/synchronisation/connected-systems/{system_id}/run-profiles", tags=["Run profiles"])


@router.get("")
def list_run_profiles(door: AsReader, system_id: int) -> list[op.ProfileView]:
    """List the run profiles of a system."""
    with looking(door) as desk:
        return op.list_profiles(desk, system_id)


@router.post("", status_code=201)
def create_run_profile(door: AsAdministrator, system_id: int, body: op.NewProfile) -> op.ProfileView:
    """Make a run profile."""
    with changing(door) as desk:
        return op.add_profile(desk, system_id, body)


@router.put("/{profile_id}")
def change_run_profile(
    door: AsAdministrator, system_id: int, profile_id: int, body: op.ProfileChange
) -> op.ProfileView:
    """Change a run profile."""
    with changing(door) as desk:
        return op.change_profile(desk, system_id, profile_id, body)


@router.delete("/{profile_id}", status_code=204, response_class=Response)
def remove_run_profile(door: AsAdministrator, system_id: int, profile_id: int, reason: Reason = None) -> None:
    """Remove a run profile."""
    with changing(door) as desk:
        op.remove_profile(desk, system_id, profile_id, reason)
