"""A worker: hands jobs whose turn has come to the queue, does what it is given, and takes over from dead workers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Self

import structlog

from accord.app import Server
from accord.jobs.port import Queue
from accord.model.errors import AccordError
from accord.operations.datasync.schedules import run_due_schedules, run_start_schedules
from accord.operations.execution import close_killed, order_of
from accord.operations.schedules import follow, run_due
from accord.store.activities import Activity, ActivityState
from accord.store.times import micros, utc_now
from accord.worker.children import Child, Spares

ACTOR = "worker"
CLOCK = "schedule"
SILENT_S = 60.0
"""Who gave no sign of life for so long is taken for dead, even if the database still has a connection of it."""

_SWEEP_S = 0.1
_RECOVER_S = 1.0
_CLOCK_S = 1.0
_TURN_S = 0.05
_END_S = 5.0
_GRACE_S = 0.6
_EXPORT_GRACE_S = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A job that is done: in which process, and as which session, which is not that of the process's next job."""

    child: Child
    activity: Activity
    session: str


class Worker:
    """Runs in threads of this process until closed. `at_once` is how many jobs it does side by side."""

    def __init__(self, server: Server, queue: Queue, *, config: Path | None = None, at_once: int = 2) -> None:
        self._server = server
        self._queue = queue
        with server.writing(ACTOR) as context:
            self._store = context.store
        start = partial(
            Child, server.places, config=None if config is None else str(config), lock=self._store.lock
        )  # fmt: skip
        self._spares = Spares(start, most=at_once + 1)
        self._at_once = at_once
        self._slots = threading.BoundedSemaphore(at_once)
        self._counting = threading.Lock()
        self._performing = 0
        self._closing = threading.Event()
        self._wake = server.queued
        self._working: dict[str, Child] = {}
        self._thread = threading.Thread(target=self._sweep, name="worker", daemon=True)
        self._handed: set[str] = set()
        self._clock_s = 0.0
        self._has_begun = False

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Begin."""
        self._queue.open(self._perform)
        self._thread.start()
        self._spares.warm()

    def close(self) -> None:
        """Take no more jobs; those that go on are ended where they stand, and done again by the next worker."""
        self._closing.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        for child in list(self._working.values()):
            child.end()
        deadline = time.monotonic() + _END_S
        while self._working and time.monotonic() < deadline:
            time.sleep(_TURN_S)
        self._queue.close()
        self._spares.close()
        self._store.recover()

    def _sweep(self) -> None:
        recovered = 0.0
        while not self._closing.is_set():
            # The database may be out of reach for a while; the jobs wait in it.
            with suppress(AccordError):
                self._wake.clear()
                if time.monotonic() - recovered > _RECOVER_S:
                    self._take_over()
                    recovered = time.monotonic()
                self._hand_over()
                self._keep_schedules()
            self._wake.wait(_SWEEP_S)

    def _hand_over(self) -> None:
        # Only as many as there is room for: what waits here nobody else could begin.
        room = self._at_once - self._performing
        tasks = {f"{job.guid}:{job.attempt}": job for job in self._store.jobs.ready()}
        self._handed &= tasks.keys()
        for task in [task for task in tasks if task not in self._handed][: max(0, room)]:
            job = tasks[task]
            if job.attempt:
                self._queue.cancel(f"{job.guid}:{job.attempt - 1}")
            self._queue.start(task)
            self._handed.add(task)

    def _keep_schedules(self) -> None:
        with self._server.writing(CLOCK) as context:
            for execution in context.store.timetable.open_executions():
                follow(context, execution)
            if time.monotonic() - self._clock_s < _CLOCK_S:
                return
            self._clock_s = time.monotonic()
            configuration = self._server.configuration
            for schedule in configuration.schedules.values():
                started = run_due(context, schedule, configuration.profiles)
                if started is not None:
                    _log.info("schedule_due", schedule=schedule.name, activity=started.id)
            begun = () if self._has_begun else run_start_schedules(context)
            self._has_begun = True
            for run in (*begun, *run_due_schedules(context)):
                _log.info("datasync_due", job=run.job, run=run.id, activity=run.activity)

    def _take_over(self) -> None:
        silent_since = micros(utc_now() - timedelta(seconds=SILENT_S))
        for activity in self._store.recover(silent_since=silent_since):
            _log.warning("job_taken_over", activity=activity)
        living = self._store.session.living()
        self._queue.resume_lost(living | {self._store.session.name.partition("|")[2]})

    def _perform(self, task: str) -> None:
        guid, _, attempt = task.partition(":")
        with self._slots, self._counted():
            given = self._give_turn(guid, int(attempt))
            if given is None:
                return
            child, activity = given.child, given.activity
            self._working[guid] = child
            try:
                _log.info("job_started", activity=activity.id, work=order_of(activity).work, pid=child.pid)
                self._spares.refill()
                self._attend(given)
                ended = self._store.activities.read(activity.id)
                _log.info("job_ended", activity=activity.id, state=ended.state.value)
            finally:
                del self._working[guid]
                # Where this worker ends, the job may still go on, and was perhaps given too late for close() to see it.
                self._spares.put_back(child)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self._performing += 1
        try:
            yield
        finally:
            with self._counting:
                self._performing -= 1
            # There is room for another.
            self._wake.set()

    def _give_turn(self, guid: str, attempt: int) -> _Given | None:
        """Wait until the job may run and start it in a process; None when it no longer waits, or this worker ends."""
        activity = self._store.activities.read_by_guid(guid)
        while not self._closing.is_set():
            if activity.state is not ActivityState.QUEUED or activity.attempt != attempt:
                return None
            if self._store.jobs.ahead_of(activity.id) is None:
                child = self._spares.take()
                if child is not None:
                    session = child.session
                    started = self._store.jobs.start(activity.id, session=session, now=utc_now())
                    if started is not None:
                        child.give(guid)
                        return _Given(child=child, activity=started, session=session)
                    self._spares.put_back(child)
            self._closing.wait(_TURN_S)
            activity = self._store.activities.read_by_guid(guid)
        return None

    def _attend(self, given: _Given) -> None:
        """Wait for the end of the job; end it when it does not stop in time; record what it could not record itself."""
        child, activity = given.child, given.activity
        asked_s = 0.0
        grace_s = _EXPORT_GRACE_S if activity.kind == "export" else _GRACE_S
        while not child.wait(0.05 if asked_s else 0.2):
            if self._closing.is_set():
                return
            now = self._store.activities.read(activity.id)
            if now.cancel_requested_at and not asked_s:
                asked_s = time.monotonic()
            is_ghost = self._store.jobs.session_of(activity.id) != given.session
            if is_ghost or (asked_s and time.monotonic() - asked_s > grace_s):
                child.kill()
                break
        if not self._closing.is_set():
            self._close_unfinished(given)

    def _close_unfinished(self, given: _Given) -> None:
        left = self._store.activities.read(given.activity.id)
        if left.state is not ActivityState.RUNNING or self._store.jobs.session_of(left.id) != given.session:
            return
        _log.warning("job_died", activity=left.id, exit_code=given.child.exit_code)
        if left.cancel_requested_at and self._store.take_over(left.id, given.session):
            with self._server.writing(ACTOR) as context:
                close_killed(context, left, by=left.cancel_requested_by)
        else:
            self._store.recover()


@contextmanager
def running_worker(server: Server, *, config: Path | None = None, at_once: int = 2) -> Iterator[Worker]:
    """Run a worker in this process while inside."""
    worker = start_worker(server, config=config, at_once=at_once)
    try:
        yield worker
    finally:
        worker.close()


def start_worker(server: Server, *, config: Path | None = None, at_once: int = 2) -> Worker:
    """Start a worker in this process, on the queue beside the server's store; close it before the server."""
    # Loading the queue takes a second, which nobody pays who needs none.
    from accord.jobs.dbos_queue import DbosQueue  # noqa: PLC0415

    with server.writing(ACTOR) as context:
        name = context.store.session.name.partition("|")[2]
    url = server.places.url or f"sqlite:///{server.places.data.resolve() / 'jobs.db'}"
    worker = Worker(server, DbosQueue(url, name=name, at_once=at_once), config=config, at_once=at_once)
    try:
        worker.open()
    except BaseException:
        # Told to end while it begins: what has begun would keep the process alive.
        worker.close()
        raise
    return worker
