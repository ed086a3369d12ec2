"""Schedules: executed by the clock or by hand, followed step by step, cancelled, and told."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from accord.jobs.cron import last_due, next_due
from accord.model.errors import AccordError, NotFound, UsageError
from accord.model.schedules import Narrowing, RunKind, RunProfile, Schedule, ScheduleStep
from accord.operations.activities import ActivitySummary, find_activity, summary_of
from accord.operations.execution import cancel, execute
from accord.operations.performing import Order
from accord.operations.stepping import Begin, Over, Overdue, Wait, next_of
from accord.runs.context import Context
from accord.store.activities import Activity, ActivityFilter, ActivityState, NewActivity
from accord.store.audit import Deed

KIND = "schedule"
LATE_S = 60.0
"""A time that has passed longer ago was missed: nobody was there."""

Profiles = Mapping[str, Mapping[str, RunProfile]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One step of an execution. `activity` is None while it was not begun; `state` is `pending` then."""

    number: int
    step: ScheduleStep
    state: str
    activity: ActivitySummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution of a schedule with what became of its steps."""

    activity: ActivitySummary
    schedule: str
    queued_at: str
    due_at: str
    is_cancel_requested: bool
    steps: tuple[StepResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One time at which the clock will start a schedule, and the systems it will work on."""

    at: datetime
    schedule: str
    title: str
    systems: tuple[str, ...]


def run_now(context: Context, schedule: Schedule, profiles: Profiles) -> Execution:
    """Execute a schedule because somebody says so; raise UsageError while an execution of it goes on."""
    going_on = context.store.timetable.open_execution_of(schedule.name)
    if going_on is not None:
        raise UsageError(
            f"an execution of {schedule.name} goes on (A{going_on.id})", remedy="wait until it ends, or cancel it"
        )
    context.store.audit.add(Deed(actor=context.actor, action="schedule.run", subject=schedule.name), at=context.clock())
    return _execution(context, _begin(context, schedule, profiles, due_at=None))


def run_due(context: Context, schedule: Schedule, profiles: Profiles) -> Activity | None:
    """Execute the schedule if a time of it has come since it was looked at, once whoever looks; the clock's part.

    Times that are new do not reach back. Times missed while nobody was there are left out, or, where the schedule says
    so, made up for by one execution. While an execution goes on the next is left out, which is recorded as an execution
    that was cancelled.
    """
    if not schedule.is_enabled or not schedule.crons:
        return None
    now, timetable = context.clock(), context.store.timetable
    checked_at = timetable.checked_at(schedule.name, schedule.crons)
    due = None if checked_at is None else last_due(schedule.crons, after=checked_at, until=now)
    if checked_at is None or due is not None:
        timetable.check(schedule.name, schedule.crons, at=now)
    if due is None or ((now - due).total_seconds() > LATE_S and not schedule.makes_up):
        return None
    going_on = timetable.open_execution_of(schedule.name)
    if going_on is not None:
        _leave_out(context, schedule, due, going_on)
        return None
    return _begin(context, schedule, profiles, due_at=due)


def follow(context: Context, execution: Activity) -> None:
    """Do what comes next in an execution. Whoever does it as well, nothing happens twice."""
    context = replace(context, actor=execution.actor)
    steps = steps_of(execution)
    begun = {_number(a): a for a in context.store.timetable.steps_of(execution.id)}
    is_cancelled = bool(execution.cancel_requested_at)
    following = next_of(steps, begun, is_cancelled=is_cancelled, now=context.clock())
    context.store.timetable.begin(execution.id, now=context.clock())
    match following:
        case Begin(steps=numbers):
            for number in numbers:
                _begin_step(context, execution, number)
        case Overdue(steps=numbers):
            for number in numbers:
                context.store.jobs.cancel(begun[number].id, by="the schedule: it took too long", now=context.clock())
        case Over(state=state, message=message):
            context.store.timetable.finish(execution.id, state, now=context.clock(), message=message)
        case Wait():
            if is_cancelled:
                _cancel_steps(context, execution, begun.values())


def cancel_execution(context: Context, name: str) -> Execution:
    """Cancel an execution: its steps that go on are cancelled, the rest does not begin."""
    cancel(context, name)
    return read_execution(context, name)


def list_executions(context: Context, schedule: str | None = None, *, limit: int = 50) -> tuple[Execution, ...]:
    """Return the latest executions, newest first."""
    wanted = ActivityFilter(kinds=(KIND,), profile=schedule or "")
    return tuple(_execution(context, activity) for activity in context.store.activities.find(wanted, limit=limit))


def read_execution(context: Context, name: str) -> Execution:
    """Return an execution by the name or GUID of its activity; raise NotFound."""
    activity = find_activity(context, name)
    if activity.kind != KIND:
        raise NotFound(f"{name} is no execution of a schedule", remedy="list the executions of the schedule")
    return _execution(context, activity)


def next_run(schedule: Schedule, *, now: datetime) -> datetime | None:
    """Return when the clock starts a schedule next, None when it does not."""
    return next_due(schedule.crons, after=now) if schedule.is_enabled else None


def list_due(schedules: Iterable[Schedule], *, now: datetime, until: datetime, most: int = 300) -> tuple[Due, ...]:
    """Return when the clock starts schedules within a time, the next first; of each no more than `most`."""
    found: list[Due] = []
    for schedule in schedules:
        systems = tuple(sorted({step.system for step in schedule.steps if step.system}))
        at = next_run(schedule, now=now)
        for _ in range(most):
            if at is None or at > until:
                break
            found.append(Due(at=at, schedule=schedule.name, title=schedule.title or schedule.name, systems=systems))
            at = next_run(schedule, now=at)
    return tuple(sorted(found, key=lambda due: (due.at, due.schedule)))


