"""A full import: everything a system says, against what we remember it said."""

from collections.abc import Mapping

from accord.connectors.base import ReadScope
from accord.model.plan import Count, ImportPlan, PlanHeader, PlanKind, PlanState
from accord.runs.context import Context, Recorder, RunResult, Terms, leased, recorded
from accord.runs.holding import hold
from accord.store.activities import ActivityState, items_of_errors
from accord.store.export_frames import NotConfirmed
from accord.sync.confirming import find_not_confirmed
from accord.sync.staging import Intake, PlannedImport


def run_import(context: Context, system: str) -> RunResult:
    """Read the whole system and bring the connector space up to it, in one transaction.

    Raises Held, with the plan kept, when the source looks wrong; SystemUnavailable, IncompleteRead or SystemRefused
    when it could not be read as a whole. In either case nothing changes: a read that is not complete never becomes
    deletions.
    """
    declared, store = context.system(system), context.store
    with (
        recorded(context, "import", system=system, profile="full-import") as run,
        leased(context, [system], run.owner) as leases,
    ):
        versions = store.versions([f"system:{system}"])
        with context.plain_engine() as engine:
            intake = Intake(engine, declared, declared.object_types)
            _read(context, run, intake, system)
            run.phase("compare")
            space = store.connector_space
            ids = intake.compare(space.read_keys(system), space.next_object_id())["id"]
            planned = intake.plan(space.read_objects_by_id(ids), space.read_edges_of(ids))
        if planned.verdict.is_held:
            raise hold(context, run, _header(context, run, versions, planned), planned.plan)
        run.phase("commit", len(planned.plan.added) + len(planned.plan.updated) + len(planned.plan.removed))
        return commit_import(context, run, planned.plan, Terms(versions=versions, leases=leases))


def commit_import(context: Context, run: Recorder, plan: ImportPlan, terms: Terms) -> RunResult:
    """Commit an import's plan and settle the exports it confirms, in one transaction; end the run."""
    store, object_types = context.store, context.system(plan.system).object_types
    with context.plain_engine() as engine, store.transaction():
        pending = store.pending.read_pending(plan.system)
        missed = find_not_confirmed(engine, pending.table, plan, object_types, now=context.clock())
        done = store.connector_space.commit_import(
            plan, activity=run.id, versions=terms.versions, leases=terms.leases, plan_id=terms.plan_id
        )
        settled = store.pending.settle(plan.system, NotConfirmed(missed))
    if plan.errors:
        store.activities.add_items(run.id, items_of_errors(plan.errors, operation="import"))
    counts = (
        *done,
        *_settled(plan.system, confirm=settled.confirmed, not_confirmed=settled.not_confirmed),
        *_errors(plan),
    )
    has_errors = bool(plan.errors or settled.not_confirmed)
    activity = run.finish(
        ActivityState.DONE_WITH_ERRORS if has_errors else ActivityState.DONE,
        message=f"{plan.read} read, {plan.unchanged} unchanged",
        counts=counts,
        plan_id=terms.plan_id,
    )
    return RunResult(
        activity=activity, counts=counts, errors=len(plan.errors) + settled.not_confirmed, plan_id=terms.plan_id
    )


def _read(context: Context, run: Recorder, intake: Intake, system: str) -> None:
    run.phase("read")
    opened = context.open_system(system)
    try:
        scope = ReadScope(object_types=context.system(system).object_types)
        for batch in opened.connector.read(scope):
            intake.add(batch.object_type, batch.rows, batch.errors)
            run.advance(batch.rows.num_rows)
    finally:
        opened.connector.close()


def _header(context: Context, run: Recorder, versions: Mapping[str, int], planned: PlannedImport) -> PlanHeader:
    return PlanHeader(
        id=f"P{run.id}",
        kind=PlanKind.IMPORT,
        state=PlanState.HELD,
        system=planned.plan.system,
        created_at=context.clock().isoformat(),
        created_by=context.actor,
        digest="",
        rules_digest=context.rules.digest,
        versions=dict(versions),
        counts=planned.counts,
        verdict=planned.verdict,
    )


def _settled(system: str, **counted: int) -> tuple[Count, ...]:
    return tuple(
        Count(area="exports", system=system, object_type="", operation=name, count=count)
        for name, count in counted.items()
        if count
    )


def _errors(plan: ImportPlan) -> tuple[Count, ...]:
    if not plan.errors:
        return ()
    return (Count(area="errors", system=plan.system, object_type="", operation="import", count=len(plan.errors)),)
