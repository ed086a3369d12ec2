"""Watching work: which activities there are, how far each is, what it waits for, what became of its objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.model.errors import NotFound, UsageError
from accord.model.plan import Count
from accord.operations.activities import Item, activity_name, is_activity_name
from accord.operations.administration.naming import Ids, guid
from accord.runs.context import Context
from accord.store.activities import ANY_SCHEDULE, Activity, ActivityFilter, ActivityOrder, ActivityState, Phase
from accord.store.item_search import ItemFilter

__all__ = [
    "ANY_SCHEDULE",
    "ENDED",
    "ActivityFilter",
    "ActivityOrder",
    "ActivityState",
    "Found",
    "Item",
    "ItemFilter",
    "Items",
    "Phase",
    "Watched",
    "actor_of_key",
    "child_counts",
    "children_of",
    "elapsed_s",
    "find",
    "find_items",
    "initiator_ids",
    "numbers_of",
    "read",
    "read_task",
    "waiting_for",
]  # fmt: skip

_BY_KEY = "key:"
ENDED = frozenset(ActivityState) - {ActivityState.QUEUED, ActivityState.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One activity as it is now. Empty text: none, or not yet; `parent` is the guid of the activity it is a part of.

    `schedule` and `schedule_guid` are those whose execution it is a step of, the guid only while there is such a one.
    """

    number: int
    guid: str
    task: str
    kind: str
    system: str
    profile: str
    state: ActivityState
    actor: str
    reason: str
    queued_at: str
    started_at: str
    ended_at: str
    message: str
    plan: str
    parent: str
    counts: tuple[Count, ...]
    phases: tuple[Phase, ...]
    parameters: Mapping[str, object]
    cancel_requested_at: str
    schedule: str = ""
    schedule_guid: str = ""

    @property
    def step(self) -> int | None:
        """Return which step of a schedule's execution it is, from 0; None when it is none."""
        parameters = self.parameters.get("parameters")
        return int(parameters["step"]) if self.schedule and isinstance(parameters, dict) else None

    @property
    def name(self) -> str:
        """Return how people call it: `A7`."""
        return activity_name(self.number)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing will change about it any more."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some activities, newest first, of so many in all."""

    activities: tuple[Watched, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Some objects of an activity in order, of so many in all."""

    items: tuple[Item, ...]
    total: int


def find(  # noqa: PLR0913 - where to go on is one thing in two ways
    context: Context,
    wanted: ActivityFilter,
    *,
    limit: int,
    skip: int = 0,
    before: int | None = None,
    order: ActivityOrder = ActivityOrder.CREATED,
    is_descending: bool = True,
) -> Found:
    """Return activities, newest first unless another order is asked for; `before` continues below that number."""
    found = context.store.activities.find(
        wanted, before=before, limit=limit, skip=skip, order=order, is_descending=is_descending
    )
    parents = _parents(context, found)
    total = sum(context.store.activities.count(wanted).values())
    return Found(activities=tuple(_watched(a, parents) for a in found), total=total)


def read(context: Context, name: str) -> Watched:
    """Return the activity of a GUID, or a name like `A7`; raise NotFound."""
    found = _activity(context, name)
    return _watched(found, _parents(context, [found]))


def read_task(context: Context, task: str, *, is_open: bool = False) -> Watched:
    """Return the activity of a task; raise NotFound, with `is_open` also when it has ended."""
    gone = NotFound(f"there is no task {task}", remedy="it may have ended: look at its activity")
    if not task:
        raise gone
    try:
        found = _watched(context.store.activities.read_by_task(task.lower()), {})
    except NotFound as error:
        raise gone from error
    if is_open and found.is_over:
        raise gone
    return found


def children_of(context: Context, name: str, *, limit: int, skip: int = 0) -> Found:
    """Return the parts of an activity, newest first; raise NotFound."""
    return find(context, ActivityFilter(parent=_activity(context, name).id), limit=limit, skip=skip)


def waiting_for(context: Context, watched: Watched) -> str:
    """Return in words what an activity in the queue waits for, empty when it waits for nothing but a worker."""
    if watched.state is not ActivityState.QUEUED:
        return ""
    ahead = context.store.jobs.ahead_of(watched.number)
    if ahead is None:
        return ""
    where = f" on {ahead.system}" if ahead.system else ""
    return f"waits for {activity_name(ahead.id)} ({ahead.profile or ahead.kind}{where} by {ahead.actor})"


def find_items(  # noqa: PLR0913 - where to go on is one thing in two ways
    context: Context, watched: Watched, wanted: ItemFilter, *, limit: int, skip: int = 0, after: int = 0
) -> Items:
    """Return objects of an activity in order, those behind the number `after`."""
    found = context.store.items.find(watched.number, wanted, after=after, skip=skip, limit=limit)
    total = context.store.items.count(watched.number, wanted)
    return Items(items=tuple(Item(**row) for row in found.table.to_pylist()), total=total)


def child_counts(context: Context, activities: Sequence[Watched]) -> dict[int, int]:
    """Return how many parts each of the activities has, by number."""
    return context.store.activities.children([watched.number for watched in activities])


def numbers_of(context: Context, watched: Watched) -> tuple[int | None, int | None]:
    """Return the numbers of system and run profile, None where there is none (any more)."""
    ids = Ids(context.store.configurations.ids.read())
    return ids.get("system", watched.system), ids.get("profile", watched.system, watched.profile)


def initiator_ids(context: Context, activities: Sequence[Watched]) -> Mapping[str, str]:
    """Return the ids of the API keys that began activities, by actor; those that are gone are left out."""
    actors = {watched.actor for watched in activities if watched.actor.startswith(_BY_KEY)}
    keys = context.store.api_keys.list() if actors else ()
    return {_BY_KEY + key.name: key.id for key in keys if _BY_KEY + key.name in actors}


def actor_of_key(context: Context, key_id: str) -> str | None:
    """Return as what an API key begins activities, None when there is no such key."""
    found = next((key for key in context.store.api_keys.list() if key.id == key_id.lower()), None)
    return None if found is None else _BY_KEY + found.name


def elapsed_s(watched: Watched, *, now: datetime) -> float:
    """Return how long an activity has been running, or ran; 0 before it began."""
    if not watched.started_at:
        return 0.0
    end = datetime.fromisoformat(watched.ended_at) if watched.ended_at else now
    return max(0.0, (end - datetime.fromisoformat(watched.started_at)).total_seconds())


def _activity(context: Context, name: str) -> Activity:
    if not is_activity_name(name):
        raise NotFound(f"there is no activity {name}", remedy="name it by its GUID, or like A7")
    try:
        if name[:1] in "aA" and name[1:].isdecimal():
            return context.store.activities.read(int(name[1:]))
        return context.store.activities.read_by_guid(name.lower())
    except (NotFound, UsageError) as error:
        raise NotFound(f"there is no activity {name}", remedy="list the activities to see which there are") from error


@dataclass(frozen=True, slots=True)
class _Parent:
    guid: str
    schedule: str = ""
    schedule_guid: str = ""


_ALONE = _Parent("")


def _parents(context: Context, activities: Sequence[Activity]) -> dict[int, _Parent]:
    """Return what each activity that the others are parts of is to them."""
    numbers = {a.parent for a in activities if a.parent is not None}
    found = {number: context.store.activities.read(number) for number in numbers}
    has_schedules = any(a.kind == "schedule" for a in found.values())
    ids = Ids(context.store.configurations.ids.read() if has_schedules else {})
    return {number: _parent(parent, ids) for number, parent in found.items()}


def _parent(parent: Activity, ids: Ids) -> _Parent:
    if parent.kind != "schedule":
        return _Parent(parent.guid)
    number = ids.get("schedule", parent.profile)
    return _Parent(parent.guid, parent.profile, "" if number is None else guid("schedule", number))


def _watched(activity: Activity, parents: Mapping[int, _Parent]) -> Watched:
    parent = _ALONE if activity.parent is None else parents.get(activity.parent, _ALONE)
    return Watched(
        number=activity.id,
        guid=activity.guid,
        task=activity.task,
        kind=activity.kind,
        system=activity.system,
        profile=activity.profile,
        state=activity.state,
        actor=activity.actor,
        reason=activity.reason,
        queued_at=activity.queued_at,
        started_at=activity.started_at,
        ended_at=activity.ended_at or "",
        message=activity.message,
        plan=activity.plan_id or "",
        parent=parent.guid,
        schedule=parent.schedule,
        schedule_guid=parent.schedule_guid,
        counts=activity.counts,
        phases=activity.phases,
        parameters=activity.parameters,
        cancel_requested_at=activity.cancel_requested_at,
    )
