"""Jobs and schedules: what runs, what waits and for what, the lanes of the past and next day, and the schedules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsReader
from accord.api.v1.executing import AsExecutor
from accord.model.schedules import Schedule
from accord.operations.activities import list_activities
from accord.operations.administration.desk import Desk
from accord.operations.execution import execute, list_jobs
from accord.operations.performing import Order
from accord.operations.schedules import Execution, list_due, list_executions, next_run
from accord.portal.clock_words import all_said
from accord.portal.forms import Form, go_to
from accord.portal.lanes import lanes
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_LOOKED_AT = 500
_EXECUTIONS = 15
_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One schedule as it is listed. A draft has a problem instead of a next time."""

    name: str
    title: str
    is_enabled: bool
    when: str
    steps: int
    next_at: str | None
    last: Execution | None
    problem: str = ""


@router.get("/jobs")
def show(request: Request, door: AsReader) -> Response:
    """Show the queue, what ran in the last 24 hours and what will in the next, and the schedules."""
    declared = request.app.state.server.configuration.schedules
    with door.reading() as context:
        now = context.clock()
        jobs, recent = list_jobs(context), list_activities(context, limit=_LOOKED_AT)
        executions = list_executions(context, limit=_EXECUTIONS)
        drafts = _drafts(Desk(context), declared) if context.configured is not None else []
        last = {name: next(iter(list_executions(context, name, limit=1)), None) for name in declared}
    due = list_due(declared.values(), now=now, until=now + _AHEAD)
    lines = [_line(s, last[s.name], now) for s in sorted(declared.values(), key=lambda s: s.title.lower())]
    return page(
        request, "jobs.html", place="jobs", title="Jobs and schedules", jobs=jobs, picture=lanes(recent, due, now=now),
        lines=[*lines, *drafts], executions=executions,
        titles={s.name: s.title for s in declared.values()}, is_kept=context.configured is not None,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/worker-tasks", powershell="Get-AccordWorkerTask",
                  command="accord jobs list"),
    )  # fmt: skip


@router.get("/jobs/queue")
def show_queue(request: Request, door: AsReader) -> Response:
    """Show the queue, as the part of the page that is renewed."""
    with door.reading() as context:
        return part(request, "_queue.html", jobs=list_jobs(context))


@router.post("/jobs/cycle")
def run_cycle(door: AsExecutor, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue the whole cycle: every import, the synchronisation, every export, and what confirms them."""
    with door.writing() as context:
        accepted = execute(context, Order(work="cycle"))
    return go_to(f"/runs/{accepted.activity}")


def _line(schedule: Schedule, last: Execution | None, now: datetime) -> Line:
    following = next_run(schedule, now=now)
    return Line(
        name=schedule.name, title=schedule.title, is_enabled=schedule.is_enabled, steps=len(schedule.steps),
        when=all_said(schedule.crons), next_at=following.isoformat() if following else None, last=last,
    )  # fmt: skip


def _drafts(desk: Desk, declared: Mapping[str, Schedule]) -> list[Line]:
    unfinished = [(name, file) for name, file in desk.read.schedules.items() if name not in declared]
    return [
        Line(
            name=name, title=file.title or name, is_enabled=file.enabled, steps=len(file.steps), when="", next_at=None,
            last=None, problem="it is unfinished: change it until nothing is wrong with it",
        )
        for name, file in unfinished
    ]  # fmt: skip
