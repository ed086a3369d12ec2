"""What needs me: running now, failed by cause, plans that wait, systems gone stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsReader
from accord.api.moments import now
from accord.model.errors import AccordError
from accord.operations.activities import ActivitySummary, is_activity_name, list_activities
from accord.operations.plans import is_plan_name
from accord.operations.status import SystemStatus, read_status
from accord.operations.subjects import find_subject
from accord.portal.forms import go_to
from accord.portal.rendering import Said, link, page, part

router = APIRouter(include_in_schema=False)
_LOOKED_AT = 200
_CAUSES = 8
_STALE_AFTER = timedelta(days=2)
_GOING = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Runs that failed the same way; `last` is the newest."""

    message: str
    where: str
    count: int
    last: ActivitySummary


@router.get("/")
def show(request: Request, door: AsReader) -> Response:
    """Show what needs a person."""
    with door.reading() as context:
        status = read_status(context)
        activities = list_activities(context, limit=_LOOKED_AT)
    return page(
        request, "home.html", place="home", title="What needs me", status=status,
        running=[a for a in activities if a.state in _GOING],
        causes=causes_of(activities)[:_CAUSES],
        stale=[s.name for s in status.systems if _is_stale(s)],
        extras=(),
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
            found = find_subject(context, text)
    except AccordError:
        return go_to(link("/identities", text=text))
    if found.identity_id is not None:
        return go_to(f"/identities/{found.identity_id}")
    return go_to(f"/objects/{found.object_id}")


def causes_of(activities: Sequence[ActivitySummary]) -> list[Cause]:
    """Return failed runs by cause, the most frequent first; newest first in, so the first of a cause is its last."""
    causes: dict[tuple[str, str], list[ActivitySummary]] = {}
    for activity in activities:
        if activity.state in ("failed", "done_with_errors"):
            where = f"{activity.kind} {activity.system}".strip().replace("_", " ")
            message = activity.message.partition("\n")[0] or "some objects had errors"
            causes.setdefault((message, where), []).append(activity)
    found = [Cause(message=m, where=w, count=len(runs), last=runs[0]) for (m, w), runs in causes.items()]
    return sorted(found, key=lambda cause: -cause.count)


def _is_stale(system: SystemStatus) -> bool:
    if system.last is None:
        return False
    return now() - datetime.fromisoformat(system.last.started_at) > _STALE_AFTER
