"""Executions of schedules as the contract shows them: asked for, listed, looked at step by step, cancelled."""

from dataclasses import dataclass

from accord.model.errors import Conflict, UsageError
from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.last_executions import EXECUTION_STATUS, current_step_of
from accord.operations.administration.naming import guid
from accord.operations.administration.schedules import schedule_named
from accord.operations.schedules import (
    Execution,
    StepResult,
    cancel_execution,
    list_executions,
    read_execution,
    run_now,
)

_MOST = 500
_STEP_STATUS = {
    "pending": "Pending", "queued": "Queued", "running": "Processing", "done": "Completed",
    "done_with_errors": "CompletedWithError", "failed": "Failed", "held": "Failed", "cancelled": "Cancelled",
}  # fmt: skip
_OPEN = ("Queued", "InProgress")
_GOING_ON = ("Queued", "Processing")
_ACTIVITY_STATUS = {
    "done": "Complete", "done_with_errors": "CompleteWithError", "failed": "FailedWithError",
    "held": "FailedWithError", "cancelled": "Cancelled",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStarted:
    """That a schedule was asked to run."""

    __pydantic_config__ = CAMEL
    execution_id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStep:
    """One step with what became of it."""

    __pydantic_config__ = CAMEL
    step_index: int
    name: str
    step_type: str
    execution_mode: str
    status: str
    activity_id: str | None
    activity_status: str | None
    connected_system_id: int | None
    connected_system_name: str
    run_profile_id: int | None
    run_profile_name: str
    continue_on_failure: bool
    started_at: str | None
    completed_at: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """One step, in short."""

    __pydantic_config__ = CAMEL
    order: int
    name: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionProgress:
    """How far an execution is, step by step; without a current step it waits, or is over."""

    __pydantic_config__ = CAMEL
    current_step_number: int | None
    total_steps: int
    steps: tuple[StepProgress, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionView:
    """One execution of a schedule with its steps."""

    __pydantic_config__ = CAMEL
    id: str
    schedule_id: str | None
    schedule_name: str
    status: str
    current_step_index: int
    total_steps: int
    queued_at: str
    started_at: str | None
    completed_at: str | None
    initiated_by_type: str
    initiated_by_name: str
    error_message: str | None
    steps: tuple[ExecutionStep, ...]
    progress: ExecutionProgress


def run_schedule(desk: Desk, number: str) -> ExecutionStarted:
    """Execute a schedule now; raise NotFound, Conflict while an execution of it goes on."""
    configuration = desk.stored.configuration
    name = schedule_named(desk, number)
    if name not in configuration.schedules:
        raise Conflict(f"the schedule {name} is a draft", remedy="complete its steps first")
    try:
        execution = run_now(desk.context, configuration.schedules[name], configuration.profiles)
    except UsageError as error:
        raise Conflict(error.message, remedy=error.remedy) from error
    return ExecutionStarted(execution_id=execution.activity.guid, message="Schedule execution queued successfully.")


def find_executions(desk: Desk, number: str | None, status: str | None) -> list[ExecutionView]:
    """Return executions, newest first, of one schedule and in one state where these are given."""
    name = None if number is None else schedule_named(desk, number)
    views = [_view(desk, execution) for execution in list_executions(desk.context, name, limit=_MOST)]
    return [view for view in views if status in (None, view.status)]


def open_executions(desk: Desk) -> list[ExecutionView]:
    """Return the executions that wait or go on."""
    return [view for view in find_executions(desk, None, None) if view.status in _OPEN]


def read_one(desk: Desk, execution: str) -> ExecutionView:
    """Return one execution; raise NotFound."""
    return _view(desk, read_execution(desk.context, execution))


def cancel_one(desk: Desk, execution: str) -> ExecutionView:
    """Cancel an execution; raise NotFound, Conflict when it has ended."""
    try:
        return _view(desk, cancel_execution(desk.context, execution))
    except UsageError as error:
        if error.code != UsageError.code:
            raise
        raise Conflict(error.message, remedy=error.remedy) from error


def _view(desk: Desk, execution: Execution) -> ExecutionView:
    activity, steps = execution.activity, tuple(_step(desk, step) for step in execution.steps)
    number, declared = desk.ids.get("schedule", execution.schedule), desk.read.schedules.get(execution.schedule)
    has_failed = EXECUTION_STATUS[activity.state] == "Failed"
    return ExecutionView(
        id=activity.guid,
        schedule_id=None if number is None else guid("schedule", number),
        schedule_name=(declared.title if declared else None) or execution.schedule,
        status=EXECUTION_STATUS[activity.state],
        current_step_index=current_step_of(execution),
        total_steps=len(steps),
        queued_at=execution.queued_at,
        started_at=activity.started_at or None,
        completed_at=activity.ended_at or None,
        initiated_by_type=_initiator(execution),
        initiated_by_name=activity.actor,
        error_message=activity.message if has_failed else None,
        steps=steps,
        progress=_progress(steps),
    )


def _initiator(execution: Execution) -> str:
    if execution.due_at:
        return "System"
    return "ApiKey" if execution.activity.actor.startswith("key:") else "User"


def _progress(steps: tuple[ExecutionStep, ...]) -> ExecutionProgress:
    present = next((step.step_index + 1 for step in steps if step.status in _GOING_ON), None)
    return ExecutionProgress(
        current_step_number=present,
        total_steps=len(steps),
        steps=tuple(StepProgress(order=s.step_index + 1, name=s.name, status=s.status) for s in steps),
    )


def _step(desk: Desk, result: StepResult) -> ExecutionStep:
    activity, step = result.activity, result.step
    return ExecutionStep(
        step_index=result.number,
        name=step.name or (f"{step.system}: {step.profile}" if step.system else step.profile),
        step_type="RunProfile",
        execution_mode="ParallelWithPrevious" if step.is_parallel else "Sequential",
        status=_STEP_STATUS.get(result.state, "Unknown"),
        activity_id=activity.guid if activity else None,
        activity_status=_ACTIVITY_STATUS.get(activity.state, "InProgress") if activity else None,
        connected_system_id=desk.ids.get("system", step.system),
        run_profile_id=desk.ids.get("profile", step.system, step.profile),
        connected_system_name=step.system,
        run_profile_name=step.profile,
        continue_on_failure=step.continues_on_failure,
        started_at=(activity.started_at or None) if activity else None,
        completed_at=activity.ended_at if activity else None,
        error_message=activity.message if activity and result.state == "failed" else None,
    )
