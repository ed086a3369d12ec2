"""What became of a schedule the last time, as the contract shows it beside the schedule."""

from dataclasses import dataclass
from typing import TypedDict

from accord.operations.administration.desk import CAMEL
from accord.operations.schedules import Execution, list_executions
from accord.runs.context import Context

EXECUTION_STATUS = {
    "queued": "Queued", "running": "InProgress", "done": "Complete", "done_with_errors": "Complete",
    "failed": "Failed", "held": "Failed", "cancelled": "Cancelled",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LastExecution:
    """The last execution of a schedule; all of it is None when there was none."""

    __pydantic_config__ = CAMEL
    last_run_time: str | None = None
    last_execution_id: str | None = None
    last_execution_status: str | None = None
    last_execution_current_step_index: int | None = None
    last_execution_total_steps: int | None = None
    last_execution_completed_at: str | None = None
    last_execution_error_message: str | None = None


class LastExecutionFields(TypedDict, total=False):
    """The fields of a last execution."""

    last_run_time: str | None
    last_execution_id: str | None
    last_execution_status: str | None
    last_execution_current_step_index: int | None
    last_execution_total_steps: int | None
    last_execution_completed_at: str | None
    last_execution_error_message: str | None


def last_execution_of(context: Context, schedule: str) -> LastExecutionFields:
    """Return the fields of the last execution, none when there was none."""
    found = list_executions(context, schedule, limit=1)
    if not found:
        return {}
    execution, activity = found[0], found[0].activity
    status = EXECUTION_STATUS[activity.state]
    return {
        "last_run_time": activity.started_at or execution.queued_at, "last_execution_id": activity.guid,
        "last_execution_status": status, "last_execution_current_step_index": current_step_of(execution),
        "last_execution_total_steps": len(execution.steps), "last_execution_completed_at": activity.ended_at or None,
        "last_execution_error_message": activity.message if status == "Failed" else None,
    }  # fmt: skip


def current_step_of(execution: Execution) -> int:
    """Return the number of the last step that has begun, 0 before any has."""
    return max((step.number for step in execution.steps if step.activity is not None), default=0)
