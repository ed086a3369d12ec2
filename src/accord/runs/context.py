"""What every run needs: the store, the rules, how to open a system, who asks, and the clock."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from accord.connectors.base import Capabilities, Connector
from accord.engine.frames import Engine
from accord.model.errors import AccordError, Cancelled, Held, NotFound, SystemBusy
from accord.model.plan import Breach, Count
from accord.model.rules import ConnectedSystem, RuleSet
from accord.runs.cancelling import describe_cancelled
from accord.runs.configured import Configured
from accord.runs.passwords import NoDesk, PasswordDesk
from accord.runs.progress import Progress, Silent
from accord.runs.stopping import Stop
from accord.runs.throughput import Throughput
from accord.runs.watching import watched
from accord.store.activities import Activity, ActivityState, NewActivity
from accord.store.leases import Lease
from accord.store.store import Store
from accord.store.times import utc_now
from accord.store.vault import Vault

# Longer than any run: who dies is noticed by its session, and its turns are given back then.
LEASE_S = timedelta(hours=24).total_seconds()
_LEASE_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSystem:
    """A connector with what its kind can do."""

    connector: Connector
    capabilities: Capabilities


class OpenSystem(Protocol):
    """Opens a connected system by name; of one that is a file, another `file` than its own."""

    def __call__(self, name: str, file: str | None = None, /) -> OpenedSystem:
        """Return it, opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One caller's surroundings; shared by all runs the caller makes.

    `stop` is how they are told to stop. `activity` is the job that is to be run, None for a run that makes its own
    record, below `parent` if that is given. `patience_s` is how long a run waits for another on the same system.
    `queued` is told when work was queued, so that a worker in this process need not look for it.
    """

    store: Store
    rules: RuleSet
    open_system: OpenSystem
    actor: str
    clock: Callable[[], datetime] = utc_now
    progress: Progress = field(default_factory=Silent)
    passwords: PasswordDesk = field(default_factory=NoDesk)
    memory_limit: str = "2GB"
    threads: int = 2
    spill_folder: str | None = None
    data_folder: str | None = None
    database_url: str | None = field(default=None, repr=False)
    configured: Configured | None = None
    vault: Vault | None = None
    stop: Stop = field(default_factory=Stop)
    activity: Activity | None = None
    parent: int | None = None
    patience_s: float = 0.0
    queued: Callable[[], object] = lambda: None

    def system(self, name: str) -> ConnectedSystem:
        """Return a declared system; raise NotFound naming those there are."""
        if name not in self.rules.systems:
            known = ", ".join(sorted(self.rules.systems)) or "none"
            raise NotFound(f"there is no connected system {name!r}", remedy=f"use one of: {known}")
        return self.rules.systems[name]

    @contextmanager
    def engine(self, *, has_attempts: bool = True) -> Iterator[Engine]:
        """Lend a new engine for rules within the context's limits; who stops the run stops it."""
        made = Engine(
            memory_limit=self.memory_limit, threads=self.threads, spill_folder=self.spill_folder,
            has_attempts=has_attempts,
        )  # fmt: skip
        with made as engine, self.stop.waking(engine.interrupt):
            yield engine

    def small_engine(self) -> AbstractContextManager[Engine]:
        """Lend a new engine for what concerns few rows: sharing so little out among threads takes twice the time."""
        return replace(self, threads=1).engine()

    def plain_engine(self) -> AbstractContextManager[Engine]:
        """Lend a new engine, within the same limits, on which no administrator's expression will run."""
        return self.engine(has_attempts=False)


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
        self._told = 0
        self._throughput = Throughput(now_s=time.monotonic())

    @property
    def id(self) -> int:
        """Return the activity's id."""
        return self.activity.id

    def phase(self, name: str, total: int | None = None) -> None:
        """End the phase before and begin the next."""
        self._context.stop.check()
        self._end_phase()
        self._throughput = Throughput(now_s=time.monotonic())
        self._phase, self._done, self._told = (name, total or 0), 0, 0
        self._context.store.activities.phase(self.id, name, now=self._context.clock(), total=total or 0)
        self._context.progress.phase(name, total)

    def advance(self, count: int) -> None:
        """Count objects of the present phase; raise Cancelled when the run is to stop."""
        self._done += count
        self._context.progress.advance(count)
        self._context.stop.check()

    def tell(self) -> None:
        """Write down how far the present phase is and how fast it goes, if that has changed; another thread's part."""
        phase, done, now_s = self._phase, self._done, time.monotonic()
        self._throughput.add(done, now_s=now_s)
        if phase is None or (not done and not self._told):
            return
        self._told = done
        rate = round(self._throughput.per_s(now_s=now_s), 1)
        self._context.store.activities.phase(
            self.id, phase[0], now=self._context.clock(), done=done, total=phase[1], rate_per_s=rate
        )

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
def recorded(  # noqa: PLR0913 - what the record says
    context: Context, kind: str, *, system: str = "", profile: str = "", reason: str = "", systems: Sequence[str] = ()
) -> Iterator[Recorder]:
    """Begin an activity, or go on with the job's; whatever is raised ends it, with its message, and goes on.

    `systems` are all it works on, where that is not `system` alone.
    """
    needed = tuple(systems) or ((system,) if system else ())
    new = NewActivity(
        kind=kind, actor=context.actor, system=system, profile=profile, reason=reason, parent=context.parent,
        systems=needed,
    )  # fmt: skip
    with context.stop.heeded():
        activity = context.activity or context.store.activities.begin(new, now=context.clock())
        recorder = Recorder(context, activity)
        with _ended_by_error(context, recorder), watched(context.store, activity, context.stop, recorder.tell):
            context.stop.check()
            with context.store.stopped_by(context.stop.check):
                yield recorder


