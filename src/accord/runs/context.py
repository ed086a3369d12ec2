"""What every run needs: the store, the rules, how to open a system, who asks, and the clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from accord.connectors.base import Capabilities, Connector
from accord.engine.frames import Engine
from accord.model.errors import AccordError, Held, NotFound, SystemBusy
from accord.model.plan import Breach, Count
from accord.model.rules import ConnectedSystem, RuleSet
from accord.runs.configured import Configured
from accord.runs.passwords import NoDesk, PasswordDesk
from accord.runs.progress import Progress, Silent
from accord.store.activities import Activity, ActivityState, NewActivity
from accord.store.leases import Lease
from accord.store.store import Store
from accord.store.vault import Vault

LEASE_S = timedelta(minutes=30).total_seconds()


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where runs read the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSystem:
    """A connector with what its kind can do."""

    connector: Connector
    capabilities: Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One caller's surroundings; shared by all runs the caller makes."""

    store: Store
    rules: RuleSet
    open_system: Callable[[str], OpenedSystem]
    actor: str
    clock: Callable[[], datetime] = utc_now
    progress: Progress = field(default_factory=Silent)
    passwords: PasswordDesk = field(default_factory=NoDesk)
    memory_limit: str = "2GB"
    threads: int = 2
    spill_folder: str | None = None
    data_folder: str | None = None
    configured: Configured | None = None
    vault: Vault | None = None

    def system(self, name: str) -> ConnectedSystem:
        """Return a declared system; raise NotFound naming those there are."""
        if name not in self.rules.systems:
            known = ", ".join(sorted(self.rules.systems)) or "none"
            raise NotFound(f"there is no connected system {name!r}", remedy=f"use one of: {known}")
        return self.rules.systems[name]

    def engine(self) -> Engine:
        """Return a new engine for rules within the context's limits."""
        return Engine(memory_limit=self.memory_limit, threads=self.threads, spill_folder=self.spill_folder)

    def plain_engine(self) -> Engine:
        """Return a new engine, within the same limits, on which no administrator's expression will run."""
        return Engine(
            memory_limit=self.memory_limit, threads=self.threads, spill_folder=self.spill_folder, has_attempts=False
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended. `plan_id` is set when a plan was kept, `breaches` when the guard held it."""

    activity: Activity
    counts: tuple[Count, ...] = ()
    errors: int = 0
    plan_id: str | None = None
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a commit requires: counters unmoved, leases held, the kept plan released where it was held."""

    versions: Mapping[str, int]
    leases: Sequence[Lease] = ()
    plan_id: str | None = None


class Recorder:
    """The record of one run while it goes on: phases in the store, progress for whoever watches."""

    def __init__(self, context: Context, activity: Activity) -> None:
        self.activity = activity
        self._context = context
        self._phase: tuple[str, int] | None = None
        self._done = 0

    @property
    def id(self) -> int:
        """Return the activity's id."""
        return self.activity.id

    def phase(self, name: str, total: int | None = None) -> None:
        """End the phase before and begin the next."""
        self._end_phase()
        self._phase, self._done = (name, total or 0), 0
        self._context.store.activities.phase(self.id, name, now=self._context.clock(), total=total or 0)
        self._context.progress.phase(name, total)

    def advance(self, count: int) -> None:
        """Count objects of the present phase."""
        self._done += count
        self._context.progress.advance(count)

    def finish(
        self,
        state: ActivityState,
        *,
        message: str = "",
        counts: Sequence[Count] = (),
        plan_id: str | None = None,
    ) -> Activity:
        """End the run."""
        self._end_phase()
        activities = self._context.store.activities
        if plan_id is not None:
            activities.set_plan(self.id, plan_id)
        self.activity = activities.finish(self.id, state, now=self._context.clock(), message=message, counts=counts)
        return self.activity

    def _end_phase(self) -> None:
        if self._phase is not None:
            name, total = self._phase
            activities, now = self._context.store.activities, self._context.clock()
            activities.phase(self.id, name, now=now, done=self._done, total=total)
            activities.end_phase(self.id, name, now=now)
            self._phase = None


@contextmanager
def recorded(
    context: Context, kind: str, *, system: str = "", profile: str = "", reason: str = ""
) -> Iterator[Recorder]:
    """Begin an activity; whatever is raised ends it as failed, with its message, and goes on to the caller."""
    new = NewActivity(kind=kind, actor=context.actor, system=system, profile=profile, reason=reason)
    activity = context.store.activities.begin(new, now=context.clock())
    recorder = Recorder(context, activity)
    try:
        yield recorder
    except Held:
        # The run that was held has said so already, with its plan.
        raise
    except AccordError as error:
        recorder.finish(ActivityState.FAILED, message=str(error))
        raise
    except KeyboardInterrupt:
        recorder.finish(ActivityState.CANCELLED, message="cancelled; nothing of the unfinished phase was kept")
        raise
    except Exception as error:
        recorder.finish(ActivityState.FAILED, message=f"{type(error).__name__}: {error}")
        raise


@contextmanager
def leased(context: Context, systems: Sequence[str], owner: str) -> Iterator[tuple[Lease, ...]]:
    """Hold the systems' leases: no other run of them commits meanwhile."""
    with ExitStack() as held:
        leases: list[Lease] = []
        for system in sorted(systems):
            lease = _acquire(context, system, owner)
            held.callback(context.store.leases.release, lease)
            leases.append(lease)
        yield tuple(leases)


def _acquire(context: Context, system: str, owner: str) -> Lease:
    try:
        return context.store.leases.acquire(system, owner, LEASE_S, now=context.clock())
    except SystemBusy as busy:
        try:
            other = context.store.activities.read_by_guid(busy.owner)
        except NotFound:
            raise busy from None
        raise SystemBusy(
            f"activity A{other.id} ({other.kind} by {other.actor} since {other.started_at}) "
            f"is working on system {system}",
            owner=busy.owner,
            remedy=busy.remedy,
        ) from busy
