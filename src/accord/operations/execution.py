"""Asking for work: it is queued at once, done by a worker in its turn, and may be cancelled or asked for again."""

import uuid
from dataclasses import asdict, dataclass

from accord.model.errors import NotFound, UsageError
from accord.model.schedules import Narrowing
from accord.operations.activities import ActivitySummary, activity_name, find_activity, summary_of
from accord.operations.performing import Order, work_named
from accord.runs.cancelling import describe_cancelled
from accord.runs.context import Context, ended
from accord.store.activities import Activity, ActivityFilter, ActivityState, NewActivity
from accord.store.audit import Deed

_MESSAGE = "Run profile execution queued successfully."
_OPEN = (ActivityState.QUEUED, ActivityState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Work that waits for its turn: the activity that records it, the task that queues see, what is worth a warning."""

    activity: str
    task: str
    message: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work that waits or goes on. `waits_for` names the activity that is before it."""

    activity: ActivitySummary
    task: str
    queued_at: str
    attempt: int
    is_cancel_requested: bool
    waits_for: str | None


def execute(context: Context, order: Order, *, key: str | None = None, parent: int | None = None) -> Accepted:
    """Queue the work and return at once; asked again with the same key, return what was queued the first time.

    Raises NotFound when system or work do not exist, UsageError when the order cannot be carried out.
    """
    work = work_named(order.work)
    if order.system:
        context.system(order.system)
    warnings = work.check(context, order)
    new = NewActivity(
        kind=work.kind,
        actor=context.actor,
        system=order.system,
        profile=order.profile or order.work,
        reason=order.reason,
        parent=parent,
        state=ActivityState.QUEUED,
        systems=work.needs(context, order),
        task=str(uuid.uuid4()),
        parameters={
            "work": order.work,
            "parameters": dict(order.parameters),
            "narrowing": asdict(order.narrowing),
        },
        key=key,
    )
    activity = context.store.activities.begin(new, now=context.clock())
    # What a schedule has begun was said when the schedule was made; what is asked for twice is done once.
    if parent is None and activity.task == new.task:
        _tell(context, activity, order)
    context.queued()
    return Accepted(activity=activity.guid, task=activity.task, message=_MESSAGE, warnings=warnings)


def order_of(activity: Activity) -> Order:
    """Return what a job was asked to do."""
    parameters = activity.parameters.get("parameters", {})
    narrowing = activity.parameters.get("narrowing", {})
    return Order(
        work=str(activity.parameters.get("work", "")),
        system=activity.system,
        profile=activity.profile,
        reason=activity.reason,
        parameters=parameters if isinstance(parameters, dict) else {},
        narrowing=Narrowing(**narrowing) if isinstance(narrowing, dict) else Narrowing(),
    )


def perform(context: Context, activity: Activity) -> None:
    """Do the work of a job that was given its turn; the record tells how it ended, whatever is raised."""
    order = order_of(activity)
    with ended(context, activity):
        work_named(order.work).perform(context, order)


def cancel(context: Context, name: str) -> ActivitySummary:
    """Cancel an activity (`A7`, a GUID, or the GUID of its task): at once while it waits, else within a second or so.

    Raises UsageError when it has ended.
    """
    activity = find_job(context, name)
    if activity.state not in _OPEN:
        raise UsageError(
            f"{activity_name(activity.id)} has ended ({activity.state.value})", remedy="there is nothing to cancel"
        )
    deed = Deed(actor=context.actor, action="activity.cancel", subject=activity_name(activity.id))
    context.store.audit.add(deed, at=context.clock())
    cancelled = context.store.jobs.cancel(activity.id, by=context.actor, now=context.clock())
    for child in context.store.activities.find(ActivityFilter(parent=activity.id, states=_OPEN)):
        context.store.jobs.cancel(child.id, by=context.actor, now=context.clock())
    return summary_of(cancelled)


def retry(context: Context, name: str) -> Accepted:
    """Queue the work of a job that ended once more, as a new activity; raise UsageError when it has not ended."""
    activity = find_job(context, name)
    if activity.state in _OPEN:
        raise UsageError(f"{activity_name(activity.id)} has not ended yet", remedy="wait for it, or cancel it")
    if not activity.task:
        raise UsageError(f"{activity_name(activity.id)} was not a job", remedy="run it again by hand")
    return execute(context, order_of(activity))


def list_jobs(context: Context, *, limit: int = 100) -> tuple[Job, ...]:
    """Return what goes on and what waits, in the order in which it was asked for."""
    found = context.store.activities.find(ActivityFilter(states=_OPEN), limit=limit)
    return tuple(_job(context, activity) for activity in reversed(found))


def find_job(context: Context, name: str) -> Activity:
    """Return the activity of an id, a GUID, or the GUID of a task; raise NotFound."""
    try:
        return find_activity(context, name)
    except NotFound:
        try:
            return context.store.activities.read_by_task(name.lower())
        except NotFound as error:
            raise NotFound(f"there is no activity or task {name}", remedy="see: accord jobs list") from error


def close_killed(context: Context, activity: Activity, *, by: str) -> None:
    """Record as cancelled an activity whose process was ended because it did not stop in time."""
    message = describe_cancelled(context.store, activity, by)
    context.store.activities.finish(activity.id, ActivityState.CANCELLED, now=context.clock(), message=message)


def _tell(context: Context, activity: Activity, order: Order) -> None:
    detail = {"work": order.work, "system": order.system, "profile": order.profile}
    deed = Deed(
        actor=context.actor, action="activity.execute", subject=activity_name(activity.id), reason=order.reason,
        detail={name: value for name, value in detail.items() if value},
    )  # fmt: skip
    context.store.audit.add(deed, at=context.clock())


def _job(context: Context, activity: Activity) -> Job:
    is_waiting = activity.state is ActivityState.QUEUED
    ahead = context.store.jobs.ahead_of(activity.id) if is_waiting else None
    return Job(
        activity=summary_of(activity),
        task=activity.task,
        queued_at=activity.queued_at,
        attempt=activity.attempt,
        is_cancel_requested=bool(activity.cancel_requested_at),
        waits_for=None if ahead is None else activity_name(ahead.id),
    )
