"""Activities: list, look at, watch. Progress is cheap to poll, and is streamed to who would rather be told."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from accord.api.callers import AsOperator, AsReader, Door
from accord.api.moments import Moment, moment_text, now
from accord.api.pages import Page, Paged, cursor_at, key_at
from accord.api.recent import Recent
from accord.api.shapes import Shape
from accord.api.v1.activity_bodies import (
    ActivityDetail,
    ActivityHeader,
    ActivityOutcome,
    ActivityProgress,
    ActivitySort,
    ActivityStatus,
    InitiatorType,
    ItemBody,
    RunStats,
    TargetOperation,
    TargetType,
)
from accord.api.v1.activity_views import detail_of, header_of, item_body, progress_of
from accord.api.v1.activity_words import ORDERS, STATUSES, counted_as, kinds_of, run_type_of, stats_of
from accord.api.v1.executing import Execution, accepted_as
from accord.app import Context
from accord.model.errors import UsageError
from accord.operations.administration.desk import Desk
from accord.operations.administration.schedules import schedule_named
from accord.operations.execution import execute
from accord.operations.monitoring import (
    ANY_SCHEDULE,
    ActivityFilter,
    ActivityOrder,
    Found,
    ItemFilter,
    Watched,
    actor_of_key,
    child_counts,
    children_of,
    find,
    find_items,
    initiator_ids,
    numbers_of,
    read,
    waiting_for,
)
from accord.operations.performing import Order

router = APIRouter(prefix="/api/v1/activities", tags=["Activities"])

_LOOK_S = 0.5
_STILL_S = 15.0
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
"""One server-sent event, for the description."""


@router.get("")
def list_activities(
    door: AsReader,
    paging: Paged,
    target_type: Annotated[list[TargetType] | None, Query(alias="targetType")] = None,
    initiator_type: Annotated[list[InitiatorType] | None, Query(alias="initiatorType")] = None,
    operation: Annotated[list[TargetOperation] | None, Query()] = None,
    outcome: Annotated[list[ActivityOutcome] | None, Query()] = None,
    status: Annotated[list[ActivityStatus] | None, Query()] = None,
    initiated_by: Annotated[str | None, Query(alias="initiatedBy")] = None,
    initiated_by_id: Annotated[str | None, Query(alias="initiatedById", max_length=100)] = None,
    has_child_activities: Annotated[bool | None, Query(alias="hasChildActivities")] = None,
    created_from: Annotated[Moment | None, Query(alias="createdFrom")] = None,
    created_to: Annotated[Moment | None, Query(alias="createdTo")] = None,
    connected_system: Annotated[str | None, Query(alias="connectedSystem")] = None,
    run_profile: Annotated[str | None, Query(alias="runProfile")] = None,
    scheduled_only: Annotated[bool, Query(alias="scheduledOnly")] = False,
    schedule_id: Annotated[str | None, Query(alias="scheduleId", max_length=100)] = None,
) -> Page[ActivityHeader]:
    """List activities, newest first unless `sortBy` says otherwise."""
    with door.reading() as context:
        schedule = _schedule(context, schedule_id, is_any=scheduled_only)
        initiator = actor_of_key(context, initiated_by_id) if initiated_by_id else initiated_by or ""
    if initiator is None:
        return paging.cut([])
    wanted = ActivityFilter(
        schedule=schedule,
        system=connected_system or "",
        profile=run_profile or "",
        kinds=kinds_of(target_type or [], operation or []),
        states=tuple(ours for ours, theirs in STATUSES.items() if theirs in (status or [])),
        actor=initiator,
        initiators=tuple(_INITIATORS[kind] for kind in initiator_type or []),
        has_children=has_child_activities,
        search=paging.filter or "",
        since=moment_text(created_from) if created_from else "",
        until=moment_text(created_to) if created_to else "",
        counted=counted_as(outcome or []),
    )
    with door.reading() as context:
        return _found(context, paging, wanted)


_INITIATORS = {
    InitiatorType.API_KEY: "key", InitiatorType.SYSTEM: "system", InitiatorType.USER: "user",
    InitiatorType.ANONYMOUS: "anonymous", InitiatorType.NOT_SET: "anonymous",
}  # fmt: skip


@router.get("/{activity_id}")
def read_activity(door: AsReader, activity_id: str) -> ActivityDetail:
    """Return one activity with its phases and counters."""
    with door.reading() as context:
        watched = read(context, activity_id)
        system_id, profile_id = numbers_of(context, watched)
        initiators = initiator_ids(context, [watched])
    return detail_of(watched, system_id=system_id, profile_id=profile_id, initiators=initiators, now=now())


@router.get("/{activity_id}/progress", response_model=ActivityProgress)
async def read_progress(door: AsReader, activity_id: str, request: Request) -> Response:
    """Return how far an activity is."""
    recent: Recent = request.app.state.recent
    body = await recent.of(activity_id, lambda: _progress(door, activity_id).model_dump_json(by_alias=True).encode())
    return Response(body, media_type="application/json")


@router.get(
    "/{activity_id}/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}, "description": "Progress."}},
)
async def stream_progress(door: AsReader, activity_id: str, request: Request) -> StreamingResponse:
    """Stream the progress of an activity as server-sent events, until it has ended."""
    first = await to_thread.run_sync(_progress, door, activity_id)

    async def events() -> AsyncIterator[str]:
        progress, told, told_at = first, "", 0.0
        while True:
            text = progress.model_dump_json(by_alias=True, exclude={"elapsed_seconds", "retrieved_at"})
            if text != told:
                yield f"event: progress\ndata: {progress.model_dump_json(by_alias=True)}\n\n"
                told, told_at = text, anyio.current_time()
            elif anyio.current_time() - told_at > _STILL_S:
                yield ": still here\n\n"
                told_at = anyio.current_time()
            if progress.status is not ActivityStatus.IN_PROGRESS:
                yield "event: end\ndata: {}\n\n"
                return
            await anyio.sleep(_LOOK_S)
            if await request.is_disconnected():
                return
            progress = await to_thread.run_sync(_progress, door, activity_id)

    return StreamingResponse(events(), media_type="text/event-stream")


@router.get("/{activity_id}/stats")
def read_stats(door: AsReader, activity_id: str) -> RunStats:
    """Return the counters of a run."""
    with door.reading() as context:
        watched = read(context, activity_id)
    _require_run(watched)
    return stats_of(watched)


@router.get("/{activity_id}/items")
def list_items(
    door: AsReader,
    activity_id: str,
    paging: Paged,
    outcome: Annotated[str | None, Query(description="done, error, failed, unknown ...")] = None,
    operation: Annotated[str | None, Query()] = None,
    error_code: Annotated[str | None, Query(alias="errorCode")] = None,
    object_type: Annotated[str | None, Query(alias="objectType")] = None,
) -> Page[ItemBody]:
    """List the objects of a run that are worth telling: what is wrong with each, and what to do about it."""
    wanted = ItemFilter(
        outcome=outcome or "", operation=operation or "", code=error_code or "", object_type=object_type or "",
        search=paging.filter or "",
    )  # fmt: skip
    with door.reading() as context:
        watched = read(context, activity_id)
        _require_run(watched)
        after = key_at(paging.cursor)
        skip = 0 if after is not None else paging.first_row
        found = find_items(context, watched, wanted, limit=paging.page_size, skip=skip, after=after or 0)
    rows = [item_body(watched, item) for item in found.items]
    is_full = len(found.items) == paging.page_size
    return paging.page_of(rows, found.total, next_cursor=cursor_at(found.items[-1].seq) if is_full else None)


class Undo(Shape):
    """What to take back: the whole run, or what it did to one object or attribute, and why."""

    reason: str = Field(min_length=1, max_length=2000)
    object: str | None = Field(default=None, max_length=500)
    attribute: str | None = Field(default=None, max_length=200)


@router.post("/{activity_id}/undo", status_code=202)
def undo_activity(door: AsOperator, activity_id: str, body: Undo, response: Response) -> Execution:
    """Queue the computation of a plan that takes back a run; nothing changes until that plan is applied."""
    with door.writing() as context:
        watched = read(context, activity_id)
        parameters = {"run": watched.guid, "subject": body.object or "", "attribute": body.attribute or ""}
        accepted = execute(context, Order(work="undo", reason=body.reason, parameters=parameters))
        return accepted_as(accepted, response)


@router.get("/{activity_id}/children")
def list_children(door: AsReader, activity_id: str, paging: Paged) -> Page[ActivityHeader]:
    """List the parts of an activity."""
    with door.reading() as context:
        found = children_of(context, activity_id, limit=paging.page_size, skip=paging.first_row)
        return _page(context, paging, found)


def _schedule(context: Context, schedule_id: str | None, *, is_any: bool) -> str:
    if schedule_id:
        return schedule_named(Desk(context), schedule_id)
    return ANY_SCHEDULE if is_any else ""


def _found(context: Context, paging: Paged, wanted: ActivityFilter) -> Page[ActivityHeader]:
    order = ORDERS[paging.order_among(ActivitySort, ActivitySort.CREATED)]
    is_descending = paging.descending is not False
    if (order, is_descending) != (ActivityOrder.CREATED, True):
        rows, skip = paging.page_size, paging.first_row
        found = find(context, wanted, limit=rows, skip=skip, order=order, is_descending=is_descending)
        return _page(context, paging, found).model_copy(update={"next_cursor": None})
    before = key_at(paging.cursor)
    skip = 0 if before is not None else paging.first_row
    return _page(context, paging, find(context, wanted, limit=paging.page_size, skip=skip, before=before))


def _page(context: Context, paging: Paged, found: Found) -> Page[ActivityHeader]:
    moment, children = now(), child_counts(context, found.activities)
    initiators = initiator_ids(context, found.activities)
    rows = [
        header_of(a, children=children.get(a.number, 0), initiators=initiators, now=moment) for a in found.activities
    ]
    is_full = len(rows) == paging.page_size
    return paging.page_of(rows, found.total, next_cursor=cursor_at(found.activities[-1].number) if is_full else None)


def _progress(door: Door, activity_id: str) -> ActivityProgress:
    with door.reading() as context:
        watched = read(context, activity_id)
        waits = waiting_for(context, watched)
    return progress_of(watched, waits=waits, now=now())


def _require_run(watched: Watched) -> None:
    if run_type_of(watched) is None:
        raise UsageError(f"activity {watched.name} is no run of a profile", remedy="read the activity itself")
