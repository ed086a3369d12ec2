"""Runs of DataSync jobs as queued work: accepted at once, done by a worker, seen and cancelled like any other."""

from dataclasses import replace

from accord.model.errors import UsageError
from accord.operations.datasync.collecting import perform_collection
from accord.operations.datasync.running import FAILED, HELD, PREVIEW, RUN, begin_run, perform_run
from accord.operations.datasync.taking_back import perform_undo
from accord.operations.execution import execute, order_of
from accord.operations.performing import Order, Work, register
from accord.runs.context import Context
from accord.store.datasync import StoredRun

WORK = "datasync"
COLLECTION_WORK = "datasync-collection"
UNDO_WORK = "datasync-undo"


def queue_run(context: Context, job: int, verb: str = RUN, *, reason: str = "", key: str | None = None) -> StoredRun:
    """Queue a run or preview of a job; with a reason, what the guard holds will be let through. Raises NotFound."""
    if verb not in (RUN, PREVIEW):
        raise UsageError(f"a job is not queued to {verb}", remedy="run it, or preview it")
    run = begin_run(context, job, verb)
    return _queue(context, run, Order(work=WORK, reason=reason), key=key)


def queue_collection(context: Context, collection: int, *, key: str | None = None) -> StoredRun:
    """Queue a run of a collection; raise NotFound."""
    stored = context.store.datasync.read_job(collection)
    if stored.kind != "collection":
        raise UsageError(f"{collection} is a {stored.kind}, no collection", remedy="run it as a job")
    run = context.store.datasync.begin_run(collection, RUN, actor=context.actor, now=context.clock())
    return _queue(context, run, Order(work=COLLECTION_WORK), key=key)


def queue_undo(context: Context, job: int, undone: int, *, reason: str) -> StoredRun:
    """Queue taking back what a run of a job did; raise UsageError, NotFound."""
    before = context.store.datasync.read_run(undone)
    if before.job != job or before.verb != RUN or not before.ended_at:
        raise UsageError(f"run {undone} is no run of job {job} that has ended", remedy="list the runs of the job")
    run = context.store.datasync.begin_run(job, "undo", actor=context.actor, now=context.clock())
    return _queue(context, run, Order(work=UNDO_WORK, reason=reason, parameters={"undone": undone}))


def _queue(context: Context, run: int, order: Order, *, key: str | None = None) -> StoredRun:
    kept = context.store.datasync
    job = kept.read_job(kept.read_run(run).job)
    parameters = {**order.parameters, "job": job.id, "run": run}
    accepted = execute(context, replace(order, profile=f"DataSync {job.name}", parameters=parameters), key=key)
    activity = context.store.activities.read_by_guid(accepted.activity)
    queued = int(str(order_of(activity).parameters["run"]))
    if queued != run:
        # Asked again with the same key: what was queued the first time counts.
        kept.remove_run(run)
    kept.queue_run(queued, activity.id)
    return kept.read_run(queued)


def _perform(context: Context, order: Order) -> StoredRun:
    return _checked(perform_run(context, _number(order, "run"), reason=order.reason))


def _perform_collection(context: Context, order: Order) -> StoredRun:
    return perform_collection(context, _number(order, "run"))


def _perform_undo(context: Context, order: Order) -> StoredRun:
    return _checked(perform_undo(context, _number(order, "run"), _number(order, "undone"), reason=order.reason))


def _checked(run: StoredRun) -> StoredRun:
    if run.state in (FAILED, HELD):
        raise UsageError(run.message, remedy=f"see run {run.id} of job {run.job}")
    return run


def _needs(_context: Context, order: Order) -> tuple[str, ...]:
    # Two runs of one job would want one memory.
    return (f"datasync job {_number(order, 'job')}",)


def _needs_all(context: Context, order: Order) -> tuple[str, ...]:
    collection = _number(order, "job")
    return tuple(f"datasync job {job.id}" for job in context.store.datasync.jobs_of(collection)) or (
        f"datasync job {collection}",
    )


def _number(order: Order, name: str) -> int:
    return int(str(order.parameters.get(name, "")))


register(Work(name=WORK, kind="datasync", perform=_perform, needs=_needs))
register(Work(name=COLLECTION_WORK, kind="datasync", perform=_perform_collection, needs=_needs_all))
register(Work(name=UNDO_WORK, kind="datasync", perform=_perform_undo, needs=_needs))
