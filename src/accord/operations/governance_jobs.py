"""The jobs contract's view of activities: types, five statuses, progress by counts, how many records were touched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from accord.model.errors import Conflict, NotFound, UsageError
from accord.operations.activities import Item, items_of
from accord.operations.execution import Accepted, cancel, execute
from accord.operations.governing import JOB_TYPES
from accord.operations.performing import Order
from accord.runs.context import Context
from accord.store.activities import Activity, ActivityFilter, ActivityState, Phase

_STATUS = {
    ActivityState.QUEUED: "pending",
    ActivityState.RUNNING: "running",
    ActivityState.DONE: "completed",
    ActivityState.DONE_WITH_ERRORS: "completed",
    ActivityState.FAILED: "failed",
    ActivityState.HELD: "failed",
    ActivityState.CANCELLED: "cancelled",
}
STATUSES = tuple(dict.fromkeys(_STATUS.values()))
_OPERATIONS = {"create": "created", "add": "created", "update": "updated", "rename": "updated", "delete": "deleted",
               "remove": "deleted"}  # fmt: skip
_STEP = re.compile(r"(\d+) of (\d+): (.*)", re.DOTALL)
_SHOWN_ERRORS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCount:
    """How many records of one kind one operation touched; relations count apart from entities."""

    area: str
    system: str
    entity: str
    operation: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceJob:
    """One job. Times are None until they are known. `plan` is what a guard holds, or a preview made."""

    id: str
    job_type: str
    status: str
    progress: int
    start_time: str | None
    end_time: str | None
    duration_ms: int | None
    records_created: int
    records_updated: int
    records_deleted: int
    queued_time: str
    requested_by: str
    parameters: Mapping[str, object]
    message: str
    is_held: bool
    has_errors: bool
    plan: str | None
    counts: tuple[EntityCount, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is. It never goes back, and is counted, not guessed."""

    id: str
    status: str
    progress: int
    current_step: str
    records_processed: int
    total_records: int
    elapsed_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Jobs, newest first; `end_key` reads on behind the last, and keeps its place while jobs are added."""

    jobs: tuple[GovernanceJob, ...]
    has_next: bool
    end_key: int | None


def start_job(
    context: Context, job_type: str, parameters: Mapping[str, object], *, key: str | None = None, reason: str = ""
) -> tuple[GovernanceJob, Accepted]:
    """Queue a job; asked again with the same key, return the first. Raises UsageError, or Conflict for another job."""
    if job_type not in JOB_TYPES:
        raise UsageError(f"there is no job type {job_type!r}", remedy=f"use one of: {', '.join(JOB_TYPES)}")
    order = Order(work=job_type, profile=job_type, reason=reason, parameters=parameters)
    accepted = execute(context, order, key=key)
    job = read_job(context, accepted.activity)
    if key is not None and (job.job_type, dict(job.parameters)) != (job_type, dict(parameters)):
        raise Conflict(
            f"this idempotency key belongs to another job ({job.job_type})",
            remedy="send a key of its own for each job, and the same body with the same key",
        )
    return job, accepted


def list_governance_jobs(  # noqa: PLR0913 - the contract's filters
    context: Context,
    *,
    job_type: str | None = None,
    status: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> JobPage:
    """Return jobs, newest first; raise UsageError for a type, status or date there is none of."""
    if job_type is not None and job_type not in JOB_TYPES:
        raise UsageError(f"there is no job type {job_type!r}", remedy=f"use one of: {', '.join(JOB_TYPES)}")
    if status is not None and status not in STATUSES:
        raise UsageError(f"there is no status {status!r}", remedy=f"use one of: {', '.join(STATUSES)}")
    wanted = ActivityFilter(
        kinds=(job_type,) if job_type else tuple(str(t) for t in JOB_TYPES),
        states=tuple(state for state, word in _STATUS.items() if word == status) if status else (),
        since=_moment(since, "start_date"),
        until=_moment(until, "end_date"),
    )
    found = context.store.activities.find(wanted, before=before, limit=limit + 1)
    shown = found[:limit]
    return JobPage(
        jobs=tuple(_job(context, activity) for activity in shown),
        has_next=len(found) > limit,
        end_key=shown[-1].id if shown else None,
    )


def read_job(context: Context, job_id: str) -> GovernanceJob:
    """Return a job; raise NotFound."""
    return _job(context, _activity(context, job_id))


def read_job_errors(context: Context, job_id: str) -> tuple[Item, ...]:
    """Return the first objects that a job or its steps could not handle."""
    activity = _activity(context, job_id)
    found: list[Item] = []
    for one in (activity, *_children(context, activity)):
        found += [item for item in items_of(context, one.id, limit=_SHOWN_ERRORS) if item.code]
    return tuple(found[:_SHOWN_ERRORS])


def read_progress(context: Context, job_id: str) -> JobProgress:
    """Return how far a job is; raise NotFound."""
    activity = _activity(context, job_id)
    phase = _current(activity)
    inner = _inner(context, activity)
    shown = inner or phase
    ended = _time(activity.ended_at) or context.clock()
    began = _time(activity.started_at) or ended
    return JobProgress(
        id=activity.guid,
        status=_STATUS[activity.state],
        progress=_progress(activity, inner),
        current_step=_label(phase),
        records_processed=shown.done if shown else 0,
        total_records=max(shown.total, shown.done) if shown else 0,
        elapsed_ms=max(0, int((ended - began).total_seconds() * 1000)),
    )


def cancel_job(context: Context, job_id: str) -> None:
    """Cancel a job; raise NotFound, or Conflict when it has ended."""
    activity = _activity(context, job_id)
    if activity.state not in (ActivityState.QUEUED, ActivityState.RUNNING):
        raise Conflict(
            f"the job has ended ({_STATUS[activity.state]}), so there is nothing to cancel",
            remedy="what it committed stays; start another job to change it",
        )
    cancel(context, activity.guid)


def _activity(context: Context, job_id: str) -> Activity:
    missing = NotFound(f"there is no job {job_id}", remedy="GET /api/v1/jobs lists them")
    try:
        activity = context.store.activities.read_by_guid(job_id)
    except NotFound as error:
        raise missing from error
    if activity.kind not in JOB_TYPES:
        raise missing
    return activity


def _job(context: Context, activity: Activity) -> GovernanceJob:
    counts = tuple(
        EntityCount(area=c.area, system=c.system, entity=c.object_type, operation=c.operation, count=c.count)
        for c in activity.counts
    )
    records = dict.fromkeys(("created", "updated", "deleted"), 0)
    for count in counts:
        word = _OPERATIONS.get(count.operation)
        if word and count.area in ("connector space", "metaverse", "findings"):
            records[word] += count.count
    began, ended = _time(activity.started_at), _time(activity.ended_at)
    given = activity.parameters.get("parameters", {})
    return GovernanceJob(
        id=activity.guid,
        job_type=activity.kind,
        status=_STATUS[activity.state],
        progress=_progress(activity, _inner(context, activity)),
        start_time=activity.started_at or None,
        end_time=activity.ended_at or None,
        duration_ms=int((ended - began).total_seconds() * 1000) if began and ended else None,
        records_created=records["created"],
        records_updated=records["updated"],
        records_deleted=records["deleted"],
        queued_time=activity.queued_at or activity.started_at,
        requested_by=activity.actor,
        parameters=given if isinstance(given, dict) else {},
        message=activity.message,
        is_held=activity.state is ActivityState.HELD,
        has_errors=activity.state is ActivityState.DONE_WITH_ERRORS,
        plan=activity.plan_id,
        counts=counts,
        steps=tuple(_label(phase) for phase in activity.phases),
    )


def _progress(activity: Activity, inner: Phase | None) -> int:
    """Return the share of steps done, with the part of the present one; 100 only when all is done."""
    if activity.state in (ActivityState.DONE, ActivityState.DONE_WITH_ERRORS):
        return 100
    phase = _current(activity)
    step = _STEP.fullmatch(phase.name) if phase else None
    if phase is None or step is None:
        return 0
    known = inner or phase
    part = min(1.0, known.done / known.total) if known.total else 0.0
    if phase.ended_at:
        part = 1.0
    return min(99, int(100 * (int(step[1]) - 1 + part) / int(step[2])))


def _inner(context: Context, activity: Activity) -> Phase | None:
    """Return the present phase of the step that goes on, where a step is an activity of its own."""
    if activity.state is not ActivityState.RUNNING:
        return None
    children = _children(context, activity)
    return _current(children[0]) if children and children[0].state is ActivityState.RUNNING else None


def _children(context: Context, activity: Activity) -> tuple[Activity, ...]:
    return context.store.activities.find(ActivityFilter(parent=activity.id), limit=_SHOWN_ERRORS)


def _current(activity: Activity) -> Phase | None:
    return activity.phases[-1] if activity.phases else None


def _label(phase: Phase | None) -> str:
    if phase is None:
        return ""
    step = _STEP.fullmatch(phase.name)
    return step[3] if step else phase.name


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _moment(text: str | None, name: str) -> str:
    """Return a moment as activities write it; a date alone is its first moment, without a zone it is in UTC."""
    if text is None:
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{name} is no date: {text!r}", remedy="write it as 2026-01-31T00:00:00Z") from error
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
