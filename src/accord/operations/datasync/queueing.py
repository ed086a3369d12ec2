"""Runs of DataSync jobs as queued work: accepted at once, done by a worker, seen and cancelled like any other."""

from accord.model.errors import UsageError
from accord.operations.datasync.running import FAILED, HELD, run_job
from accord.operations.execution import Accepted, execute
from accord.operations.performing import Order, Work, register
from accord.runs.context import Context
from accord.store.datasync import StoredRun

WORK = "datasync"


def queue_job(context: Context, job: int) -> Accepted:
    """Queue a run of a job; raise NotFound."""
    stored = context.store.datasync.read_job(job)
    return execute(context, Order(work=WORK, profile=f"DataSync {stored.name}", parameters={"job": job}))


def _perform(context: Context, order: Order) -> StoredRun:
    run = run_job(context, _job_of(order))
    if run.state in (FAILED, HELD):
        raise UsageError(run.message, remedy=f"see run {run.id} of job {run.job}")
    return run


def _needs(_context: Context, order: Order) -> tuple[str, ...]:
    # Two runs of one job would want one memory.
    return (f"datasync job {_job_of(order)}",)


def _job_of(order: Order) -> int:
    return int(str(order.parameters.get("job", "")))


register(Work(name=WORK, kind="datasync", perform=_perform, needs=_needs))
