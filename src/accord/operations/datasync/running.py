"""Running a job: its memory opened, destination and source imported, synchronised, exported; and what became of rows.

Each job has a store of its own below the data folder, so that jobs never wait for each other or for anything else.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from accord.connectors.base import Capabilities
from accord.connectors.registry import connector_kind
from accord.datasync.compiled import DESTINATION, SOURCE
from accord.datasync.providers import ProviderKind
from accord.datasync.reading import JobSource, Reach
from accord.datasync.scripting import VisualBasic
from accord.model.errors import AccordError, Held, UsageError
from accord.model.plan import Count
from accord.operations.activities import items_of
from accord.operations.datasync.opening import Opens, ReadyJob, make_ready, names_of, open_source
from accord.operations.datasync.results import ResultNames, results_of
from accord.operations.datasync.watching import WatchedDestination
from accord.operations.plans import release_plan
from accord.runs.context import Context, OpenedSystem, Recorder, RunResult, recorded
from accord.runs.export_run import run_export
from accord.runs.import_run import run_delta_import, run_import
from accord.runs.passwords import NoDesk
from accord.runs.sync_run import apply_plan, run_plan, run_sync
from accord.store.activities import ActivityState
from accord.store.datasync import RowResult, StoredRun
from accord.store.opening import open_store

SUCCESS = "Success"
WITH_ERRORS = "CompletedWithErrors"
FAILED = "Failed"
HELD = "Held"
_MOST_ITEMS = 100_000


def run_job(context: Context, job: int, *, collection_run: int | None = None) -> StoredRun:
    """Run a job now; how it ended is in the run, also when it failed. Raises NotFound, Invalid."""
    return _performed(context, job, "run", collection_run=collection_run)


def preview_job(context: Context, job: int) -> StoredRun:
    """Compute what a run would do; nothing is written anywhere but to the job's own memory."""
    return _performed(context, job, "preview")


def released_job(context: Context, job: int, *, reason: str) -> StoredRun:
    """Run a job whose last run was held, with what was held let through."""
    return _performed(context, job, "run", reason=reason)


def _performed(
    context: Context, job: int, verb: str, *, collection_run: int | None = None, reason: str = ""
) -> StoredRun:
    kept = context.store.datasync
    stored = kept.read_job(job)
    if stored.kind == "template":
        raise UsageError("a template is not run", remedy="create a job from it")
    run = kept.begin_run(job, verb, actor=context.actor, now=context.clock(), collection_run=collection_run)
    state, message, activity = FAILED, "", None
    counts: dict[str, int] = {}
    results: list[RowResult] = []
    try:
        with recorded(context, "datasync", system=stored.name, profile=verb) as recorder:
            activity = recorder.id
            ready = make_ready(context, stored)
            with job_memory(context, ready) as work:
                results, held = work.perform(recorder, verb, reason=reason)
            counts = dict(Counter(f"{r.action} {r.outcome}" for r in results))
            has_errors = any(r.outcome in ("failed", "error", "unknown") for r in results)
            state = HELD if held else WITH_ERRORS if has_errors else SUCCESS
            message = held or _summary(counts)
            recorder.finish(_STATES[state], message=message, counts=_counts(stored.name, counts))
    except AccordError as error:
        message = str(error)
    finally:
        kept.add_results(run, results)
        kept.end_run(run, state, message=message, counts=counts, activity=activity, now=context.clock())
    return kept.read_run(run)


_STATES = {
    SUCCESS: ActivityState.DONE,
    WITH_ERRORS: ActivityState.DONE_WITH_ERRORS,
    FAILED: ActivityState.FAILED,
    HELD: ActivityState.HELD,
}


@contextmanager
def job_memory(context: Context, ready: ReadyJob) -> Iterator["JobWork"]:
    """Open the job's own store with everything a run needs."""
    if context.data_folder is None:
        raise UsageError("there is no data folder for the memory of jobs", remedy="open the store by a data folder")
    folder = Path(context.data_folder) / "datasync" / str(ready.stored.id)
    with open_store(folder) as store:
        # The queued job, if there is one, is of the outer store; the runs inside make records of their own.
        inner = replace(context, store=store, rules=ready.compiled.rules, configured=None, activity=None)
        yield JobWork(context, ready, inner)


