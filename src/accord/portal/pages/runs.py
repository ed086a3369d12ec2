"""Runs: what was done, what is going on, object by object, with what went wrong grouped by cause."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from accord.api.callers import AsOperator, AsReader, Door
from accord.api.v1.executing import AsExecutor
from accord.operations.activities import (
    ActivitySummary,
    items_after,
    list_activities,
    read_activity,
    search_activities,
)
from accord.operations.causes import list_causes, retry_cause
from accord.operations.comparing_runs import compare_with_last
from accord.operations.execution import cancel, execute, retry
from accord.operations.monitoring import ActivityFilter, ActivityState, ItemFilter
from accord.operations.performing import Order
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, render_part

router = APIRouter(include_in_schema=False)
_LISTED = 100
_ITEMS = 100
_LIVE_EVERY_S = 0.5
_LOOKED_AT = 200
_STATES = tuple(state.value for state in ActivityState)
_OVER = ("done", "done_with_errors", "failed", "held", "cancelled")


@router.get("/runs")
def show_all(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, system: str = "", state: str = "", kind: str = "", text: str = "",
    before: Annotated[int, Query(ge=0)] = 0,
) -> Response:  # fmt: skip
    """List runs, newest first."""
    wanted = ActivityFilter(
        system=system, search=text.strip(), kinds=(kind,) if kind else (),
        states=(ActivityState(state),) if state in _STATES else (),
    )  # fmt: skip
    with door.reading() as context:
        found = search_activities(context, wanted, before=before or None, limit=_LISTED)
        systems = sorted(context.rules.systems)
        kinds = sorted({a.kind for a in list_activities(context, limit=_LOOKED_AT)} | ({kind} if kind else set()))
    return page(
        request, "runs.html", place="runs", title="Runs", activities=found.activities, system=system,
        state=state, kind=kind,
        text=text, systems=systems, kinds=kinds, states=_STATES, total=found.total, before=before,
        next=found.activities[-1].id[1:] if len(found.activities) == _LISTED else None,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/activities", powershell="Get-AccordActivity",
                  command="accord activities"),
    )  # fmt: skip


@router.get("/runs/{name}")
def show(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, name: str, code: str = "", operation: str = "", outcome: str = "",
    text: str = "", after: Annotated[int, Query(ge=0)] = 0,
) -> Response:  # fmt: skip
    """Show one run; its objects page by page, those of one cause or with a text where that is asked for."""
    wanted = ItemFilter(code=code, operation=operation, outcome=outcome, search=text.strip())
    with door.reading() as context:
        activity = read_activity(context, name, limit=0).activity
        items = items_after(context, activity.id, wanted, after=after, limit=_ITEMS + 1)
        causes, compared = list_causes(context, activity.id), compare_with_last(context, activity.id)
    return page(
        request, "run.html", place="runs", title=f"Run {activity.id}", activity=activity, items=items[:_ITEMS],
        causes=causes, compared=compared, is_over=activity.state in _OVER, wanted=wanted, after=after,
        next=items[_ITEMS - 1].seq if len(items) > _ITEMS else None,
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
def repeat(door: AsExecutor, name: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue the same work once more."""
    with door.writing() as context:
        accepted = retry(context, name)
    return go_to(f"/runs/{accepted.activity}")


@router.post("/runs/{name}/causes/{code}/again")
def repeat_cause(door: AsOperator, name: str, code: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue what failed for one cause once more."""
    with door.writing() as context:
        accepted = retry_cause(context, name, code)
    return go_to(f"/runs/{accepted.activity}")


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
