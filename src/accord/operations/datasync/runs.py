"""Runs of jobs and collections: started, looked at, and let go on when they were held."""

from dataclasses import replace

from accord.model.errors import NotFound, UsageError
from accord.operations.datasync.queueing import queue_run
from accord.operations.datasync.running import CANCELLED, FAILED, HELD
from accord.runs.context import Context
from accord.store.activities import ActivityState
from accord.store.audit import Deed
from accord.store.datasync import RowResult, StoredRun

__all__ = ["RowResult", "StoredRun", "list_runs", "queue_run", "read_results", "read_run", "release_run"]

_ENDED_BADLY = {ActivityState.CANCELLED: CANCELLED, ActivityState.FAILED: FAILED}


def list_runs(context: Context, job: int, *, limit: int = 100) -> tuple[StoredRun, ...]:
    """Return the runs and previews of a job, newest first; raise NotFound."""
    context.store.datasync.read_job(job)
    return tuple(_settled(context, run) for run in context.store.datasync.list_runs(job, limit=limit))


def read_run(context: Context, job: int, run: int) -> StoredRun:
    """Return one run of a job; raise NotFound."""
    found = context.store.datasync.read_run(run)
    if found.job != job:
        raise NotFound(f"job {job} has no run {run}", remedy="list the runs of the job")
    return _settled(context, found)


def read_results(context: Context, job: int, run: int, *, after: int = 0, limit: int = 10_000) -> tuple[RowResult, ...]:
    """Return what became of the rows of a run; raise NotFound."""
    read_run(context, job, run)
    return context.store.datasync.list_results(run, after=after, limit=limit)


def release_run(context: Context, job: int, run: int, *, reason: str) -> StoredRun:
    """Queue a held run to go on with what it would do; raise UsageError when it is not held, or for no reason."""
    held = read_run(context, job, run)
    if held.state != HELD:
        raise UsageError(f"run {run} is not held: {held.state}", remedy="only held runs are released")
    if not reason.strip():
        raise UsageError("a held run is released for a reason", remedy='send {"reason": "..."}')
    deed = Deed(actor=context.actor, action="datasync.release", subject=f"job {job} run {run}", reason=reason)
    context.store.audit.add(deed, at=context.clock())
    return queue_run(context, job, reason=reason)


def _settled(context: Context, run: StoredRun) -> StoredRun:
    """Return the run; one whose worker died, or that was cancelled before its turn, as its activity tells it."""
    if run.ended_at or not run.activity:
        return run
    activity = context.store.activities.read(run.activity)
    if activity.state not in _ENDED_BADLY:
        # It goes on, or is about to say itself how it ended.
        return run
    state = _ENDED_BADLY[activity.state]
    return replace(run, state=state, ended_at=str(activity.ended_at or ""), message=activity.message)