def steps_of(execution: Activity) -> tuple[ScheduleStep, ...]:
    """Return the steps of an execution, as they were when it began."""
    return tuple(_step(values) for values in _values(execution))


def work_of(kind: RunKind) -> str:
    """Return the work that a kind of run profile means."""
    return kind.value.replace("_", "-")


def _leave_out(context: Context, schedule: Schedule, due: datetime, going_on: Activity) -> None:
    new = NewActivity(
        kind=KIND, actor=context.actor, profile=schedule.name, key=_key(schedule, due),
        parameters={"due_at": due.isoformat(), "steps": [], "is_left_out": True},
    )  # fmt: skip
    left_out = context.store.activities.begin(new, now=context.clock())
    # Another worker may have begun the execution of this very time.
    if left_out.parameters.get("is_left_out"):
        message = f"left out: the execution before it went on (A{going_on.id})"
        context.store.timetable.finish(left_out.id, ActivityState.CANCELLED, now=context.clock(), message=message)


def _key(schedule: Schedule, due: datetime) -> str:
    """Return the key of one time: whichever workers look at the clock, of it there is one execution."""
    return f"schedule {schedule.name} {due.isoformat()}"


def _begin(context: Context, schedule: Schedule, profiles: Profiles, *, due_at: datetime | None) -> Activity:
    new = NewActivity(
        kind=KIND,
        actor=context.actor,
        profile=schedule.name,
        state=ActivityState.QUEUED,
        parameters={
            "due_at": "" if due_at is None else due_at.isoformat(),
            "steps": [_step_values(step, profiles) for step in schedule.steps],
        },
        key=None if due_at is None else _key(schedule, due_at),
    )
    return context.store.activities.begin(new, now=context.clock())


def _begin_step(context: Context, execution: Activity, number: int) -> None:
    values, step = _values(execution)[number], steps_of(execution)[number]
    order = Order(
        work=str(values["work"]), system=step.system, profile=step.profile,
        parameters={**step.parameters, "step": number},
        narrowing=Narrowing(**narrowing) if isinstance(narrowing := values.get("narrowing"), dict) else Narrowing(),
        reason=f"schedule {execution.profile}",
    )  # fmt: skip
    key = f"{execution.guid} step {number}"
    try:
        execute(context, order, key=key, parent=execution.id)
    except AccordError as error:
        # What cannot even be queued is a step that failed, and is told as one.
        new = NewActivity(
            kind=str(values["work"]), actor=context.actor, system=step.system, profile=step.profile,
            parent=execution.id, key=key, parameters={"parameters": {"step": number}},
        )  # fmt: skip
        failed = context.store.activities.begin(new, now=context.clock())
        context.store.activities.finish(failed.id, ActivityState.FAILED, now=context.clock(), message=str(error))


def _cancel_steps(context: Context, execution: Activity, begun: Iterable[Activity]) -> None:
    for activity in begun:
        if activity.state in (ActivityState.QUEUED, ActivityState.RUNNING) and not activity.cancel_requested_at:
            context.store.jobs.cancel(activity.id, by=execution.cancel_requested_by, now=context.clock())


def _execution(context: Context, activity: Activity) -> Execution:
    begun = {_number(a): a for a in context.store.timetable.steps_of(activity.id)}
    return Execution(
        activity=summary_of(activity),
        schedule=activity.profile,
        queued_at=activity.queued_at,
        due_at=str(activity.parameters.get("due_at", "")),
        is_cancel_requested=bool(activity.cancel_requested_at),
        steps=tuple(
            StepResult(
                number=number,
                step=step,
                state=begun[number].state.value if number in begun else "pending",
                activity=summary_of(begun[number]) if number in begun else None,
            )
            for number, step in enumerate(steps_of(activity))
        ),
    )


def _step_values(step: ScheduleStep, profiles: Profiles) -> dict[str, object]:
    profile = profiles.get(step.system, {}).get(step.profile)
    work = work_of(profile.kind) if profile is not None else step.profile
    return {
        "work": work, "system": step.system, "profile": step.profile, "name": step.name,
        "parameters": dict(step.parameters),
        "is_parallel": step.is_parallel, "continues_on_failure": step.continues_on_failure,
        "timeout_s": step.timeout_s, "narrowing": asdict(profile.narrowing) if profile is not None else {},
    }  # fmt: skip


def _values(execution: Activity) -> list[dict[str, object]]:
    steps = execution.parameters.get("steps")
    return [dict(step) for step in steps] if isinstance(steps, list) else []


def _step(values: Mapping[str, object]) -> ScheduleStep:
    timeout, parameters = values["timeout_s"], values.get("parameters")
    return ScheduleStep(
        system=str(values["system"]), profile=str(values["profile"]), name=str(values["name"]),
        is_parallel=bool(values["is_parallel"]), continues_on_failure=bool(values["continues_on_failure"]),
        timeout_s=timeout if isinstance(timeout, int) else None,
        parameters=parameters if isinstance(parameters, dict) else {},
    )  # fmt: skip


def _number(activity: Activity) -> int:
    parameters = activity.parameters.get("parameters", {})
    return int(parameters["step"]) if isinstance(parameters, dict) else -1
