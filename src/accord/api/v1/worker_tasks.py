"""Worker tasks: what waits and what goes on, and how to cancel it."""

from enum import StrEnum

from fastapi import APIRouter, Response

from accord.api.callers import AsOperator, AsReader
from accord.api.moments import now
from accord.api.pages import Page, Paged
from accord.api.shapes import Shape
from accord.api.v1.activity_bodies import InitiatorType
from accord.api.v1.activity_views import progress_of
from accord.api.v1.activity_words import initiator_of
from accord.operations.execution import cancel
from accord.operations.monitoring import ActivityFilter, ActivityState, Watched, find, read_task, waiting_for

router = APIRouter(prefix="/api/v1/worker-tasks", tags=["Execution"])

_OPEN = (ActivityState.QUEUED, ActivityState.RUNNING)


class TaskStatus(StrEnum):
    """Where a task stands."""

    QUEUED = "Queued"
    PROCESSING = "Processing"
    CANCELLATION_REQUESTED = "CancellationRequested"
    WAITING_FOR_PREVIOUS_STEP = "WaitingForPreviousStep"


class TaskStep(Shape):
    """One phase of a task."""

    order: int
    name: str
    status: str


class TaskSteps(Shape):
    """The phases of a task."""

    current_step_name: str | None
    current_step_number: int | None
    total_steps: int
    steps: list[TaskStep]


class WorkerTask(Shape):
    """One piece of work that waits or goes on."""

    id: str
    name: str
    type: str
    timestamp: str
    status: TaskStatus
    initiated_by_type: InitiatorType
    initiated_by_id: str | None = None
    initiated_by_name: str | None
    activity_id: str | None
    objects_to_process: int | None
    objects_processed: int | None
    progress_message: str | None
    steps: TaskSteps | None
    schedule_execution_id: str | None = None
    schedule_execution_name: str | None = None
    schedule_step_index: int | None = None
    schedule_total_steps: int | None = None
    schedule_current_step_index: int | None = None


@router.get("")
def list_worker_tasks(door: AsReader, paging: Paged) -> Page[WorkerTask]:
    """List what waits and what goes on, newest first."""
    with door.reading() as context:
        found = find(context, ActivityFilter(states=_OPEN), limit=paging.page_size, skip=paging.first_row)
        rows = [_task(watched, waiting_for(context, watched)) for watched in found.activities]
    return paging.page_of(rows, found.total)


@router.get("/{task_id}")
def read_worker_task(door: AsReader, task_id: str) -> WorkerTask:
    """Return one task; one that has ended is no task any more, but its activity stays."""
    with door.reading() as context:
        watched = read_task(context, task_id, is_open=True)
        return _task(watched, waiting_for(context, watched))


@router.post("/{task_id}/cancel", status_code=202, response_class=Response)
def cancel_worker_task(door: AsOperator, task_id: str) -> Response:
    """Cancel a task: at once while it waits, within a second or so while it goes on."""
    with door.writing() as context:
        cancel(context, read_task(context, task_id, is_open=True).guid)
    return Response(status_code=202)


def _task(watched: Watched, waits: str) -> WorkerTask:
    progress = progress_of(watched, waits=waits, now=now())
    initiator, name = initiator_of(watched.actor)
    status = TaskStatus.QUEUED if watched.state is ActivityState.QUEUED else TaskStatus.PROCESSING
    if watched.cancel_requested_at:
        status = TaskStatus.CANCELLATION_REQUESTED
    steps = TaskSteps(
        current_step_name=progress.current_phase.name if progress.current_phase else None,
        current_step_number=progress.current_phase_number,
        total_steps=progress.total_phases,
        steps=[TaskStep(order=p.order, name=p.name, status=p.status.value) for p in progress.phases],
    )
    return WorkerTask(
        id=watched.task or watched.guid,
        name=f"{watched.system}: {watched.profile}" if watched.system else watched.profile or watched.kind,
        type="Synchronisation" if watched.kind in ("import", "sync", "export", "apply", "cycle") else watched.kind,
        timestamp=watched.queued_at or watched.started_at,
        status=status,
        initiated_by_type=initiator,
        initiated_by_name=name,
        activity_id=watched.guid,
        objects_to_process=progress.objects_to_process,
        objects_processed=progress.objects_processed,
        progress_message=progress.message,
        steps=steps if watched.phases else None,
    )
