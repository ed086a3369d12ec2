"""Whether a connected system is well: one verdict with its reason, by its latest runs and by nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accord.operations.activities import activity_name
from accord.runs.context import Context
from accord.store.activities import Activity, ActivityFilter, ActivityState

STALE_AFTER = timedelta(days=2)
"""A system of which nothing was heard for so long says little of today."""

_KINDS = ("import", "export")
_WELL = (ActivityState.DONE, ActivityState.DONE_WITH_ERRORS)
_TOLD = (*_WELL, ActivityState.FAILED, ActivityState.HELD)


class Verdict(StrEnum):
    """How a system is, from bad to good."""

    FAILING = "failing"
    NEVER_RUN = "never_run"
    STALE = "stale"
    HEALTHY = "healthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a system is, and why in words."""

    verdict: Verdict
    reason: str


def read_health(context: Context, system: str) -> Health:
    """Return how a system is now."""
    store = context.store.activities
    found = [store.find(ActivityFilter(system=system, kinds=(kind,), states=_TOLD), limit=1) for kind in _KINDS]
    return judge([run for runs in found for run in runs], now=context.clock())


def judge(runs: Sequence[Activity], *, now: datetime) -> Health:
    """Return how a system is by the newest run of each kind that came to an end by itself."""
    if not runs:
        return Health(verdict=Verdict.NEVER_RUN, reason="It was never read or written.")
    bad = [run for run in runs if run.state not in _WELL]
    if bad:
        return Health(verdict=Verdict.FAILING, reason=" ".join(map(_what_failed, bad)))
    newest = max(runs, key=_ended_at)
    errors = " ".join(_what_had_errors(run) for run in runs if run.state is ActivityState.DONE_WITH_ERRORS)
    age = now - _ended_at(newest)
    if age > STALE_AFTER:
        told = f"{_named(newest)} was the last run, {age.days} days ago. {errors}"
        return Health(verdict=Verdict.STALE, reason=told.strip())
    return Health(verdict=Verdict.HEALTHY, reason=errors or f"{_named(newest)}, the last run, ended well.")


def _what_failed(run: Activity) -> str:
    if run.state is ActivityState.HELD:
        return f"{_named(run)} is held by the guard."
    return f"{_named(run)} failed: {run.message.partition(chr(10))[0].rstrip('.') or 'no reason is known'}."


def _what_had_errors(run: Activity) -> str:
    return f"{_named(run)} left errors of single objects."


def _named(run: Activity) -> str:
    return f"{run.kind.capitalize()} {activity_name(run.id)}"


def _ended_at(run: Activity) -> datetime:
    return datetime.fromisoformat(run.ended_at or run.started_at)
