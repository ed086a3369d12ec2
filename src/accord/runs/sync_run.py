"""A full synchronisation: what all systems said becomes one plan; the plan, if the guard lets it, is committed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import pyarrow as pa

from accord.engine.frames import Engine
from accord.model.errors import Held, PlanStale
from accord.model.frames import PendingEdges, PendingExports
from accord.model.plan import Count, ImportPlan, PlanHeader, PlanKind, PlanState, SyncPlan
from accord.runs.ahead import read_ahead
from accord.runs.context import Context, Recorder, RunResult, Terms, leased, recorded
from accord.runs.holding import hold
from accord.runs.import_run import commit_import
from accord.runs.remembering import Outcome, remember
from accord.store.activities import ActivityItems, ActivityState
from accord.store.baselines import Position
from accord.sync.compiling import CompiledRules, compile_rules
from accord.sync.lookups import read_notes
from accord.sync.plan_frames import read_parts
from accord.sync.planning import Decided, Planned, decide_sync
from accord.sync.workspace import NextIds, Workspace

_BATCHES_AHEAD = 4
_PARTS_AHEAD = 2


def run_sync(context: Context) -> RunResult:
    """Plan the synchronisation of everything and commit it; raises Held when the guard stops it.

    A plan is a function of what the store holds, the rules and the time. When nothing was committed since a
    synchronisation that left no errors and nothing waiting, the rules are the same and do not ask the time, it would be
    empty, and is not computed again.
    """
    systems = tuple(context.rules.systems)
    with (
        recorded(context, "sync", profile="full-sync", systems=systems) as run,
        leased(context, systems, run.activity.guid) as leases,
    ):
        versions = read_versions(context)
        if context.store.settled.holds(versions, context.rules.digest):
            return RunResult(activity=run.finish(ActivityState.DONE, message="nothing changed since the last one"))
        position = context.store.baselines.position()
        is_remembered = context.store.baselines.read() is not None
        terms = Terms(versions=versions, leases=leases)
        with _decided(context, run, is_remembered=is_remembered) as (workspace, decided):
            notes = read_notes(workspace) if is_remembered else None
            if decided.verdict.is_held:
                raise _held(context, run, terms, decided.with_plan(SyncPlan.joined(read_parts(workspace))))
            run.phase("commit")
            with closing(read_ahead(_parts(workspace), count=_PARTS_AHEAD)) as parts:
                plan, result = _commit(context, run, parts, terms, decided.counts)
        _remember(context, Outcome(planned=decided.with_plan(plan), notes=notes), position, result)
        return result


def run_plan(context: Context) -> RunResult:
    """Plan the synchronisation of everything and keep the plan; nothing else changes.

    A plan that breaks a limit is kept as held, and is no error here: asking is what plans are for.
    """
    with recorded(context, "plan", profile="plan") as run:
        versions = read_versions(context)
        planned, _ = plan_everything(context, run, is_remembered=False)
        return keep(context, run, planned, versions)


def apply_plan(context: Context, plan_id: str) -> RunResult:
    """Commit exactly the kept plan; raises PlanStale when what it was computed from has moved, Held when it is held."""
    header, plan = context.store.plans.read_plan(plan_id)
    if header.rules_digest != context.rules.digest:
        raise PlanStale(
            f"plan {plan_id} was made by other rules than those of today", remedy="make a new plan (accord plan)"
        )
    systems = [header.system] if header.system else list(context.rules.systems)
    with (
        recorded(
            context, "apply", system=header.system, profile="apply", reason=header.release_reason, systems=systems
        ) as run,
        leased(context, systems, run.activity.guid) as leases,
    ):
        run.phase("commit")
        terms = Terms(versions=header.versions, leases=leases, plan_id=plan_id)
        if isinstance(plan, ImportPlan):
            return commit_import(context, run, plan, terms)
        _, result = _commit(context, run, [plan], terms, header.counts)
        _remember_applied(context, plan_id, plan)
        return result


def read_versions(context: Context) -> dict[str, int]:
    """Return the counters of everything a synchronisation reads."""
    return context.store.versions(["metaverse", *(f"system:{s}" for s in context.rules.systems)])


@contextmanager
def loaded_workspace(context: Context, run: Recorder | None = None) -> Iterator[Workspace]:
    """Open a workspace with everything the store holds; a run tells how far loading is."""
    compiled = compile_rules(context.rules)
    with context.engine() as engine:
        yield _load(context, context.progress.advance if run is None else run.advance, engine, compiled)


def plan_everything(context: Context, run: Recorder, *, is_remembered: bool) -> tuple[Planned, pa.Table | None]:
    """Return the plan of everything, and the values by which a delta finds others again, if that is wanted."""
    with _decided(context, run, is_remembered=is_remembered) as (workspace, decided):
        planned = decided.with_plan(SyncPlan.joined(read_parts(workspace)))
        return planned, read_notes(workspace) if is_remembered else None


def new_workspace(context: Context, engine: Engine, compiled: CompiledRules) -> Workspace:
    """Return an empty workspace that goes on with the store's ids."""
    store = context.store
    ids = NextIds(object_id=store.connector_space.next_object_id(), identity_id=store.metaverse.next_identity_id())
    return Workspace(engine, compiled, now=context.clock(), next_ids=ids)


