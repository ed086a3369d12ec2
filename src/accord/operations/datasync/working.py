"""One run of a job on its own memory: source and destination imported, synchronised, exported, with its events."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from accord.config.digest import digest_of
from accord.connectors.base import Capabilities, Connector, ExportOperation
from accord.connectors.registry import connector_kind
from accord.datasync.compiled import DESTINATION, SOURCE, DestinationPlan, SourcePlan
from accord.datasync.events import JobEvents, Note, rows_as_calls, script_of_columns
from accord.datasync.leavers import leaving_of
from accord.datasync.providers import ProviderKind
from accord.datasync.reading import JobSource, Reach
from accord.datasync.scripting import open_host
from accord.datasync.sources import with_query
from accord.model.errors import Held
from accord.model.plan import PlanState
from accord.model.rules import RuleSet
from accord.operations.activities import items_of
from accord.operations.datasync.deprovisioning import LeavingDestination
from accord.operations.datasync.finishing import finish_rows
from accord.operations.datasync.opening import Opens, ReadyJob, asked_destination, names_of, open_source
from accord.operations.datasync.results import ResultNames, results_of
from accord.operations.datasync.scripted import ScriptedDestination, StagingReach
from accord.operations.datasync.watching import WatchedDestination, key_of
from accord.operations.plans import release_plan
from accord.runs.context import Context, OpenedSystem, Recorder, RunResult
from accord.runs.export_run import run_export
from accord.runs.import_run import run_delta_import, run_import
from accord.runs.passwords import NewPassword, NoDesk
from accord.runs.sync_run import apply_plan, run_plan, run_sync
from accord.store.activities import ActivityState
from accord.store.datasync import RowResult

_MOST_ITEMS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a run: what became of rows, why it was held if it was, passwords that were made."""

    results: list[RowResult]
    held: str
    passwords: tuple[NewPassword, ...] = ()


