"""Runs: what was done, what is going on, object by object, with what went wrong grouped by cause."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from accord.api.callers import AsOperator, AsReader, Door
from accord.operations.activities import ActivityPage, ActivitySummary, Item, list_activities, read_activity
from accord.operations.execution import cancel, execute, retry
from accord.operations.performing import Order
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, render_part

router = APIRouter(include_in_schema=False)
_LISTED = 100
_ITEMS = 200
_LIVE_EVERY_S = 0.5
_OVER = ("done", "done_with_errors", "failed", "held", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """Items of one cause; `sample` is the first, `count` those among the items shown."""

    code: str
    count: int
    sample: Item


@router.get("/runs")
def show_all(request: Request, door: AsReader, system: str = "", state: str = "", kind: str = "") -> Response:
    """List runs, newest first."""
    with door.reading() as context:
        activities = list_activities(context, system=system or None, limit=_LISTED)
        systems = sorted(context.rules.systems)
    shown = [a for a in activities if state in ("", a.state) and kind in ("", a.kind)]
    return page(
        request, "runs.html", place="runs", title="Runs", activities=shown, system=system, state=state, kind=kind,
        systems=systems, kinds=sorted({a.kind for a in activities} | ({kind} if kind else set())), states=_OVER,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/activities", powershell="Get-AccordActivity",
                  command="accord activities"),
    )  # fmt: skip


@router.get("/runs/{name}")
def show(
    request: Request, door: AsReader, name: str, limit: Annotated[int, Query(ge=1, le=10_000)] = _ITEMS
) -> Response:
    """Show one run."""
    with door.reading() as context:
        found = read_activity(context, name, limit=limit)
        before = _run_before(list_activities(context, system=found.activity.system or None, limit=_LISTED), found)
    activity = found.activity
    return page(
        request, "run.html", place="runs", title=f"Run {activity.id}", activity=activity, found=found,
        groups=groups_of(found.items), before=before, is_over=activity.state in _OVER, limit=limit,
        said=Said(
            api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/activities/{activity.guid}",
            powershell=f"Get-AccordActivity -Id {activity.guid}",
            command=f"accord activities {activity.id}",
        ),
    )  # fmt: skip


@router.get("/runs/{name}/live")
def watch(door: AsReader, name: str) -> Response:
    """Stream how far a run is, until it is over."""
    return StreamingResponse(_live(door, name), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post("/runs/{name}/cancel")
def stop(door: AsOperator, name: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Cancel a run."""
    with door.writing() as context:
        cancel(context, name)
    return go_to(f"/runs/{name}")


@router.post("/runs/{name}/undo")
def take_back(door: AsOperator, name: str, form: Form) -> Response:
    """Queue the plan that takes a run back, and show how far it is."""
    with door.writing() as context:
        accepted = execute(context, Order(work="undo", reason=form.get("reason", ""), parameters={"run": name}))
    return go_to(f"/runs/{accepted.activity}")


@router.post("/runs/{name}/again")
def repeat(door: AsOperator, name: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue the same work once more."""
    with door.writing() as context:
        accepted = retry(context, name)
    return go_to(f"/runs/{accepted.activity}")


def groups_of(items: Sequence[Item]) -> list[ErrorGroup]:
    """Return the items with a code by cause, the most frequent first."""
    counts = Counter(i.code for i in items if i.code)
    first = {i.code: i for i in reversed(items) if i.code}
    return [ErrorGroup(code=code, count=count, sample=first[code]) for code, count in counts.most_common()]


async def _live(door: Door, name: str) -> AsyncIterator[str]:
    said = ""
    while True:
        activity = await run_in_threadpool(_read, door, name)
        text = render_part("_run_live.html", activity=activity)
        if text != said:
            yield "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
            said = text
        if activity.state in _OVER:
            yield "event: accord:reload\ndata: over\n\n"
            return
        await asyncio.sleep(_LIVE_EVERY_S)


def _read(door: Door, name: str) -> ActivitySummary:
    with door.reading() as context:
        return read_activity(context, name, limit=0).activity


def _run_before(activities: Sequence[ActivitySummary], found: ActivityPage) -> ActivitySummary | None:
    """Return the last run of the same kind on the same system before this one."""
    this = found.activity
    return next(
        (
            a
            for a in activities
            if a.kind == this.kind and a.system == this.system and int(a.id[1:]) < int(this.id[1:]) and a.state in _OVER
        ),
        None,
    )
