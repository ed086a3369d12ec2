"""Runs of jobs: queued at once, done by a worker; looked at, released, taken back, explained."""

import time
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic.alias_generators import to_camel

from accord.api.callers import AsOperator, AsReader, Door
from accord.api.datasync.envelopes import DATA_SERVICE, Done, OptionalBody, envelope, first, listing
from accord.model.errors import Invalid
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.queueing import queue_run, queue_undo
from accord.operations.datasync.runs import StoredRun, list_runs, read_results, read_run, release_run
from accord.operations.datasync.taking_back import explain_row
from accord.operations.datasync.views import result_view, run_view

router = APIRouter(prefix=f"{DATA_SERVICE}/DataSyncJobs", include_in_schema=False)

Wait = Annotated[str, Query()]
_LOOK_S = 0.2
_MOST_S = 600.0
"""How often a request that waits looks, and how long it waits at most."""


@router.post("/{job}/Run")
def run(door: AsOperator, job: int, wait: Wait = "false") -> dict[str, Any]:
    """Queue a run; a worker does it. With `wait` the answer comes when it has ended, or after so many seconds."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        queued = queue_run(context, job)
    return answered(door, queued, wait)


@router.post("/{job}/Preview")
def preview(door: AsOperator, job: int, wait: Wait = "false") -> dict[str, Any]:
    """Queue a preview: what a run would do, and nothing is written."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        queued = queue_run(context, job, "preview")
    return answered(door, queued, wait)


@router.get("/{job}/Status")
def status(door: AsReader, job: int) -> dict[str, Any]:
    """Return the latest run."""
    with door.reading() as context:
        runs = list_runs(context, job, limit=1)
    return listing(len(runs), run_view(runs[0]) if runs else None)


@router.get("/{job}/Runs")
def show_runs(door: AsReader, job: int, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
    """List the runs of a job, newest first."""
    with door.reading() as context:
        found = [run_view(one) for one in list_runs(context, job, limit=limit)]
    return listing(len(found), found)


@router.get("/{job}/Runs/{run_id}")
def details(
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
def release(door: AsOperator, job: int, run_id: int, body: OptionalBody, wait: Wait = "false") -> dict[str, Any]:
    """Let a held run go on: somebody looked and says that what it would do is right."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        queued = release_run(context, job, run_id, reason=str(first(body, "reason") or ""))
    return answered(door, queued, wait)


@router.post("/{job}/Runs/{run_id}/Undo")
def undo(door: AsOperator, job: int, run_id: int, body: OptionalBody, wait: Wait = "false") -> dict[str, Any]:
    """Queue taking back what a run did: a compensating plan, applied and sent."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        queued = queue_undo(context, job, run_id, reason=str(first(body, "reason") or ""))
    return answered(door, queued, wait)


@router.get("/{job}/Explain")
def explain(door: AsOperator, job: int, key: str, attribute: str | None = None) -> dict[str, Any]:
    """Tell why the values of one row are what they are."""
    with door.writing() as context:
        found = explain_row(context, job, key, attribute)
    return listing(1, _camel(asdict(found)))


def answered(door: Door, queued: StoredRun, wait: str) -> dict[str, Any]:
    """Return the envelope of a run: at once, or when it has ended if the caller waits for it."""
    deadline = time.monotonic() + _seconds(wait)
    found = queued
    while not found.ended_at and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
        with door.reading() as context:
            found = read_run(context, queued.job, queued.id)
    data = run_view(found)
    if found.verb == "preview" and found.ended_at:
        with door.reading() as context:
            data["results"] = [result_view(r) for r in read_results(context, found.job, found.id)]
    return envelope(Done.SAVED, data, name=data["outcome"], message=found.message or None)


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_camel(name): _camel(inner) for name, inner in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list | tuple) else value


def _seconds(wait: str) -> float:
    folded = wait.strip().casefold()
    if folded in ("true", "false"):
        return _MOST_S if folded == "true" else 0.0
    if not folded.isdigit():
        raise Invalid("wait must be true, false or seconds", fields={"wait": ("must be true, false or seconds",)})
    return min(float(folded), _MOST_S)
