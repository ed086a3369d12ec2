"""DataSync jobs: listed, run, previewed, and what became of every row."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsOperator, AsReader
from accord.operations.activities import read_activity
from accord.operations.datasync.jobs import list_collections, list_jobs, read_job
from accord.operations.datasync.queueing import queue_collection, queue_undo
from accord.operations.datasync.runs import list_runs, queue_run, read_results, read_run, release_run
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_ROWS = 500
_RUNS = 50


@router.get("/datasync")
def show_all(request: Request, door: AsReader) -> Response:
    """List jobs, each with its last run."""
    with door.reading() as context:
        jobs = list_jobs(context)
        last = {job.id: next(iter(list_runs(context, job.id, limit=1)), None) for job in jobs}
        collections = list_collections(context)
    return page(
        request, "datasync.html", place="datasync", title="DataSync jobs", jobs=jobs, last=last,
        collections=collections,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/GroupIDDataService/api/DataSyncJobs"),
    )  # fmt: skip


@router.get("/datasync/{job}")
def show(request: Request, door: AsReader, job: int) -> Response:
    """Show one job with its runs."""
    with door.reading() as context:
        stored, runs = read_job(context, job), list_runs(context, job, limit=_RUNS)
    return page(
        request, "datasync_job.html", place="datasync", title=stored.name, job=stored, runs=runs,
        said=Said(api=f"curl -X POST -H 'X-API-Key: …' $ACCORD/GroupIDDataService/api/DataSyncJobs/{job}/run"),
    )  # fmt: skip


@router.get("/datasync/{job}/runs/{run}")
def show_run(request: Request, door: AsReader, job: int, run: int, after: int = 0) -> Response:
    """Show what became of the rows of a run."""
    with door.reading() as context:
        stored, found = read_job(context, job), read_run(context, job, run)
        results = read_results(context, job, run, after=after, limit=_ROWS + 1)
        activity = read_activity(context, f"A{found.activity}", limit=0).activity if found.activity else None
    return page(
        request, "datasync_run.html", place="datasync", title=f"{stored.name}, run {run}", job=stored, run=found,
        activity=activity, results=results[:_ROWS], next=after + _ROWS if len(results) > _ROWS else None,
        said=Said(api=f"curl -H 'X-API-Key: …' $ACCORD/GroupIDDataService/api/DataSyncJobs/{job}/runs/{run}"),
    )  # fmt: skip


@router.get("/datasync/{job}/runs/{run}/state")
def show_state(request: Request, door: AsReader, job: int, run: int) -> Response:
    """Show how far a run is; once it has ended the page is shown anew."""
    with door.reading() as context:
        found = read_run(context, job, run)
        activity = read_activity(context, f"A{found.activity}", limit=0).activity if found.activity else None
    answer = part(request, "_datasync_state.html", run=found, activity=activity)
    if found.ended_at:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/datasync/{job}/runs/{run}/undo")
def take_back(door: AsOperator, job: int, run: int, form: Form) -> Response:
    """Queue taking back what a run did."""
    with door.writing() as context:
        queued = queue_undo(context, job, run, reason=form.get("reason", ""))
    return go_to(f"/datasync/{job}/runs/{queued.id}")


@router.post("/datasync/collections/{collection}/run")
def run_collection(door: AsOperator, collection: int, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue a run of a collection."""
    with door.writing() as context:
        queued = queue_collection(context, collection)
    return go_to(f"/runs/A{queued.activity}")


@router.post("/datasync/{job}/{verb}")
def act(door: AsOperator, job: int, verb: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue a run or a preview of a job."""
    with door.writing() as context:
        run = queue_run(context, job, verb)
    return go_to(f"/datasync/{job}/runs/{run.id}")


@router.post("/datasync/{job}/runs/{run}/release")
def release(door: AsOperator, job: int, run: int, form: Form) -> Response:
    """Let a held run go on, for a reason."""
    with door.writing() as context:
        done = release_run(context, job, run, reason=form.get("reason", ""))
    return go_to(f"/datasync/{job}/runs/{done.id}")
