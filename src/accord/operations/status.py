"""Where everything stands: systems, metaverse, plans that wait for a person."""

from dataclasses import dataclass

from accord.model.plan import PlanState
from accord.operations.activities import ActivitySummary, latest
from accord.operations.health import Health, read_health
from accord.operations.plans import PlanSummary, summarise
from accord.runs.context import Context

_LOOKED_AT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """How many objects of one type there are."""

    type: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatus:
    """One connected system: what we remember of it, what waits for it.

    `pending` waits to be sent, `exported` was sent and waits for an import to confirm it, `failed` was refused,
    `unknown` was sent without an answer. `last` is the newest activity of the system.
    """

    name: str
    connector: str
    objects: tuple[TypeCount, ...]
    pending: int
    exported: int
    failed: int
    unknown: int
    last: ActivitySummary | None
    health: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where everything stands. `plans` are those that wait: held, ready or released."""

    systems: tuple[SystemStatus, ...]
    metaverse: tuple[TypeCount, ...]
    plans: tuple[PlanSummary, ...]
    last_sync: ActivitySummary | None


def read_status(context: Context) -> Status:
    """Return where everything stands now."""
    store = context.store
    activities = store.activities.list(limit=_LOOKED_AT)
    waiting = [h for s in (PlanState.HELD, PlanState.RELEASED) for h in store.plans.list_plans(state=s)]
    identities = store.standing.identities()
    return Status(
        systems=tuple(_system(context, name, latest(activities, name)) for name in sorted(context.rules.systems)),
        metaverse=tuple(
            TypeCount(type=name, count=identities.get(name, 0)) for name in sorted(context.rules.identity_types)
        ),
        plans=tuple(summarise(context, h) for h in waiting),
        last_sync=latest([a for a in activities if a.kind in ("sync", "apply")], ""),
    )


def read_system_status(context: Context, name: str) -> SystemStatus:
    """Return where one system stands; raise NotFound."""
    context.system(name)
    return _system(context, name, latest(context.store.activities.list(system=name, limit=1), name))


def _system(context: Context, name: str, last: ActivitySummary | None) -> SystemStatus:
    states = context.store.standing.states(name)
    there = context.store.standing.objects(name)
    return SystemStatus(
        name=name,
        connector=context.rules.systems[name].connector,
        objects=tuple(
            TypeCount(type=t, count=there.get(t, 0)) for t in sorted(context.rules.systems[name].object_types)
        ),
        pending=states.get("pending", 0),
        exported=states.get("exported", 0),
        failed=states.get("failed", 0),
        unknown=states.get("unknown", 0),
        last=last,
        health=read_health(context, name),
    )
