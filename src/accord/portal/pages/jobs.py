"""Jobs and schedules: what runs, what waits and for what, and the lanes of the past day."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsOperator, AsReader
from accord.operations.activities import list_activities
from accord.operations.execution import execute, list_jobs
from accord.operations.performing import Order
from accord.portal.forms import Form, go_to
from accord.portal.lanes import lanes
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_LOOKED_AT = 500


@router.get("/jobs")
def show(request: Request, door: AsReader) -> Response:
    """Show the queue and what ran in the last 24 hours, system by system."""
    with door.reading() as context:
        jobs = list_jobs(context)
        recent = list_activities(context, limit=_LOOKED_AT)
        picture = lanes(recent, now=context.clock())
    return page(
        request, "jobs.html", place="jobs", title="Jobs and schedules", jobs=jobs, picture=picture,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/worker-tasks", powershell="Get-AccordWorkerTask",
                  command="accord jobs list"),
    )  # fmt: skip


@router.get("/jobs/queue")
def show_queue(request: Request, door: AsReader) -> Response:
    """Show the queue, as the part of the page that is renewed."""
    with door.reading() as context:
        return part(request, "_queue.html", jobs=list_jobs(context))


@router.post("/jobs/cycle")
def run_cycle(door: AsOperator, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue the whole cycle: every import, the synchronisation, every export, and what confirms them."""
    with door.writing() as context:
        accepted = execute(context, Order(work="cycle"))
    return go_to(f"/runs/{accepted.activity}")
