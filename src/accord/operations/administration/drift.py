"""What of the configuration has changed about a system since a full synchronisation last went by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accord.config.places import FileKind
from accord.operations.administration.desk import CAMEL, Desk, file_of
from accord.store.activities import Activity, ActivityFilter, ActivityState

_LOOKED_AT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationDrift:
    """Changes of a system, its rules and their identity types that no full synchronisation has gone by yet.

    `is_determinable`: whether the latest full synchronisation is among the activities that are looked at.
    """

    __pydantic_config__ = CAMEL
    has_pending_changes: bool
    is_determinable: bool
    never_fully_synchronised: bool
    tracking_disabled: bool
    last_full_synchronisation: str | None
    most_recent_change: str | None
    change_count: int
    highest_change_class: str


def drift_of(desk: Desk, system: str) -> ConfigurationDrift:
    """Return what has changed about a system since."""
    wanted = ActivityFilter(kinds=("sync",), states=(ActivityState.DONE, ActivityState.DONE_WITH_ERRORS))
    looked_at = desk.context.store.activities.find(wanted, limit=_LOOKED_AT)
    last = next((activity.started_at for activity in looked_at if _is_full(activity)), None)
    kept = desk.context.store.configurations
    moments = sorted({revision.at for file in set(_files(desk, system)) for revision in kept.history(file)})
    pending = [at for at in moments if last is None or datetime.fromisoformat(at) > datetime.fromisoformat(last)]
    return ConfigurationDrift(
        has_pending_changes=bool(pending), is_determinable=last is not None or len(looked_at) < _LOOKED_AT,
        never_fully_synchronised=last is None, tracking_disabled=False, last_full_synchronisation=last,
        most_recent_change=moments[-1] if moments else None, change_count=len(pending),
        highest_change_class="SyncAffecting" if pending else "NotClassified",
    )  # fmt: skip


def _is_full(activity: Activity) -> bool:
    return str(activity.parameters.get("work") or activity.profile) == "full-sync"


def _files(desk: Desk, system: str) -> Iterator[str]:
    yield file_of(FileKind.SYSTEM, system)
    for name, rule in desk.read.rules.items():
        if rule.system == system:
            yield file_of(FileKind.RULE, name)
            yield file_of(FileKind.TYPE, rule.identity)