def settle(
    context: Context,
    run: Recorder,
    outcome: Outcome,
    terms: Terms,
    position: Position,
) -> RunResult:
    """Commit a plan, or hold it; remember what the next synchronisation may go on from."""
    planned = outcome.planned
    if planned.verdict.is_held:
        raise _held(context, run, terms, planned)
    run.phase("commit")
    _, result = _commit(context, run, [planned.plan], terms, planned.counts, told=outcome.told())
    _remember(context, outcome, position, result)
    return result


def keep(
    context: Context, run: Recorder, planned: Planned, versions: Mapping[str, int], *, message: str = ""
) -> RunResult:
    """Keep a plan, held or ready, without carrying it out."""
    state = PlanState.HELD if planned.verdict.is_held else PlanState.READY
    header = _header(context, run, versions, planned, state)
    run.phase("keep")
    context.store.plans.save_plan(header, planned.plan)
    _add_errors(context, run, planned.plan)
    activity = run.finish(ActivityState.DONE, counts=planned.counts, plan_id=header.id, message=message)
    return RunResult(
        activity=activity,
        counts=planned.counts,
        errors=len(planned.plan.errors),
        plan_id=header.id,
        breaches=planned.verdict.breaches,
    )


@contextmanager
def _decided(context: Context, run: Recorder, *, is_remembered: bool) -> Iterator[tuple[Workspace, Decided]]:
    """Decide about everything the store holds; the plan is to be read while the workspace is there."""
    run.phase("load")
    with loaded_workspace(context, run) as workspace:
        workspace.is_remembered = is_remembered
        run.phase("plan")
        yield workspace, decide_sync(workspace)


def _parts(workspace: Workspace) -> Iterator[SyncPlan]:
    """Yield the plan; let go of what it was computed on while the last part is written."""
    yield from read_parts(workspace)
    workspace.engine.close()


def _held(context: Context, run: Recorder, terms: Terms, planned: Planned) -> Held:
    return hold(context, run, _header(context, run, terms.versions, planned, PlanState.HELD), planned.plan)


def _remember(context: Context, outcome: Outcome, position: Position, result: RunResult) -> None:
    planned = outcome.planned
    if outcome.notes is not None:
        remember(context, position, planned, outcome.notes, is_whole=not outcome.is_part)
    # Who is left without identity elsewhere, a part does not know.
    may_join_more = outcome.is_part or planned.may_join_more
    if planned.is_timeless and not result.errors and not _may_go_on(planned.plan, may_join_more=may_join_more):
        context.store.settled.save(read_versions(context), context.rules.digest)


def _load(context: Context, advance: Callable[[int], None], engine: Engine, compiled: CompiledRules) -> Workspace:
    store = context.store
    workspace = new_workspace(context, engine, compiled)
    for system, object_type in compiled.object_types():
        batches = store.connector_space.stream_objects(system, object_type)
        for objects in read_ahead(batches, count=_BATCHES_AHEAD):
            workspace.add_objects(objects)
            advance(len(objects))
    workspace.add_edges(store.connector_space.read_all_edges())
    for identity_type in compiled.types:
        workspace.add_identities(store.metaverse.read_identities(identity_type))
    workspace.add_links(store.metaverse.read_links())
    workspace.add_decisions(store.decisions.read())
    workspace.add_reviews(store.decisions.read_reviews())
    workspace.add_identity_edges(store.metaverse.read_identity_edges())
    pending = store.pending.read_pending().table
    workspace.add_pending(PendingExports(pending.select(PendingExports.SCHEMA.names)), pending["state"])
    edges = store.pending.read_pending_edges().table
    workspace.add_pending_edges(PendingEdges(edges.select(PendingEdges.SCHEMA.names)))
    return workspace


