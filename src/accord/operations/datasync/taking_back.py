"""Undo and explanation of a job: those of the engine, on the job's own memory."""

from dataclasses import replace

from accord.model.errors import NotFound, UsageError
from accord.operations.datasync.opening import ReadyJob, make_ready
from accord.operations.datasync.running import RUN, job_memory, perform
from accord.operations.datasync.working import Done, JobWork
from accord.operations.explaining import Explanation, explain
from accord.runs.context import Context, Recorder
from accord.runs.undo_run import run_undo
from accord.store.activities import ActivityFilter
from accord.store.datasync import StoredRun


def undo_run(context: Context, job: int, run: int, *, reason: str) -> StoredRun:
    """Take back what a run of a job did, now; raise UsageError when there is nothing to take back."""
    noted = context.store.datasync.begin_run(job, "undo", actor=context.actor, now=context.clock())
    return perform_undo(context, noted, run, reason=reason)


def perform_undo(context: Context, noted: int, run: int, *, reason: str) -> StoredRun:
    """Do an undo that was noted: the compensating plan of what the run wrote, applied and sent.

    A plan that breaks a limit is let through: somebody gave a reason for it.
    """
    undone = context.store.datasync.read_run(run)

    def work(job: JobWork, _recorder: Recorder, _verb: str) -> Done:
        planned = run_undo(job.context, _writing_of(job.context, undone))
        if planned.plan_id is None:
            raise UsageError(f"run {run} left nothing to take back", remedy="see what it did")
        return job.apply(planned.plan_id, reason or f"undo of run {run}")

    return perform(context, noted, work, tells=False)


def explain_row(context: Context, job: int, key: str, attribute: str | None = None) -> Explanation:
    """Return why the values of one row, named by its key or account, are what they are; raise NotFound."""
    ready: ReadyJob = make_ready(context, context.store.datasync.read_job(job))
    with job_memory(context, ready) as work:
        inner = replace(work.context, actor=context.actor)
        for text in (key, f"source/{key.casefold()}", f"destination/{key}"):
            try:
                return explain(inner, text, attribute)
            except NotFound:
                continue
    raise NotFound(f"job {job} knows no row {key!r}", remedy="name a row by its key, and run the job first")


def _writing_of(context: Context, run: StoredRun) -> int:
    """Return the export of a run in the job's own memory: the one that ran between its beginning and its end."""
    found = [
        activity.id
        for activity in context.store.activities.find(ActivityFilter(kinds=("export",)), limit=1000)
        if run.started_at <= (activity.started_at or "") <= run.ended_at
    ]
    if run.verb != RUN or not found:
        raise UsageError(f"run {run.id} wrote nothing that could be taken back", remedy="name another run")
    return max(found)
