"""Activities: what was done, by whom, how it ended, and which objects it could not handle."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.model.errors import NotFound, UsageError
from accord.model.plan import Count
from accord.operations.plan_errors import name_subjects, remedy_of
from accord.runs.context import Context
from accord.store.activities import Activity, ActivityFilter, NumberedItems, Phase
from accord.store.item_search import ItemFilter

_ID = re.compile(r"[aA]?(\d+)")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySummary:
    """One activity as it is listed. `duration_s` is None while it runs or when its end is not known."""

    id: str
    guid: str
    kind: str
    system: str
    profile: str
    state: str
    actor: str
    reason: str
    started_at: str
    ended_at: str | None
    duration_s: float | None
    message: str
    plan: str | None
    counts: tuple[Count, ...]
    phases: tuple[Phase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object of an activity worth telling: an error, or what became of an export."""

    seq: int
    object_type: str | None
    object_id: int | None
    identity_id: int | None
    anchor: str | None
    at: str | None
    operation: str | None
    outcome: str | None
    attribute: str | None
    code: str | None
    message: str | None
    remedy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage:
    """One activity with its items; `has_more` tells that not all of them are here."""

    activity: ActivitySummary
    items: tuple[Item, ...]
    has_more: bool


def list_activities(context: Context, *, system: str | None = None, limit: int = 20) -> tuple[ActivitySummary, ...]:
    """Return the latest activities, newest first."""
    if system is not None:
        context.system(system)
    return tuple(summary_of(a) for a in context.store.activities.list(system=system, limit=limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityList:
    """Some activities, newest first, of so many in all."""

    activities: tuple[ActivitySummary, ...]
    total: int


def search_activities(
    context: Context, wanted: ActivityFilter, *, before: int | None = None, limit: int = 100
) -> ActivityList:
    """Return the activities that are wanted, newest first; `before` continues below that number."""
    found = context.store.activities.find(wanted, before=before, limit=limit)
    total = sum(context.store.activities.count(wanted).values())
    return ActivityList(activities=tuple(summary_of(a) for a in found), total=total)


def items_after(context: Context, name: str, wanted: ItemFilter, *, after: int, limit: int) -> tuple[Item, ...]:
    """Return the items of an activity that are wanted, those behind the number `after`; raise NotFound."""
    activity = find_activity(context, name)
    found = context.store.items.find(activity.id, wanted, after=after, limit=limit)
    return told(context, found)


def read_activity(context: Context, name: str, *, limit: int = 20) -> ActivityPage:
    """Return the activity of an id (`A7` or `7`) or GUID with its first items; raise NotFound."""
    activity = find_activity(context, name)
    items = items_of(context, activity.id, limit=limit + 1)
    return ActivityPage(activity=summary_of(activity), items=items[:limit], has_more=len(items) > limit)


def items_of(context: Context, activity: int, *, limit: int) -> tuple[Item, ...]:
    """Return the first items of an activity."""
    frame: NumberedItems = context.store.activities.items(activity, limit=limit)
    return told(context, frame)


def told(context: Context, items: NumberedItems) -> tuple[Item, ...]:
    """Return items as a person needs them: what names no object has the name of its identity, and a remedy."""
    rows = items.table.to_pylist()
    names = name_subjects(context, rows)
    for row in rows:
        if not row["at"] and not row["anchor"]:
            row["at"] = names.get(row["identity_id"], row["at"])
        row["remedy"] = row["remedy"] or remedy_of(row["code"])
    return tuple(Item(**row) for row in rows)


def latest(activities: Sequence[Activity], system: str) -> ActivitySummary | None:
    """Return the newest activity of a system among those given, newest first."""
    return next((summary_of(a) for a in activities if a.system == system), None)


def summary_of(activity: Activity) -> ActivitySummary:
    """Return an activity as it is listed."""
    return ActivitySummary(
        id=activity_name(activity.id),
        guid=activity.guid,
        kind=activity.kind,
        system=activity.system,
        profile=activity.profile,
        state=activity.state.value,
        actor=activity.actor,
        reason=activity.reason,
        started_at=activity.started_at,
        ended_at=activity.ended_at,
        duration_s=_duration_s(activity),
        message=activity.message,
        plan=activity.plan_id,
        counts=activity.counts,
        phases=activity.phases,
    )


def activity_name(activity_id: int) -> str:
    """Return how an activity is called: `A7`, beside the plan `P7` that it may have made."""
    return f"A{activity_id}"


def is_activity_name(text: str) -> bool:
    """Tell whether a text can only be the name of an activity: `A7`, or a GUID."""
    return bool(re.fullmatch(r"[aA]\d+", text) or _GUID.fullmatch(text))


def find_activity(context: Context, name: str) -> Activity:
    """Return the activity of an id (`A7` or `7`) or GUID; raise NotFound, UsageError when it is none."""
    if _GUID.fullmatch(name):
        return context.store.activities.read_by_guid(name.lower())
    match = _ID.fullmatch(name)
    if match is None:
        raise UsageError(f"{name!r} is not an activity", remedy="name it like A7, or by its GUID")
    try:
        return context.store.activities.read(int(match.group(1)))
    except NotFound as error:
        raise NotFound(f"there is no activity {name}", remedy="see: accord activities") from error


def _duration_s(activity: Activity) -> float | None:
    if not activity.ended_at or not activity.started_at:
        return None
    took = datetime.fromisoformat(activity.ended_at) - datetime.fromisoformat(activity.started_at)
    return round(took.total_seconds(), 3)
