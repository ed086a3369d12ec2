"""Where everything stands in numbers: what monitoring reads."""

from dataclasses import dataclass
from datetime import datetime

from accord.model.plan import PlanState
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTally:
    """How many runs of a profile of a system ended in a state, and when the last of them did (seconds of the epoch)."""

    system: str
    profile: str
    state: str
    count: int
    last_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTally:
    """How many objects of a system wait in a state."""

    system: str
    state: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Everything that is measured at one time."""

    runs: tuple[RunTally, ...]
    pending: tuple[PendingTally, ...]
    held_plans: int


def measure(context: Context) -> Measures:
    """Return where everything stands; costs a look at every activity and every pending export."""
    store = context.store
    return Measures(
        runs=tuple(
            RunTally(system=s, profile=p, state=state, count=n, last_s=_seconds(last))
            for s, p, state, n, last in store.tallies.runs()
        ),
        pending=tuple(PendingTally(system=s, state=state, count=n) for s, state, n in store.standing.pending()),
        held_plans=len(store.plans.list_plans(state=PlanState.HELD, limit=1000)),
    )


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
