"""Run profiles: one operation on one connected system, and the cycle that strings them together."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from accord.connectors.registry import connector_kind
from accord.model.errors import AccordError, SystemRefused, SystemUnavailable, UsageError
from accord.model.plan import Breach
from accord.model.schedules import Narrowing
from accord.operations.activities import ActivitySummary, Item, items_of, summary_of
from accord.runs.context import Context, RunResult
from accord.runs.delta_run import run_delta_sync
from accord.runs.export_run import run_export
from accord.runs.import_run import run_delta_import, run_import
from accord.runs.sync_run import run_sync
from accord.store.activities import ActivityState

SHOWN_ITEMS = 10
_LOOKED_AT = 100
_WHOLE = Narrowing()


class Profile(StrEnum):
    """What can be run on a connected system."""

    FULL_IMPORT = "full-import"
    DELTA_IMPORT = "delta-import"
    FULL_SYNC = "full-sync"
    DELTA_SYNC = "delta-sync"
    EXPORT = "export"


_SPELLINGS = {
    "fullsynchronisation": Profile.FULL_SYNC,
    "fullsynchronization": Profile.FULL_SYNC,
    "deltasynchronisation": Profile.DELTA_SYNC,
    "deltasynchronization": Profile.DELTA_SYNC,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """How a run ended: its activity, how many objects it could not handle with the first of them, the limits broken.

    The counts are those of the activity.
    """

    activity: ActivitySummary
    errors: int
    items: tuple[Item, ...]
    breaches: tuple[Breach, ...]


def profile_named(text: str) -> Profile:
    """Return the profile of a name in any spelling: full-import, FullImport, "Full Import"; raise UsageError."""
    compact = re.sub(r"[\s_-]+", "", text).lower()
    found = _SPELLINGS.get(compact) or next((p for p in Profile if p.replace("-", "") == compact), None)
    if found is None:
        raise UsageError(f"there is no run profile {text!r}", remedy=f"use one of: {', '.join(Profile)}")
    return found


def run_profile(context: Context, system: str, profile: Profile, narrowing: Narrowing = _WHOLE) -> RunReport:
    """Run one profile on one system. A synchronisation always covers all systems: persons belong to several."""
    context.system(system)
    return report_of(context, _runner(profile)(context, system, narrowing))


def run_cycle(context: Context) -> Iterator[RunReport]:
    """Import every system, synchronise, export what waits, import again what was exported; yield each run's report.

    Stops at the first run that is held, by its exception. A system that is away or refuses is left out of the rest:
    what it said last still counts, the others go on, and the first such failure is raised at the end.
    """
    failed: dict[str, AccordError] = {}
    yield from _each(context, readable_systems(context), Profile.FULL_IMPORT, failed)
    yield report_of(context, run_sync(context))
    due = [s for s in context.rules.systems if s not in failed and _has_due_exports(context, s)]
    yield from _each(context, due, Profile.EXPORT, failed)
    confirming = [s for s in due if s not in failed and s in readable_systems(context)]
    yield from _each(context, confirming, Profile.FULL_IMPORT, failed)
    for error in failed.values():
        raise error


def run_delta_cycle(context: Context) -> Iterator[RunReport]:
    """Import what changed, synchronise what that concerns, export what waits, confirm it; yield each run's report.

    A system that cannot tell its changes is imported as a whole, and once only: what was exported to it is confirmed by
    its next import. Fails as `run_cycle` does.
    """
    failed: dict[str, AccordError] = {}
    telling = [
        s
        for s in readable_systems(context)
        if connector_kind(context.system(s).connector).capabilities.can_read_changes
    ]
    for system in readable_systems(context):
        profile = Profile.DELTA_IMPORT if system in telling else Profile.FULL_IMPORT
        yield from _each(context, [system], profile, failed)
    yield report_of(context, run_delta_sync(context))
    due = [s for s in context.rules.systems if s not in failed and _has_due_exports(context, s)]
    yield from _each(context, due, Profile.EXPORT, failed)
    yield from _each(context, [s for s in due if s in telling and s not in failed], Profile.DELTA_IMPORT, failed)
    for error in failed.values():
        raise error


def import_all(context: Context) -> Iterator[RunReport]:
    """Import every system that can be read; yield each import's report. Stops at the first that fails."""
    for system in readable_systems(context):
        yield run_profile(context, system, Profile.FULL_IMPORT)


def never_imported(context: Context) -> tuple[str, ...]:
    """Return the readable systems of which no import was ever finished: a plan takes them for empty."""
    return tuple(name for name in readable_systems(context) if not _was_imported(context, name))


def readable_systems(context: Context) -> tuple[str, ...]:
    """Return the systems that can be imported, by name."""
    return tuple(
        name
        for name, system in sorted(context.rules.systems.items())
        if connector_kind(system.connector).capabilities.can_read
    )


def report_of(context: Context, result: RunResult) -> RunReport:
    """Return how a run ended."""
    return RunReport(
        activity=summary_of(result.activity),
        errors=result.errors,
        items=items_of(context, result.activity.id, limit=SHOWN_ITEMS) if result.errors else (),
        breaches=result.breaches,
    )


def _each(
    context: Context, systems: Iterable[str], profile: Profile, failed: dict[str, AccordError]
) -> Iterator[RunReport]:
    for system in systems:
        try:
            yield run_profile(context, system, profile)
        except (SystemUnavailable, SystemRefused) as error:
            failed[system] = error


def _runner(profile: Profile) -> Callable[[Context, str, Narrowing], RunResult]:
    runners: dict[Profile, Callable[[Context, str, Narrowing], RunResult]] = {
        Profile.FULL_IMPORT: run_import,
        Profile.DELTA_IMPORT: run_delta_import,
        Profile.FULL_SYNC: _run_sync,
        Profile.DELTA_SYNC: _run_delta_sync,
        Profile.EXPORT: run_export,
    }
    return runners[profile]


def _run_sync(context: Context, _system: str, _narrowing: Narrowing) -> RunResult:
    return run_sync(context)


def _run_delta_sync(context: Context, _system: str, _narrowing: Narrowing) -> RunResult:
    return run_delta_sync(context)


def _was_imported(context: Context, system: str) -> bool:
    ended = (ActivityState.DONE, ActivityState.DONE_WITH_ERRORS)
    return any(
        activity.kind == "import"
        for state in ended
        for activity in context.store.activities.list(system=system, state=state, limit=_LOOKED_AT)
    ) or any(len(context.store.connector_space.read_objects(system, t)) for t in context.system(system).object_types)


def _has_due_exports(context: Context, system: str) -> bool:
    return len(context.store.pending.claim(system, now=context.clock(), limit=1)) > 0