@contextmanager
def ended(context: Context, activity: Activity) -> Iterator[None]:
    """End a job that something goes wrong with before, or after, it keeps a record itself."""
    try:
        yield
    except Exception as error:
        if context.store.activities.read(activity.id).state is ActivityState.RUNNING:
            Recorder(context, activity).finish(ActivityState.FAILED, message=_message(error))
        raise


@contextmanager
def _ended_by_error(context: Context, recorder: Recorder) -> Iterator[None]:
    try:
        yield
    except Held:
        # The run that was held has said so already, with its plan.
        raise
    except KeyboardInterrupt as error:
        raise _cancelled(context, recorder) from error
    except Exception as error:
        # Whatever a library says that was woken in its sleep, it is because somebody wants the run to stop.
        if context.stop.by or isinstance(error, Cancelled):
            raise _cancelled(context, recorder) from error
        recorder.finish(ActivityState.FAILED, message=_message(error))
        raise


def _message(error: Exception) -> str:
    return str(error) if isinstance(error, AccordError) else f"{type(error).__name__}: {error}"


def _cancelled(context: Context, recorder: Recorder) -> Cancelled:
    so_far = context.store.activities.read(recorder.id)
    message = describe_cancelled(context.store, so_far, context.stop.by or context.actor)
    recorder.finish(ActivityState.CANCELLED, message=message)
    return Cancelled(message)


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
    """Take the system's turn; wait as long as the context is patient, for as long as another run has it."""
    deadline = time.monotonic() + context.patience_s
    while True:
        try:
            return context.store.leases.acquire(system, owner, LEASE_S, now=context.clock())
        except SystemBusy as busy:
            if time.monotonic() >= deadline:
                raise _named(context, system, busy) from busy
        context.stop.check()
        time.sleep(_LEASE_LOOK_S)


def _named(context: Context, system: str, busy: SystemBusy) -> SystemBusy:
    try:
        other = context.store.activities.read_by_guid(busy.owner)
    except NotFound:
        return busy
    return SystemBusy(
        f"activity A{other.id} ({other.kind} by {other.actor} since {other.started_at}) is working on system {system}",
        owner=busy.owner,
        remedy=busy.remedy,
    )
