"""Running a job: noted, its memory opened, performed, and told to whoever wants to know.

Each job has a store of its own, so that jobs never wait for each other or for anything else.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from accord.datasync.events import SCRIPT_FAILED, Note
from accord.model.errors import AccordError, UsageError
from accord.model.plan import Count
from accord.operations.datasync.memory import open_memory
from accord.operations.datasync.opening import ReadyJob, make_ready
from accord.operations.datasync.telling import hand_over, tell_run
from accord.operations.datasync.working import Done, JobWork
from accord.runs.context import Context, Recorder, recorded
from accord.store.activities import ActivityState
from accord.store.datasync import RowResult, StoredRun

SUCCESS = "Success"
WITH_ERRORS = "CompletedWithErrors"
FAILED = "Failed"
HELD = "Held"
CANCELLED = "Cancelled"
RUN = "run"
PREVIEW = "preview"
UNDO = "undo"

_STATES = {
    SUCCESS: ActivityState.DONE,
    WITH_ERRORS: ActivityState.DONE_WITH_ERRORS,
    FAILED: ActivityState.FAILED,
    HELD: ActivityState.HELD,
}


def run_job(context: Context, job: int) -> StoredRun:
    """Run a job now; how it ended is in the run, also when it failed. Raises NotFound, Invalid."""
    return perform_run(context, begin_run(context, job, RUN))


def preview_job(context: Context, job: int) -> StoredRun:
    """Compute what a run would do; nothing is written anywhere but to the job's own memory."""
    return perform_run(context, begin_run(context, job, PREVIEW))


def begin_run(context: Context, job: int, verb: str, *, collection_run: int | None = None) -> int:
    """Note a run of a job that is to come; return its id. Raises NotFound, UsageError for what is not run."""
    stored = context.store.datasync.read_job(job)
    if stored.kind == "template":
        raise UsageError("a template is not run", remedy="create a job from it")
    if stored.kind == "collection":
        raise UsageError(f"{job} is a collection", remedy="run it as a collection")
    return context.store.datasync.begin_run(
        job, verb, actor=context.actor, now=context.clock(), collection_run=collection_run
    )


def perform_run(context: Context, run: int, *, reason: str = "", tells: bool = True) -> StoredRun:
    """Do a run that was noted. With a reason, what the guard holds is let through. `tells`: mails may be sent."""

    def work(job: JobWork, recorder: Recorder, verb: str) -> Done:
        return job.perform(recorder, verb, reason=reason)

    return perform(context, run, work, tells=tells)


def perform(context: Context, run: int, work: Callable[[JobWork, Recorder, str], Done], *, tells: bool) -> StoredRun:
    """Do the work of a run that was noted, and keep how it ended with what became of rows."""
    kept = context.store.datasync
    noted = kept.read_run(run)
    stored = kept.read_job(noted.job)
    activity = None if context.activity is None else context.activity.id
    kept.start_run(run, activity=activity, now=context.clock())
    ending = _Ending()
    ready: ReadyJob | None = None
    try:
        with recorded(context, "datasync", system=stored.name, profile=noted.verb) as recorder:
            activity = recorder.id
            ready = make_ready(context, stored)
            with job_memory(context, ready) as job:
                done = work(job, recorder, noted.verb)
                notes = [_of_note(note) for note in job.notes]
            # Passwords are handed over first: they are nowhere else.
            ending.take(done, [*notes, *hand_over(ready, done.passwords)])
            recorder.finish(_STATES[ending.state], message=ending.message, counts=_counts(stored.name, ending.counts))
    except AccordError as error:
        ending.message = str(error)
        ending.state = CANCELLED if context.stop.by else FAILED
    finally:
        ending.keep(context, run, activity)
    ended = kept.read_run(run)
    if tells and ready is not None and noted.verb == RUN:
        lost = tell_run(context, ready.body, ended, ending.results)
        if lost:
            kept.add_results(run, lost, after=len(ending.results))
    return ended


@contextmanager
def job_memory(context: Context, ready: ReadyJob) -> Iterator[JobWork]:
    """Open the job's own store with everything a run needs."""
    with open_memory(context, ready.stored.id) as store:
        # The queued job, if there is one, is of the outer store; the runs inside make records of their own.
        inner = replace(context, store=store, rules=ready.compiled.rules, configured=None, activity=None, parent=None)
        work = JobWork(context, ready, inner)
        try:
            yield work
        finally:
            work.close()


class _Ending:
    """How a run ends, from failed until something better is known."""

    def __init__(self) -> None:
        self.state, self.message = FAILED, ""
        self.counts: dict[str, int] = {}
        self.results: list[RowResult] = []

    def take(self, done: Done, more: list[RowResult]) -> None:
        """Take what came of the work."""
        self.results = [*done.results, *more]
        self.counts = dict(Counter(f"{r.action} {r.outcome}" for r in self.results if r.outcome != "note"))
        has_errors = any(r.outcome in ("failed", "error", "unknown") for r in self.results)
        self.state = HELD if done.held else WITH_ERRORS if has_errors else SUCCESS
        self.message = done.held or _summary(self.counts)

    def keep(self, context: Context, run: int, activity: int | None) -> None:
        """Write it down."""
        kept = context.store.datasync
        kept.add_results(run, self.results)
        kept.end_run(run, self.state, message=self.message, counts=self.counts, activity=activity, now=context.clock())


def _of_note(note: Note) -> RowResult:
    return RowResult(
        row=note.row, action="script", outcome="error" if note.is_error else "note", attribute=note.event,
        code=SCRIPT_FAILED if note.is_error else "", message=note.text,
    )  # fmt: skip


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing to change"


def _counts(name: str, counts: dict[str, int]) -> tuple[Count, ...]:
    return tuple(
        Count(area="rows", system=name, object_type="", operation=text, count=count)
        for text, count in sorted(counts.items())
    )
