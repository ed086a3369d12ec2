"""What happens to a plan that the guard stops: it is kept, told, and waits for a named person."""

from accord.model.errors import Held
from accord.model.plan import ImportPlan, PlanHeader, SyncPlan
from accord.runs.context import Context, Recorder
from accord.store.activities import ActivityState


def hold(context: Context, run: Recorder, header: PlanHeader, plan: SyncPlan | ImportPlan) -> Held:
    """Keep the plan as held, end the run as held, and return what to raise. Nothing else is written."""
    context.store.plans.save_plan(header, plan)
    reasons = "; ".join(b.message for b in header.verdict.breaches)
    run.finish(ActivityState.HELD, message=reasons, counts=header.counts, plan_id=header.id)
    return Held(
        f"the guard holds plan {header.id}: {reasons}",
        plan_id=header.id,
        remedy=f"look at it (accord show {header.id}); correct the source and run again, or "
        f'accord release {header.id} --by NAME --reason "..." and accord apply {header.id}',
    )
