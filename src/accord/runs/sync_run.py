"""A full synchronisation: what all systems said becomes one plan; the plan, if the guard lets it, is committed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa

from accord.engine.frames import Engine
from accord.model.errors import PlanStale
from accord.model.frames import PendingEdges, PendingExports
from accord.model.plan import Count, ImportPlan, PlanHeader, PlanKind, PlanState, SyncPlan
from accord.runs.ahead import read_ahead
from accord.runs.context import Context, Recorder, RunResult, Terms, leased, recorded
from accord.runs.holding import hold
from accord.runs.import_run import commit_import
from accord.store.activities import ActivityItems, ActivityState
from accord.sync.compiling import CompiledRules, compile_rules
from accord.sync.planning import Planned, plan_sync
from accord.sync.workspace import NextIds, Workspace

_BATCHES_AHEAD = 4


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
        planned = _plan(context, run)
        if planned.verdict.is_held:
            raise hold(context, run, _header(context, run, versions, planned, PlanState.HELD), planned.plan)
        run.phase("commit")
        terms = Terms(versions=versions, leases=leases)
        result = _commit(context, run, planned.plan, terms, planned.counts)
        if planned.is_timeless and not result.errors and not _may_go_on(planned.plan):
            context.store.settled.save(read_versions(context), context.rules.digest)
        return result


def run_plan(context: Context) -> RunResult:
    """Plan the synchronisation of everything and keep the plan; nothing else changes.

    A plan that breaks a limit is kept as held, and is no error here: asking is what plans are for.
    """
    with recorded(context, "plan", profile="plan") as run:
        versions = read_versions(context)
        planned = _plan(context, run)
        state = PlanState.HELD if planned.verdict.is_held else PlanState.READY
        header = _header(context, run, versions, planned, state)
        run.phase("keep")
        context.store.plans.save_plan(header, planned.plan)
        _add_errors(context, run, planned.plan)
        activity = run.finish(ActivityState.DONE, counts=planned.counts, plan_id=header.id)
    return RunResult(
        activity=activity,
        counts=planned.counts,
        errors=len(planned.plan.errors),
        plan_id=header.id,
        breaches=planned.verdict.breaches,
    )


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
        return _commit(context, run, plan, terms, header.counts)


def read_versions(context: Context) -> dict[str, int]:
    """Return the counters of everything a synchronisation reads."""
    return context.store.versions(["metaverse", *(f"system:{s}" for s in context.rules.systems)])


@contextmanager
def loaded_workspace(context: Context, run: Recorder) -> Iterator[Workspace]:
    """Open a workspace with everything the store holds."""
    compiled = compile_rules(context.rules)
    with context.engine() as engine:
        yield _load(context, run, engine, compiled)


def _plan(context: Context, run: Recorder) -> Planned:
    run.phase("load")
    with loaded_workspace(context, run) as workspace:
        run.phase("plan")
        return plan_sync(workspace)


def _load(context: Context, run: Recorder, engine: Engine, compiled: CompiledRules) -> Workspace:
    store = context.store
    workspace = Workspace(
        engine,
        compiled,
        now=context.clock(),
        next_ids=NextIds(
            object_id=store.connector_space.next_object_id(), identity_id=store.metaverse.next_identity_id()
        ),
    )
    for system, object_type in compiled.object_types():
        batches = store.connector_space.stream_objects(system, object_type)
        for objects in read_ahead(batches, count=_BATCHES_AHEAD):
            workspace.add_objects(objects)
            run.advance(len(objects))
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


def _may_go_on(plan: SyncPlan) -> bool:
    """Tell whether the next synchronisation may find more to do: whom somebody joins by, or whose place, is new."""
    return any(len(frame) for frame in (plan.links_added, plan.links_removed, plan.identities_removed))


def _commit(context: Context, run: Recorder, plan: SyncPlan, terms: Terms, counts: Sequence[Count]) -> RunResult:
    with context.store.transaction():
        context.store.plans.commit_sync(
            plan, activity=run.id, versions=terms.versions, leases=terms.leases, plan_id=terms.plan_id
        )
        context.store.commits.mark(run.id, at=context.clock())
    _add_errors(context, run, plan)
    state = ActivityState.DONE_WITH_ERRORS if len(plan.errors) else ActivityState.DONE
    message = "nothing to change" if plan.is_empty else ""
    activity = run.finish(state, message=message, counts=counts, plan_id=terms.plan_id)
    return RunResult(activity=activity, counts=tuple(counts), errors=len(plan.errors), plan_id=terms.plan_id)


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