def _may_go_on(plan: SyncPlan, *, may_join_more: bool = True) -> bool:
    """Tell whether the next synchronisation may find more to do: whom somebody joins by, or whose place, is new."""
    is_left = bool(len(plan.links_removed) or len(plan.identities_removed))
    return is_left or (may_join_more and bool(len(plan.links_added)))


def _remember_applied(context: Context, plan_id: str, plan: SyncPlan) -> None:
    """Remember what an applied plan leaves: whether nothing is to do, and whether a delta may still go on."""
    store = context.store
    made_by = store.activities.read(int(plan_id.removeprefix("P")))
    baseline = store.baselines.read()
    asks_the_time = compile_rules(context.rules).asks_the_time
    is_other = made_by.kind not in ("plan", "sync") or (baseline and baseline.rules_digest != context.rules.digest)
    # A plan that asked the time was made for a time the baseline does not know.
    if baseline is not None and (is_other or asks_the_time):
        store.baselines.forget()
    is_over = made_by.kind in ("plan", "sync") and not len(plan.errors) and not _may_go_on(plan)
    if is_over and not asks_the_time and not len(store.subsets.waiting_identities()):
        store.settled.save(read_versions(context), context.rules.digest)


def _commit(  # noqa: PLR0913 - what is committed, on which terms, and how it is told
    context: Context, run: Recorder, parts: Iterable[SyncPlan], terms: Terms, counts: Sequence[Count], *, told: str = ""
) -> tuple[SyncPlan, RunResult]:
    """Commit the parts in one transaction, each as soon as it is there; return the whole of them."""
    kept: list[SyncPlan] = []
    with context.store.transaction():
        context.store.plans.commit_sync(
            _keeping(parts, kept), activity=run.id, versions=terms.versions, leases=terms.leases, plan_id=terms.plan_id
        )
        context.store.commits.mark(run.id, at=context.clock())
    plan = SyncPlan.joined(kept)
    _add_errors(context, run, plan)
    state = ActivityState.DONE_WITH_ERRORS if len(plan.errors) else ActivityState.DONE
    message = "; ".join(m for m in ("nothing to change" if plan.is_empty else "", told) if m)
    activity = run.finish(state, message=message, counts=counts, plan_id=terms.plan_id)
    return plan, RunResult(activity=activity, counts=tuple(counts), errors=len(plan.errors), plan_id=terms.plan_id)


def _keeping(parts: Iterable[SyncPlan], kept: list[SyncPlan]) -> Iterator[SyncPlan]:
    for part in parts:
        kept.append(part)
        yield part


def _add_errors(context: Context, run: Recorder, plan: SyncPlan) -> None:
    if not len(plan.errors):
        return
    items = [
        {
            "object_type": r["object_type"], "object_id": r["object_id"], "identity_id": r["identity_id"],
            "anchor": r["anchor"], "at": r["anchor"] or "", "operation": f"sync {r['rule']}", "outcome": "error",
            "attribute": r["attribute"], "code": r["code"], "message": r["message"], "remedy": "",
        }
        for r in plan.errors.table.to_pylist()
    ]  # fmt: skip
    context.store.activities.add_items(run.id, ActivityItems(pa.Table.from_pylist(items, schema=ActivityItems.SCHEMA)))


def _header(
    context: Context, run: Recorder, versions: Mapping[str, int], planned: Planned, state: PlanState
) -> PlanHeader:
    return PlanHeader(
        id=f"P{run.id}",
        kind=PlanKind.SYNC,
        state=state,
        system="",
        created_at=context.clock().isoformat(),
        created_by=context.actor,
        digest="",
        rules_digest=context.rules.digest,
        versions=dict(versions),
        counts=planned.counts,
        verdict=planned.verdict,
    )
