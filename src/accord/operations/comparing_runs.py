"""A run beside the last one that did the same: what it did more, what it did less, how long it took."""

from dataclasses import dataclass

from accord.model.plan import Count
from accord.operations.activities import ActivitySummary, find_activity, summary_of
from accord.runs.context import Context
from accord.store.activities import Activity, ActivityFilter, ActivityState

_ENDED = tuple(s for s in ActivityState if s not in (ActivityState.QUEUED, ActivityState.RUNNING))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPair:
    """How often one thing was done in a run, and in the one before."""

    area: str
    system: str
    object_type: str
    operation: str
    now: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs did. `before` is None when nothing the same was run before."""

    before: ActivitySummary | None
    counts: tuple[CountPair, ...]


def compare_with_last(context: Context, name: str) -> Comparison:
    """Return a run beside the last that ended of the same kind, system and profile; raise NotFound."""
    activity = find_activity(context, name)
    before = _last_before(context, activity)
    old = {} if before is None else {_key(c): c.count for c in before.counts}
    new = {_key(c): c.count for c in activity.counts}
    return Comparison(
        before=None if before is None else summary_of(before),
        counts=tuple(
            CountPair(
                area=key[0], system=key[1], object_type=key[2], operation=key[3], now=new.get(key, 0),
                before=old.get(key, 0),
            )
            for key in dict.fromkeys([*new, *old])
        ),
    )  # fmt: skip


def _last_before(context: Context, activity: Activity) -> Activity | None:
    wanted = ActivityFilter(system=activity.system, profile=activity.profile, kinds=(activity.kind,), states=_ENDED)
    found = context.store.activities.find(wanted, before=activity.id, limit=1)
    return found[0] if found else None


def _key(count: Count) -> tuple[str, str, str, str]:
    return (count.area, count.system, count.object_type, count.operation)
