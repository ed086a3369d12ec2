"""What needs me: running now, failed by cause, plans that wait, systems gone stale."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsReader
from accord.model.errors import AccordError
from accord.operations.activities import is_activity_name, list_activities
from accord.operations.endings import read_endings
from accord.operations.plans import is_plan_name
from accord.operations.reviews import count_reviews
from accord.operations.schedules import list_due
from accord.operations.status import read_status
from accord.operations.subjects import find_named
from accord.operations.troubles import list_troubles
from accord.portal.forms import go_to
from accord.portal.rendering import Said, link, page, part

router = APIRouter(include_in_schema=False)
_LOOKED_AT = 200
_CAUSES = 8
_AHEAD = timedelta(days=7)
_DUE = 8
_GOING = ("queued", "running")


@router.get("/")
def show(request: Request, door: AsReader) -> Response:
    """Show what needs a person."""
    with door.reading() as context:
        status, endings, reviews = read_status(context), read_endings(context), count_reviews(context)
        activities = list_activities(context, limit=_LOOKED_AT)
        troubles = list_troubles(context)[:_CAUSES]
        soon = context.clock()
    schedules = request.app.state.server.configuration.schedules
    first = [list_due([s], now=soon, until=soon + _AHEAD, most=1) for s in schedules.values()]
    due = sorted((d for found in first for d in found[:1]), key=lambda d: d.at)[:_DUE]
    return page(
        request, "home.html", place="home", title="What needs me", status=status, endings=endings,
        due=due, has_schedules=bool(schedules), reviews=reviews,
        running=[a for a in activities if a.state in _GOING],
        troubles=troubles,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/status", command="accord status"),
    )  # fmt: skip


@router.get("/home/running")
def show_running(request: Request, door: AsReader) -> Response:
    """Show what runs now, as the part of the page that is renewed."""
    with door.reading() as context:
        activities = list_activities(context, limit=_LOOKED_AT)
    return part(request, "_running.html", running=[a for a in activities if a.state in _GOING])


@router.get("/jump")
def jump(door: AsReader, to: str = "") -> Response:
    """Go to what a text means: a plan, a run, one identity, else the search for it."""
    text = to.strip()
    if is_plan_name(text):
        return go_to(f"/plans/{text.upper()}")
    if is_activity_name(text):
        return go_to(f"/runs/{text.upper() if text[:1] in 'aA' and text[1:].isdecimal() else text}")
    try:
        with door.reading() as context:
            if text in context.rules.systems:
                return go_to(link(f"/systems/{text}"))
            found = find_named(context, text)
    except AccordError:
        return go_to(link("/identities", text=text))
    if found.identity_id is not None:
        return go_to(f"/identities/{found.identity_id}")
    return go_to(f"/objects/{found.object_id}")