class JobWork:
    """One run of a job; close it when it is over."""

    def __init__(self, outer: Context, ready: ReadyJob, inner: Context) -> None:
        self._ready = ready
        programs = script_of_columns(ready.compiled.sources)
        host = open_host(ready.compiled.script, programs, now=outer.clock())
        self._events = JobEvents(host, ready.compiled.script)
        self._desk = Desk(ready.opens)
        reach = Reach(
            open_source=lambda plan: open_source(ready, plan),
            asked=self._asked,
            names_of=lambda look_up: names_of(ready, look_up),
            now=outer.clock(),
            scripts=self._events,
        )
        self._source = JobSource(ready.compiled.sources, reach)
        self._destinations: list[WatchedDestination] = []
        self._names: ResultNames | None = None
        self._plan: DestinationPlan | None = None
        self.context = replace(inner, open_system=self._open, passwords=self._desk, vault=None, progress=outer.progress)

    @property
    def notes(self) -> list[Note]:
        """Return what scripts said."""
        return self._events.notes

    def perform(self, recorder: Recorder, verb: str, *, reason: str = "") -> Done:
        """Return what became of each row worth telling, and why the run was held, if it was.

        With a reason, what the guard holds is released and applied.
        """
        activities: list[int] = []
        held = ""
        plan_id: str | None = None
        self._events.fire("Startup")
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
        results = results_of(names, items, sent, planned)
        if not held:
            finish_rows(self._events, self._source, tuple(self._ready.compiled.sources), results)
        self._events.fire("Shutdown")
        return Done(results=results, held=held, passwords=tuple(self._desk.made))

    def close(self) -> None:
        """End what runs the scripts."""
        self._events.close()

    def _steps(self, verb: str, reason: str) -> Iterator[RunResult]:
        context = self.context
        is_delta = any(plan.time_stamp_field for plan in self._ready.compiled.sources.values())
        read = run_delta_import if is_delta else run_import
        yield self._let_through(lambda: read(context, SOURCE), reason)
        if not self._source.is_all_known:
            # A row of the destination that nobody claims may be the one that could not be read.
            context = replace(context, rules=without_unclaimed(context.rules))
        yield self._let_through(lambda: run_import(context, DESTINATION), reason)
        if verb == "preview":
            yield run_plan(context)
            return
        yield self._let_through(lambda: run_sync(context), reason)
        # Whatever was refused last time may be right by now: a row is tried in every run.
        context.store.pending.try_again(DESTINATION)
        yield run_export(context, DESTINATION)

    def apply(self, plan_id: str, reason: str) -> Done:
        """Apply a plan that was kept, as a whole, and send what it asks for."""
        context = self.context
        if context.store.plans.read_header(plan_id).state is PlanState.HELD:
            release_plan(context, plan_id, by=context.actor, reason=reason)
        apply_plan(context, plan_id)
        run_export(context, DESTINATION)
        names = ResultNames(self.context, self._source, self._ready)
        return Done(results=results_of(names, (), [s for d in self._destinations for s in d.sent], ()), held="")

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

    def _asked(self, plan: SourcePlan) -> SourcePlan:
        query = self._events.query("BuildSourceQuery", plan.query, plan.place)
        return plan if query == plan.query else with_query(plan, query, self._ready.source.kind)

    def _open(self, system: str, _file: str | None = None) -> OpenedSystem:
        if system == SOURCE:
            has_stamps = any(plan.time_stamp_field for plan in self._ready.compiled.sources.values())
            return OpenedSystem(connector=self._source, capabilities=Capabilities(can_read_changes=has_stamps))
        ready = self._ready
        kind = connector_kind(ready.destination.kind.connector)
        plan = self._plan = self._plan or asked_destination(ready, self._events)
        is_file = ready.destination.kind in (ProviderKind.EXCEL, ProviderKind.CSV)
        watched = WatchedDestination(
            self._scripted(self._leaving(ready.opens.open(ready.destination, plan.settings))),
            keys=ready.keys,
            conditions=plan.conditions,
            file=Path(str(ready.destination.settings["path"])) if is_file else None,
        )
        self._destinations.append(watched)
        # Changes are not read from here: what the job compares with is read as a whole.
        return OpenedSystem(connector=watched, capabilities=replace(kind.capabilities, can_read_changes=False))

    def _leaving(self, connector: Connector) -> Connector:
        return connector if leaving_of(self._ready.body).writes_alike else LeavingDestination(connector)

    def _scripted(self, connector: Connector) -> Connector:
        if not self._events.has(*ROW_WRITES):
            return connector
        kept = self.context.store.datasync.staged
        reach = StagingReach(
            row_of=self._row_of, schemas=self._ready.schemas, remembered=kept.read(), remember=kept.remember
        )
        return ScriptedDestination(connector, self._events, reach)

    def _row_of(self, operation: ExportOperation) -> tuple[str, Mapping[str, str | None]]:
        """Return where the row behind an operation stands, and what it says."""
        self._names = self._names or ResultNames(self.context, self._source, self._ready)
        key = key_of(operation, self._ready.keys) or self._names.key_of_anchor(operation.anchor)
        rows = self._source.row_at(operation.object_type, key)
        return (
            self._source.place_of(operation.object_type, key) or operation.dn or key,
            {} if rows is None else rows_as_calls(rows)[0],
        )


def without_unclaimed(rules: RuleSet) -> RuleSet:
    """Return rules that delete nothing they never linked."""
    outbound = tuple(replace(rule, deletes_unclaimed=False) for rule in rules.outbound)
    changed = replace(rules, outbound=outbound)
    return replace(changed, digest=digest_of(changed))


ROW_WRITES = ("RowAdding", "RowAdded", "RowChanging", "RowChanged", "RowDeleting", "RowDeleted", "RowFailed")
"""Events for which the destination is watched row by row."""


class Desk(NoDesk):
    """Looks up the passwords of a job's static mappings, and holds those made until they are mailed."""

    def __init__(self, opens: Opens) -> None:
        self._opens = opens
        self.made: list[NewPassword] = []

    def look_up(self, reference: str) -> str:
        """Return the secret behind a reference."""
        return self._opens.look_up(reference)

    def deliver(self, made: Sequence[NewPassword]) -> None:
        """Keep them for this run."""
        self.made += made
