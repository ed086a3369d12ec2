"""Schedules: what runs by itself, and when."""

from fastapi import APIRouter, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import schedules as op

router = APIRouter(prefix="/api/v1/schedules", tags=["Schedules"])


@router.get("")
def list_schedules(door: AsReader, paging: Paged) -> Page[op.ScheduleView]:
    """List the schedules by name."""
    with looking(door) as desk:
        return paging.cut([s for s in op.list_schedules(desk) if (paging.filter or "").lower() in s.name.lower()])


@router.post("", status_code=201)
def create_schedule(door: AsAdministrator, body: op.ScheduleTerms) -> op.ScheduleView:
    """Make a schedule; steps may follow."""
    with changing(door) as desk:
        return op.add_schedule(desk, body)


@router.get("/{schedule_id}")
def read_schedule(door: AsReader, schedule_id: str) -> op.ScheduleView:
    """Return one schedule with its steps."""
    with looking(door) as desk:
        return op.read_schedule(desk, schedule_id)


@router.put("/{schedule_id}")
def replace_schedule(door: AsAdministrator, schedule_id: str, body: op.ScheduleTerms) -> op.ScheduleView:
    """Replace a schedule, its steps too."""
    with changing(door) as desk:
        return op.replace_schedule(desk, schedule_id, body)


@router.delete("/{schedule_id}", status_code=204, response_class=Response)
def remove_schedule(door: AsAdministrator, schedule_id: str, reason: Reason = None) -> None:
    """Remove a schedule."""
    with changing(door) as desk:
        op.remove_schedule(desk, schedule_id, reason)


@router.post("/{schedule_id}/enable")
def enable_schedule(door: AsAdministrator, schedule_id: str, reason: Reason = None) -> op.ScheduleView:
    """Let the clock start a schedule."""
    with changing(door) as desk:
        return op.switch_schedule(desk, schedule_id, reason, is_enabled=True)


@router.post("/{schedule_id}/disable")
def disable_schedule(door: AsAdministrator, schedule_id: str, reason: Reason = None) -> op.ScheduleView:
    """Let the clock not start a schedule."""
    with changing(door) as desk:
        return op.switch_schedule(desk, schedule_id, reason, is_enabled=False)
