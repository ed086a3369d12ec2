"""Workers as processes of their own, and a system that takes as long to read as a test wants."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

import psutil

from accord.app import Accord, open_asking
from accord.operations.execution import execute
from accord.operations.performing import Order
from accord.store.activities import Activity, ActivityState
from worlds import World, people

DEADLINE_S = 60.0
OPEN = (ActivityState.QUEUED, ActivityState.RUNNING)

# Minutes of work for the database, without a chance to hear of anything meanwhile.
_SLOW = """
create view phones as with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000000000)
  select 'E001' as number, max(n) as phone, '' as title from c;
"""
_QUICK = """
create table phones(number text primary key, phone text, title text);
insert or replace into phones values ('E001', '17', '');
"""


class Office:
    """A world with workers."""

    def __init__(self, world: World) -> None:
        self.world = world.make(people(25))
        world.close()
        self._processes: list[subprocess.Popen[str]] = []
        self.accord = self._opened()
        self.store = self.accord.store

    def slow(self) -> None:
        """Let reading the phones take for ever."""
        self._phones(_SLOW)

    def quick(self) -> None:
        """Let reading the phones take no time."""
        self._phones(_QUICK)

    def hire(self) -> "subprocess.Popen[str]":
        """Start a worker."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
        store = {} if self.world.url is None else {"ACCORD_DATABASE_URL": self.world.url}
        with (self.world.folder / "worker.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "accord", "worker", "--log", "text", "-c", str(self.world.folder)],
                env={**kept, **store, "PYTHONFAULTHANDLER": "1"}, stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def ask(self, work: str, system: str = "", *, key: str | None = None) -> str:
        """Queue work; return the activity's GUID."""
        return execute(self.accord.context, Order(work=work, system=system), key=key).activity

    def read(self, guid: str) -> Activity:
        """Return an activity as it is now."""
        return self.store.activities.read_by_guid(guid)

    def runner_of(self, guid: str) -> int:
        """Return the process that runs an activity."""
        session = self.store.jobs.session_of(self.read(guid).id)
        return int(session.split("|")[0].split()[-1])

    def until(self, guid: str, *states: ActivityState) -> Activity:
        """Wait until an activity is in one of the states; return it."""
        found: list[Activity] = []

        def is_there() -> bool:
            found[:] = [self.read(guid)]
            return found[0].state in states

        wait_for(is_there, lambda: f"{found}\n{self.log()}")
        return found[0]

    def until_ended(self, guid: str) -> Activity:
        """Wait until an activity has ended; return it."""
        return self.until(guid, *(state for state in ActivityState if state not in OPEN))

    def log(self) -> str:
        """Return what the workers said."""
        return (self.world.folder / "worker.log").read_text()

    def close(self) -> None:
        """End the workers that are left."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.accord.close()

    def _opened(self) -> Accord:
        before = os.environ.pop("ACCORD_DATABASE_URL", None)
        assert before is None
        if self.world.url is not None:
            os.environ["ACCORD_DATABASE_URL"] = self.world.url
        try:
            return open_asking(self.world.folder)
        finally:
            os.environ.pop("ACCORD_DATABASE_URL", None)

    def _phones(self, script: str) -> None:
        with closing(sqlite3.connect(self.world.folder / "data" / "phones.db", timeout=60)) as database:
            kind = database.execute("select type from sqlite_master where name = 'phones'").fetchone()
            database.executescript((f"drop {kind[0]} phones;" if kind else "") + script)


def wait_for(happened: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + DEADLINE_S
    while not happened():
        assert time.monotonic() < deadline, f"it did not happen in time: {explain()}"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether a process is no more."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def kill(process: "subprocess.Popen[str]") -> None:
    """End a worker as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def end(process: "subprocess.Popen[str]") -> None:
    """Tell a worker to end."""
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(30) == 0
    except subprocess.TimeoutExpired:
        # Let it tell where each of its threads stands.
        process.send_signal(signal.SIGABRT)
        raise