class _Desk(NoDesk):
    """Looks up the passwords of a job's static mappings."""

    def __init__(self, opens: Opens) -> None:
        self._opens = opens

    def look_up(self, reference: str) -> str:
        return self._opens.look_up(reference)


class JobWork:
    """One run of a job on its own memory."""

    def __init__(self, outer: Context, ready: ReadyJob, inner: Context) -> None:
        self._ready = ready
        reach = Reach(
            open_source=lambda plan: open_source(ready, plan),
            names_of=lambda look_up: names_of(ready, look_up),
            now=outer.clock(),
            scripts=VisualBasic(now=outer.clock()),
        )
        self._source = JobSource(ready.compiled.sources, reach)
        self._destinations: list[WatchedDestination] = []
        self.context = replace(
            inner, open_system=self._open, passwords=_Desk(ready.opens), vault=None, progress=outer.progress
        )

    def perform(self, recorder: Recorder, verb: str, *, reason: str = "") -> tuple[list[RowResult], str]:
        """Return what became of each row worth telling, and why the run was held, if it was.

        With a reason, what the guard holds is released and applied.
        """
        activities: list[int] = []
        held = ""
        plan_id: str | None = None
        try:
            for result in self._steps(verb, reason):
                activities.append(result.activity.id)
                recorder.advance(sum(count.count for count in result.counts))
                plan_id = result.plan_id
        except Held as error:
            held = str(error)
        names = ResultNames(self.context, self._source, self._ready)
        items = [item for a in self._every(activities) for item in items_of(self.context, a, limit=_MOST_ITEMS)]
        sent = [sent for destination in self._destinations for sent in destination.sent]
        planned = names.planned(plan_id) if verb == "preview" and not held else ()
        return results_of(names, items, sent, planned), held

    def _steps(self, verb: str, reason: str) -> Iterator[RunResult]:
        context = self.context
        yield self._let_through(lambda: run_import(context, DESTINATION), reason)
        is_delta = any(plan.time_stamp_field for plan in self._ready.compiled.sources.values())
        read = run_delta_import if is_delta else run_import
        yield self._let_through(lambda: read(context, SOURCE), reason)
        if verb == "preview":
            yield run_plan(context)
            return
        yield self._let_through(lambda: run_sync(context), reason)
        # Whatever was refused last time may be right by now: a row is tried in every run.
        context.store.pending.try_again(DESTINATION)
        yield run_export(context, DESTINATION)

    def _let_through(self, step: Callable[[], RunResult], reason: str) -> RunResult:
        """Take a step; with a reason, what the guard holds of it is released and applied."""
        try:
            return step()
        except Held as held:
            if not reason:
                raise
            release_plan(self.context, held.plan_id, by=self.context.actor, reason=reason)
            return apply_plan(self.context, held.plan_id)

    def _every(self, done: list[int]) -> list[int]:
        """Return the activities of this run, with the one that was held."""
        latest = self.context.store.activities.list(limit=len(done) + 1)
        since = max(done, default=0)
        held = [a.id for a in latest if a.state is ActivityState.HELD and a.id > since]
        return [*done, *held]

    def _open(self, system: str, _file: str | None = None) -> OpenedSystem:
        if system == SOURCE:
            has_stamps = any(plan.time_stamp_field for plan in self._ready.compiled.sources.values())
            return OpenedSystem(connector=self._source, capabilities=Capabilities(can_read_changes=has_stamps))
        ready = self._ready
        kind = connector_kind(ready.destination.kind.connector)
        plan = ready.compiled.destination
        is_file = ready.destination.kind in (ProviderKind.EXCEL, ProviderKind.CSV)
        watched = WatchedDestination(
            ready.opens.open(ready.destination, plan.settings),
            keys={p.object_type: tuple(name for name, _ in p.keys) for p in ready.compiled.sources.values()},
            conditions=plan.conditions,
            file=Path(str(ready.destination.settings["path"])) if is_file else None,
        )
        self._destinations.append(watched)
        # Changes are not read from here: what the job compares with is read as a whole.
        return OpenedSystem(connector=watched, capabilities=replace(kind.capabilities, can_read_changes=False))


def _summary(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing to change"


def _counts(name: str, counts: dict[str, int]) -> tuple[Count, ...]:
    return tuple(
        Count(area="rows", system=name, object_type="", operation=text, count=count)
        for text, count in sorted(counts.items())
    )
