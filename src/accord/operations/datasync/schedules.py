"""Schedules of jobs and collections: kept, started by the clock of whichever worker looks, or by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accord.datasync.timing import Timing, read_timing
from accord.jobs.cron import last_due, next_due
from accord.model.errors import Conflict, NotFound
from accord.model.moments import AT_START
from accord.operations.datasync.queueing import queue_collection, queue_run
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.datasync import StoredRun
from accord.store.datasync_schedules import StoredSchedule

_LATE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """A schedule as it is listed: what it starts, by which cron expressions, and when next; None: not by the clock."""

    id: int
    name: str
    is_enabled: bool
    crons: tuple[str, ...]
    jobs: tuple[int, ...]
    collections: tuple[int, ...]
    next_at: str | None
    created_by: str
    body: Mapping[str, Any]


def create_schedule(context: Context, body: Mapping[str, Any]) -> int:
    """Keep a schedule; return its id. Raises Invalid, NotFound for a job there is not, Conflict for a taken name."""
    timing = _checked(context, body)
    _require_free(context, timing.name, 0)
    with context.store.control.transaction():
        made = context.store.datasync.schedules.add(timing.name, body, actor=context.actor, now=context.clock())
        _tell(context, "datasync.schedule", f"schedule {made} {timing.name}")
    return made


def update_schedule(context: Context, schedule: int, body: Mapping[str, Any]) -> None:
    """Keep another body for a schedule."""
    context.store.datasync.schedules.read(schedule)
    timing = _checked(context, body)
    _require_free(context, timing.name, schedule)
    with context.store.control.transaction():
        context.store.datasync.schedules.change(schedule, timing.name, body, now=context.clock())
        _tell(context, "datasync.schedule", f"schedule {schedule} {timing.name}")


def delete_schedule(context: Context, schedule: int) -> None:
    """Forget a schedule; what it started goes on."""
    stored = context.store.datasync.schedules.read(schedule)
    with context.store.control.transaction():
        context.store.datasync.schedules.remove(schedule)
        _tell(context, "datasync.schedule", f"schedule {schedule} {stored.name} deleted")


def list_schedules(context: Context) -> tuple[StoredSchedule, ...]:
    """Return all schedules, oldest first."""
    return context.store.datasync.schedules.list()


def read_schedule(context: Context, schedule: int) -> StoredSchedule:
    """Return a schedule; raise NotFound."""
    return context.store.datasync.schedules.read(schedule)


def describe_schedules(context: Context) -> tuple[ScheduleLine, ...]:
    """Return all schedules as they are listed, oldest first."""
    return tuple(describe_schedule(context, stored.id) for stored in list_schedules(context))


def describe_schedule(context: Context, schedule: int) -> ScheduleLine:
    """Return a schedule as it is listed; raise NotFound."""
    stored = read_schedule(context, schedule)
    timing = read_timing(stored.body)
    following = next_due(timing.crons, after=context.clock()) if timing.is_enabled else None
    return ScheduleLine(
        id=stored.id, name=timing.name, is_enabled=timing.is_enabled, crons=timing.crons, jobs=timing.jobs,
        collections=timing.collections, next_at=following.isoformat() if following else None,
        created_by=stored.created_by, body=stored.body,
    )  # fmt: skip


def run_schedule(context: Context, schedule: int) -> tuple[StoredRun, ...]:
    """Queue everything a schedule starts, now; return the runs."""
    return _start(context, read_timing(context.store.datasync.schedules.read(schedule).body), key=None)


def run_due_schedules(context: Context) -> tuple[StoredRun, ...]:
    """Queue what has become due since somebody looked, once whoever looks; the clock's part.

    Times missed while no worker was there are left out.
    """
    return tuple(run for stored in context.store.datasync.schedules.list() for run in _due(context, stored))


def run_start_schedules(context: Context) -> tuple[StoredRun, ...]:
    """Queue what schedules start whenever a worker begins; to be called once by each."""
    found: list[StoredRun] = []
    for stored in context.store.datasync.schedules.list():
        timing = read_timing(stored.body)
        if timing.is_enabled and AT_START in timing.crons:
            found += _start(replace(context, actor=stored.created_by), timing, key=None)
    return tuple(found)


def schedule_view(stored: StoredSchedule, now: datetime) -> dict[str, Any]:
    """Return a schedule as it was posted, with its id and when it starts next."""
    timing = read_timing(stored.body)
    following = next_due(timing.crons, after=now) if timing.is_enabled else None
    return {
        **stored.body, "id": stored.id, "nextRun": None if following is None else following.isoformat(),
        "created": stored.created_at, "modified": stored.modified_at, "createdBy": stored.created_by,
    }  # fmt: skip


def next_runs(context: Context) -> dict[int, tuple[int, str]]:
    """Return for each job or collection that is scheduled the schedule that starts it next, and when."""
    found: dict[int, tuple[int, str]] = {}
    for stored in context.store.datasync.schedules.list():
        timing = read_timing(stored.body)
        following = next_due(timing.crons, after=context.clock()) if timing.is_enabled else None
        for target in (*timing.jobs, *timing.collections):
            moment = "" if following is None else following.isoformat()
            if target not in found or (moment and moment < (found[target][1] or "~")):
                found[target] = (stored.id, moment)
    return found


def _due(context: Context, stored: StoredSchedule) -> tuple[StoredRun, ...]:
    timing, clock = read_timing(stored.body), context.store.timetable
    if not timing.is_enabled or not timing.crons:
        return ()
    name, now = f"datasync {stored.id}", context.clock()
    checked_at = clock.checked_at(name, timing.crons)
    due = None if checked_at is None else last_due(timing.crons, after=checked_at, until=now)
    if checked_at is None or due is not None:
        clock.check(name, timing.crons, at=now)
    if due is None or (now - due).total_seconds() > _LATE_S:
        return ()
    return _start(replace(context, actor=stored.created_by), timing, key=f"{name} {due.isoformat()}")


def _start(context: Context, timing: Timing, *, key: str | None) -> tuple[StoredRun, ...]:
    # Whichever workers look at the clock, of one time there is one run.
    runs = [queue_run(context, job, key=key and f"{key} job {job}") for job in timing.jobs]
    runs += [queue_collection(context, one, key=key and f"{key} job {one}") for one in timing.collections]
    return tuple(runs)


def _checked(context: Context, body: Mapping[str, Any]) -> Timing:
    timing = read_timing(body)
    for kind, ids in (("job", timing.jobs), ("collection", timing.collections)):
        for number in ids:
            if context.store.datasync.read_job(number).kind != kind:
                raise NotFound(f"{number} is no {kind}", remedy=f"name a {kind}")
    return timing


def _require_free(context: Context, name: str, schedule: int) -> None:
    if any(other.name == name and other.id != schedule for other in context.store.datasync.schedules.list()):
        raise Conflict(f"there is a schedule {name!r} already", remedy="choose another name, or change that one")


def _tell(context: Context, action: str, subject: str) -> None:
    context.store.audit.add(Deed(actor=context.actor, action=action, subject=subject), at=context.clock())
