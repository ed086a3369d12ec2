"""DataSync jobs: listed, run, previewed, and what became of every row."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from accord.api.callers import AsOperator, AsReader, Door
from accord.model.errors import Invalid, UsageError
from accord.operations.activities import read_activity
from accord.operations.datasync.jobs import delete_jobs, list_collections, list_jobs, read_job
from accord.operations.datasync.moving import duplicate_job, export_job, import_job, read_export
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.queueing import queue_collection, queue_undo
from accord.operations.datasync.runs import list_runs, queue_run, read_results, read_run, release_run
from accord.operations.datasync.schedules import describe_schedules
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_ROWS = 500
_RUNS = 50


@router.get("/datasync")
def show_all(request: Request, door: AsReader) -> Response:
    """List jobs, each with its last run."""
    return _page(request, door)


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
        require_owner(context, door.caller, [job])
        queued = queue_undo(context, job, run, reason=form.get("reason", ""))
    return go_to(f"/datasync/{job}/runs/{queued.id}")


@router.post("/datasync/collections/{collection}/run")
def run_collection(door: AsOperator, collection: int, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue a run of a collection."""
    with door.writing() as context:
        require_owner(context, door.caller, [collection])
        queued = queue_collection(context, collection)
    return go_to(f"/runs/A{queued.activity}")


@router.post("/datasync/import")
def take(request: Request, door: AsOperator, form: Form) -> Response:
    """Keep what was exported elsewhere as a job of its own."""
    try:
        with door.writing() as context:
            made = import_job(context, read_export(form.get("content", "")), form.get("password", ""), renames=True)
    except (Invalid, UsageError) as error:
        return _page(request, door, wrong=str(error))
    return go_to(f"/datasync/{made}")


@router.post("/datasync/{job}/export")
def export(door: AsOperator, job: int, form: Form) -> Response:
    """Give a job away as a file, its secrets sealed by a password."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        content = export_job(context, job, form.get("password", ""))
    kept = {"Content-Disposition": f'attachment; filename="datasync-job-{job}.json"'}
    return JSONResponse(content, headers=kept)


@router.post("/datasync/{job}/duplicate")
def copy(door: AsOperator, job: int, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Keep a copy of a job under a name of its own."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        made = duplicate_job(context, job)
    return go_to(f"/datasync/{made}")


@router.post("/datasync/{job}/delete")
def end(door: AsOperator, job: int, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Forget a job and its runs; nothing in any system changes."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        delete_jobs(context, [job])
    return go_to("/datasync")


@router.post("/datasync/{job}/{verb}")
def act(door: AsOperator, job: int, verb: Literal["run", "preview"], form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue a run or a preview of a job."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        run = queue_run(context, job, verb)
    return go_to(f"/datasync/{job}/runs/{run.id}")


@router.post("/datasync/{job}/runs/{run}/release")
def release(door: AsOperator, job: int, run: int, form: Form) -> Response:
    """Let a held run go on, for a reason."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        done = release_run(context, job, run, reason=form.get("reason", ""))
    return go_to(f"/datasync/{job}/runs/{done.id}")


def _page(request: Request, door: Door, *, wrong: str = "") -> Response:
    with door.reading() as context:
        jobs = list_jobs(context)
        last = {job.id: next(iter(list_runs(context, job.id, limit=1)), None) for job in jobs}
        collections, schedules = list_collections(context), describe_schedules(context)
    return page(
        request, "datasync.html", place="datasync", title="DataSync jobs", jobs=jobs, last=last, schedules=schedules,
        collections=collections, names={one.id: one.name for one in (*jobs, *collections)}, wrong=wrong,
        code=400 if wrong else 200,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/GroupIDDataService/api/DataSyncJobs"),
    )  # fmt: skip
