"""Executions of schedules: run now, watched step by step, cancelled."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsAdministrator, AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import changing, looking
from accord.operations.administration import schedule_executions as op

router = APIRouter(prefix="/api/v1", tags=["Schedules"])


class ExecutionStatus(StrEnum):
    """How an execution stands."""

    QUEUED = "Queued"
    IN_PROGRESS = "InProgress"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    PAUSED = "Paused"


@router.post("/schedules/{schedule_id}/run", status_code=202)
def run_schedule(door: AsAdministrator, schedule_id: str) -> op.ExecutionStarted:
    """Run a schedule now."""
    with changing(door) as desk:
        return op.run_schedule(desk, schedule_id)


@router.get("/schedule-executions")
def list_executions(
    door: AsReader,
    paging: Paged,
    schedule_id: Annotated[str | None, Query(alias="scheduleId", max_length=100)] = None,
    status: ExecutionStatus | None = None,
) -> Page[op.ExecutionView]:
    """List the latest executions, newest first."""
    with looking(door) as desk:
        return paging.cut(op.find_executions(desk, schedule_id, status.value if status else None))


@router.get("/schedule-executions/active")
def list_active_executions(door: AsReader) -> list[op.ExecutionView]:
    """List the executions that wait or go on."""
    with looking(door) as desk:
        return op.open_executions(desk)


@router.get("/schedule-executions/{execution_id}")
def read_execution(door: AsReader, execution_id: str) -> op.ExecutionView:
    """Return one execution with its steps."""
    with looking(door) as desk:
        return op.read_one(desk, execution_id)


@router.post("/schedule-executions/{execution_id}/cancel")
def cancel_execution(door: AsAdministrator, execution_id: str) -> op.ExecutionView:
    """Cancel an execution: its steps that go on are cancelled, the rest does not begin."""
    with changing(door) as desk:
        return op.cancel_one(desk, execution_id)
