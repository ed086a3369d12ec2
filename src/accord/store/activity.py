"""What is said of an activity: what it is when it begins, how it stands, and which of them are meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from accord.model.plan import Count


class ActivityState(StrEnum):
    """Where an activity stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DONE_WITH_ERRORS = "done_with_errors"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One part of an activity. `total` 0: not known beforehand. `rate_per_s`: how fast it was lately, 0: not known."""

    name: str
    started_at: str
    ended_at: str = ""
    done: int = 0
    total: int = 0
    message: str = ""
    rate_per_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivity:
    """What an activity is when it begins. Empty text: none.

    `systems` are those it works on. A job, which waits for its turn, has a `task`; of one `key` there is one activity.
    `parameters` are what its work needs to know.
    """

    kind: str
    actor: str
    system: str = ""
    profile: str = ""
    reason: str = ""
    plan_id: str | None = None
    parent: int | None = None
    state: ActivityState = ActivityState.RUNNING
    systems: tuple[str, ...] = ()
    task: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One operation: who, what, when, how far, how it ended. Empty text: none.

    `started_at` is empty while it waits; `beat_at` is its last sign of life in microseconds of the epoch.
    """

    id: int
    guid: str
    kind: str
    system: str
    profile: str
    plan_id: str | None
    parent: int | None
    state: ActivityState
    actor: str
    reason: str
    started_at: str
    ended_at: str | None
    message: str
    counts: tuple[Count, ...]
    phases: tuple[Phase, ...]
    task: str
    queued_at: str
    parameters: Mapping[str, object]
    cancel_requested_at: str
    cancel_requested_by: str
    beat_at: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """Which activities are meant: all that fulfil everything given. `since` and `until` are ISO 8601 texts in UTC.

    `schedule`: done as a step of the schedule of that name, or of ANY_SCHEDULE. `initiators` are user, key or system;
    `search` is looked for in system, profile, actor and message. `counted`: counted something of one of these areas and
    operations, where the operation `*` is any.
    """

    system: str = ""
    profile: str = ""
    kinds: tuple[str, ...] = ()
    states: tuple[ActivityState, ...] = ()
    actor: str = ""
    parent: int | None = None
    is_top: bool = False
    since: str = ""
    until: str = ""
    initiators: tuple[str, ...] = ()
    has_children: bool | None = None
    search: str = ""
    schedule: str = ""
    counted: tuple[tuple[str, str], ...] = ()


class ActivityOrder(StrEnum):
    """What activities are sorted by."""

    CREATED = "created"
    STARTED = "started"
    STATE = "state"
    KIND = "kind"
    SYSTEM = "system"
    PROFILE = "profile"
    ACTOR = "actor"
    MESSAGE = "message"


ANY_SCHEDULE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """How many items of an activity share operation, outcome and code."""

    operation: str
    outcome: str
    code: str
    count: int
