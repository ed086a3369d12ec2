"""Schedules of jobs and collections, in the contract's style; all of it ours."""

from typing import Any

from fastapi import APIRouter

from accord.api.callers import AsOperator, AsReader
from accord.api.datasync.envelopes import DATA_SERVICE, Body, Done, envelope, listing
from accord.datasync.timing import read_timing
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.schedules import (
    create_schedule,
    delete_schedule,
    list_schedules,
    read_schedule,
    run_schedule,
    schedule_view,
    update_schedule,
)
from accord.operations.datasync.views import run_view

router = APIRouter(prefix=f"{DATA_SERVICE}/DataSyncJobs/Schedules", include_in_schema=False)


@router.post("")
def create(door: AsOperator, body: Body) -> dict[str, Any]:
    """Create a schedule of jobs and collections of the caller's own."""
    with door.writing() as context:
        timing = read_timing(body)
        require_owner(context, door.caller, (*timing.jobs, *timing.collections))
        return envelope(Done.SAVED, create_schedule(context, body))


@router.get("")
def list_all(door: AsReader) -> dict[str, Any]:
    """List schedules with when each starts next."""
    with door.reading() as context:
        found = [schedule_view(one, context.clock()) for one in list_schedules(context)]
    return listing(len(found), found)


@router.get("/{schedule}")
def details(door: AsReader, schedule: int) -> dict[str, Any]:
    """Return a schedule."""
    with door.reading() as context:
        return listing(1, schedule_view(read_schedule(context, schedule), context.clock()))


@router.put("/{schedule}")
def update(door: AsOperator, schedule: int, body: Body) -> dict[str, Any]:
    """Change a schedule."""
    with door.writing() as context:
        timings = (read_timing(body), read_timing(read_schedule(context, schedule).body))
        require_owner(context, door.caller, [n for timing in timings for n in (*timing.jobs, *timing.collections)])
        update_schedule(context, schedule, body)
    return envelope(Done.SAVED, schedule)


@router.delete("/{schedule}")
def delete(door: AsOperator, schedule: int) -> dict[str, Any]:
    """Delete a schedule."""
    with door.writing() as context:
        timing = read_timing(read_schedule(context, schedule).body)
        require_owner(context, door.caller, (*timing.jobs, *timing.collections))
        delete_schedule(context, schedule)
    return envelope(Done.DELETED, None)


@router.post("/{schedule}/Run")
def run(door: AsOperator, schedule: int) -> dict[str, Any]:
    """Queue everything it starts, now."""
    with door.writing() as context:
        timing = read_timing(read_schedule(context, schedule).body)
        require_owner(context, door.caller, (*timing.jobs, *timing.collections))
        return envelope(Done.SAVED, [run_view(one) for one in run_schedule(context, schedule)])
