"""Which plans may be committed, and how a plan moves from state to state."""

from accord.model.errors import Held, NotFound, UsageError
from accord.model.plan import PlanState
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("plans")

MOVES = {
    PlanState.READY: frozenset({PlanState.APPLIED, PlanState.DISCARDED}),
    PlanState.HELD: frozenset({PlanState.RELEASED, PlanState.DISCARDED}),
    PlanState.RELEASED: frozenset({PlanState.APPLIED, PlanState.DISCARDED}),
    PlanState.APPLIED: frozenset[PlanState](),
    PlanState.DISCARDED: frozenset[PlanState](),
}


def require_committable(database: Database, plan_id: str, activity: int) -> None:
    """Mark a stored plan as applied by the activity; raise Held or UsageError when it may not be."""
    state = read_state(database, plan_id)
    if state is PlanState.HELD:
        raise Held(
            f"plan {plan_id} breaks a limit and was not released",
            plan_id=plan_id,
            remedy="look at the plan, then release it with a reason or discard it",
        )
    if PlanState.APPLIED not in MOVES[state]:
        raise UsageError(f"plan {plan_id} was {state} already", remedy="make a new plan")
    database.execute(_SQL["apply_plan"], {"id": plan_id, "activity": activity})


def read_state(database: Database, plan_id: str) -> PlanState:
    """Return where a stored plan stands; raise NotFound. Holds it until the transaction ends."""
    rows = database.rows(_SQL["hold_plan"], {"id": plan_id})
    if not rows:
        raise NotFound(f"there is no plan {plan_id}", remedy="list the plans to see which there are")
    return PlanState(rows[0][0])
