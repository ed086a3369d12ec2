"""A run of a collection: its jobs one after the other in their order, until one fails that says Abort."""

from dataclasses import replace

from accord.datasync.body import read_body
from accord.datasync.notices import Told
from accord.operations.datasync.jobs import jobs_in_order
from accord.operations.datasync.running import FAILED, HELD, RUN, SUCCESS, WITH_ERRORS, begin_run, perform_run
from accord.operations.datasync.telling import tell_collection, told_of
from accord.runs.context import Context, recorded
from accord.store.activities import ActivityState
from accord.store.datasync import StoredJob, StoredRun

_STATES = {
    SUCCESS: ActivityState.DONE, WITH_ERRORS: ActivityState.DONE_WITH_ERRORS, FAILED: ActivityState.FAILED,
    HELD: ActivityState.HELD,
}  # fmt: skip


def run_collection(context: Context, collection: int) -> tuple[StoredRun, ...]:
    """Run the enabled jobs of a collection now; return the run of each. Raises NotFound."""
    stored = context.store.datasync.read_job(collection)
    run = context.store.datasync.begin_run(stored.id, RUN, actor=context.actor, now=context.clock())
    perform_collection(context, run)
    return runs_of_collection(context, run, stored.id)


def perform_collection(context: Context, run: int) -> StoredRun:
    """Do a run of a collection that was noted; the notices of its jobs do not count, its own do."""
    kept = context.store.datasync
    stored = kept.read_job(kept.read_run(run).job)
    jobs = jobs_in_order(context, stored.id)
    with recorded(context, "datasync", system=stored.name, profile="collection") as recorder:
        kept.start_run(run, activity=recorder.id, now=context.clock())
        inside = replace(context, activity=None, parent=recorder.id)
        done = _run_each(inside, run, jobs)
        states = [one.state for one in done]
        state = next((s for s in (FAILED, HELD, WITH_ERRORS) if s in states), SUCCESS)
        counts = {s: states.count(s) for s in sorted(set(states))}
        message = f"{len(done)} of {len(jobs)} jobs ran"
        kept.end_run(run, state, message=message, counts=counts, activity=recorder.id, now=context.clock())
        recorder.finish(_STATES[state], message=message)
    _tell(context, stored, jobs, kept.read_run(run), done)
    return kept.read_run(run)


def runs_of_collection(context: Context, run: int, collection: int) -> tuple[StoredRun, ...]:
    """Return the runs of the jobs of one run of a collection, in their order."""
    found = [
        one
        for job in jobs_in_order(context, collection)
        for one in context.store.datasync.list_runs(job.id)
        if one.collection_run == run
    ]
    return tuple(sorted(found, key=lambda one: one.id))


def _run_each(context: Context, run: int, jobs: tuple[StoredJob, ...]) -> list[StoredRun]:
    done: list[StoredRun] = []
    for job in jobs:
        body = read_body(job.body)
        if not body.is_enabled:
            continue
        context.stop.check()
        own = begin_run(context, job.id, RUN, collection_run=run)
        done.append(perform_run(context, own, tells=False))
        if done[-1].state in (FAILED, HELD) and body.on_failure.casefold() != "continue":
            break
    return done


def _tell(
    context: Context, stored: StoredJob, jobs: tuple[StoredJob, ...], ended: StoredRun, done: list[StoredRun]
) -> None:
    kept = context.store.datasync
    names = {job.id: job.name for job in jobs}
    counts: dict[str, int] = {}
    for one in done:
        for name, count in one.counts.items():
            counts[name] = counts.get(name, 0) + count
    each = [told_of(names[one.job], one, kept.list_results(one.id)) for one in done]
    lines = [line for told in each for line in (f"{told.name}: {told.state}: {told.message}", *told.lines)]
    told = Told(
        name=stored.name, state=ended.state, message=ended.message, counts=counts, lines=lines,
        started_at=ended.started_at, ended_at=ended.ended_at,
    )  # fmt: skip
    lost = tell_collection(context, stored, [read_body(job.body) for job in jobs], told, each)
    kept.add_results(ended.id, lost)
