"""DataSync jobs: the eleven documented operations but those of collections, and ours in the same style."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from accord.api.callers import AsOperator, AsReader
from accord.api.datasync.envelopes import DATA_SERVICE, Body, Done, OptionalBody, envelope, first, listing, numbers
from accord.datasync.loose import Loose
from accord.datasync.searching import Paging, paging_of, search
from accord.operations.datasync.jobs import (
    create_job,
    delete_jobs,
    list_jobs,
    list_templates,
    read_job,
    update_job,
)
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.views import job_details, job_info, names_view

router = APIRouter(prefix=f"{DATA_SERVICE}/DataSyncJobs", include_in_schema=False)

JobIds = Annotated[list[str], Query(alias="jobids")]


def asked(request: Request, body: dict[str, Any]) -> tuple[Loose | None, Paging]:
    """Return filter and paging of a list, from the body or from the query."""
    criteria = first(body, "filterCriteria", "filters")
    option = first(body, "SearchOption")
    paging = paging_of(Loose(option if isinstance(option, dict) else dict(request.query_params), "SearchOption"))
    if isinstance(criteria, list):
        criteria = {"operator": "and", "child": criteria}
    if not isinstance(criteria, dict) and "attribute" in request.query_params:
        criteria = dict(request.query_params)
    return (Loose(criteria, "filterCriteria") if isinstance(criteria, dict) else None), paging


@router.post("")
def create(door: AsOperator, body: Body) -> dict[str, Any]:
    """Create a job."""
    with door.writing() as context:
        return envelope(Done.SAVED, create_job(context, body))


@router.get("")
def list_all(door: AsReader, request: Request, body: OptionalBody) -> dict[str, Any]:
    """List jobs, filtered and paged."""
    criteria, paging = asked(request, body)
    with door.reading() as context:
        count, rows = search([job_info(context, job) for job in list_jobs(context)], criteria, paging)
    return listing(count, rows)


@router.get("/Names")
def list_names(door: AsReader) -> list[Any]:
    """List the names of templates and jobs."""
    with door.reading() as context:
        return list(names_view(list_templates(context), list_jobs(context)))


@router.delete("")
def delete(door: AsOperator, jobids: JobIds) -> dict[str, Any]:
    """Delete jobs."""
    wanted = numbers(jobids, "jobids")
    with door.writing() as context:
        require_owner(context, door.caller, wanted)
        delete_jobs(context, wanted)
    return envelope(Done.DELETED, None)


@router.put("")
@router.patch("")
def update(door: AsOperator, body: Body) -> dict[str, Any]:
    """Change the job whose id the body names."""
    return update_one(door, Loose(body).one("jobInfo").number("jobId"), body)


@router.put("/{job}")
def update_one(door: AsOperator, job: int, body: Body) -> dict[str, Any]:
    """Change a job."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        return envelope(Done.SAVED, update_job(context, job, body))


@router.get("/{job}/Details")
def details(door: AsReader, job: int) -> dict[str, Any]:
    """Return a job as it was posted, secrets masked."""
    with door.reading() as context:
        return listing(0, job_details(context, read_job(context, job)))
