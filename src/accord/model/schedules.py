"""What is run and when: run profiles and schedules. Data, not behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RunKind(StrEnum):
    """What a run profile runs on its system."""

    FULL_IMPORT = "full_import"
    DELTA_IMPORT = "delta_import"
    FULL_SYNC = "full_sync"
    DELTA_SYNC = "delta_sync"
    EXPORT = "export"


class IntervalUnit(StrEnum):
    """What an interval is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a run of a system is narrowed to; by default it is the whole system, as declared.

    `partition` is the only one that is read; `file` is read or written instead of the system's own; `page_rows` is the
    most that the system is asked for at once, where it has pages. `verifies`: objects are compared as a whole, not by
    their hash.
    """

    partition: str | None = None
    file: str | None = None
    page_rows: int | None = None
    verifies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProfile:
    """A named operation on a connected system, or on what it is narrowed to."""

    name: str
    kind: RunKind
    narrowing: Narrowing = Narrowing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStep:
    """One step: a run profile of a system, or without a system a job of the type `profile`, with its parameters.

    `is_parallel`: beside the step before it.
    """

    system: str
    profile: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    name: str = ""
    is_parallel: bool = False
    continues_on_failure: bool = False
    timeout_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Steps and when they begin: at the times of `crons` (five fields each, UTC), or without any when asked to.

    `makes_up`: times that were missed while no worker was there are made up for by one execution.
    """

    name: str
    title: str
    is_enabled: bool
    crons: tuple[str, ...]
    steps: tuple[ScheduleStep, ...]
    makes_up: bool = False
