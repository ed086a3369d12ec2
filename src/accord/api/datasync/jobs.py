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
from accord.operations.datasync.queueing import queue_job
from accord.operations.datasync.runs import list_runs, preview_job, read_results, read_run, release_run, run_job
from accord.operations.datasync.views import job_details, job_info, names_view, result_view, run_view

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


@router.get("/Templates")
def list_all_templates(door: AsReader) -> dict[str, Any]:
    """List the templates that were kept."""
    with door.reading() as context:
        found = [job_info(context, template) for template in list_templates(context)]
    return listing(len(found), found)


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


@router.post("/{job}/Run")
def run(door: AsOperator, job: int, *, wait: bool = True) -> dict[str, Any]:
    """Run a job; the answer comes when it has ended, with `wait=false` at once, and a worker runs it."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        if not wait:
            accepted = queue_job(context, job)
            data = {"jobId": job, "activity": accepted.activity, "taskId": accepted.task}
            return envelope(Done.SAVED, data, message=accepted.message)
        done = run_job(context, job)
    return envelope(Done.SAVED, run_view(done), name=done.state, message=done.message)


@router.post("/{job}/Preview")
def preview(door: AsOperator, job: int) -> dict[str, Any]:
    """Compute what a run would do, and write nothing."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        done = preview_job(context, job)
        results = [result_view(result) for result in read_results(context, job, done.id)]
    return envelope(Done.SAVED, {**run_view(done), "results": results}, name=done.state, message=done.message)


@router.get("/{job}/Status")
def status(door: AsReader, job: int) -> dict[str, Any]:
    """Return the latest run."""
    with door.reading() as context:
        runs = list_runs(context, job, limit=1)
    return listing(len(runs), run_view(runs[0]) if runs else None)


@router.get("/{job}/Runs")
def runs(door: AsReader, job: int, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
    """List the runs of a job, newest first."""
    with door.reading() as context:
        found = [run_view(one) for one in list_runs(context, job, limit=limit)]
    return listing(len(found), found)


@router.get("/{job}/Runs/{run_id}")
def run_details(
    door: AsReader,
    job: int,
    run_id: int,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> dict[str, Any]:
    """Return a run with what became of each row, from the result after `after` on."""
    with door.reading() as context:
        found = read_run(context, job, run_id)
        results = [result_view(r) for r in read_results(context, job, run_id, after=after, limit=limit)]
    return listing(len(results), {**run_view(found), "results": results})


@router.post("/{job}/Runs/{run_id}/Release")
def release(door: AsOperator, job: int, run_id: int, body: OptionalBody) -> dict[str, Any]:
    """Let a held run go on: somebody looked and says that what it would do is right."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        done = release_run(context, job, run_id, reason=str(first(body, "reason") or ""))
    return envelope(Done.SAVED, run_view(done), name=done.state, message=done.message)
