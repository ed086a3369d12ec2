"""Runs of jobs and collections: started, looked at, and let go on when they were held."""

from typing import Any

from accord.model.errors import NotFound, UsageError
from accord.operations.datasync.jobs import read_collection
from accord.operations.datasync.running import FAILED, HELD, preview_job, released_job, run_job
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.datasync import RowResult, StoredRun

__all__ = ["list_runs", "preview_job", "read_results", "read_run", "release_run", "run_collection", "run_job"]


def list_runs(context: Context, job: int, *, limit: int = 100) -> tuple[StoredRun, ...]:
    """Return the runs and previews of a job, newest first; raise NotFound."""
    context.store.datasync.read_job(job)
    return context.store.datasync.list_runs(job, limit=limit)


def read_run(context: Context, job: int, run: int) -> StoredRun:
    """Return one run of a job; raise NotFound."""
    found = context.store.datasync.read_run(run)
    if found.job != job:
        raise NotFound(f"job {job} has no run {run}", remedy="list the runs of the job")
    return found


def read_results(context: Context, job: int, run: int, *, after: int = 0, limit: int = 10_000) -> tuple[RowResult, ...]:
    """Return what became of the rows of a run; raise NotFound."""
    read_run(context, job, run)
    return context.store.datasync.list_results(run, after=after, limit=limit)


def release_run(context: Context, job: int, run: int, *, reason: str) -> StoredRun:
    """Let a held run go on with what it would do; raise UsageError when it is not held or no reason is given."""
    held = read_run(context, job, run)
    if held.state != HELD:
        raise UsageError(f"run {run} is not held: {held.state}", remedy="only held runs are released")
    if not reason.strip():
        raise UsageError("a held run is released for a reason", remedy='send {"reason": "..."}')
    deed = Deed(actor=context.actor, action="datasync.release", subject=f"job {job} run {run}", reason=reason)
    context.store.audit.add(deed, at=context.clock())
    return released_job(context, job, reason=reason)


def run_collection(context: Context, collection: int) -> tuple[StoredRun, ...]:
    """Run the enabled jobs of a collection in their order; one that fails ends it when it says Abort."""
    stored, jobs = read_collection(context, collection)
    kept = context.store.datasync
    own = kept.begin_run(stored.id, "run", actor=context.actor, now=context.clock())
    done: list[StoredRun] = []
    for job in jobs:
        info: dict[str, Any] = next((value for key, value in job.body.items() if key.casefold() == "jobinfo"), {})
        if info.get("isEnable") is False:
            continue
        done.append(run_job(context, job.id, collection_run=own))
        if done[-1].state in (FAILED, HELD) and str(info.get("onFailure", "Abort")).casefold() != "continue":
            break
    states = [run.state for run in done]
    state = next((s for s in (FAILED, HELD, "CompletedWithErrors") if s in states), "Success")
    message = f"{len(done)} of {len(jobs)} jobs ran"
    counts = {s: states.count(s) for s in sorted(set(states))}
    kept.end_run(own, state, message=message, counts=counts, activity=None, now=context.clock())
    return tuple(done)
