"""The process in which jobs are done, one after the other. It is started ahead, opens everything, says so, and waits.

Its input names a job at a time; when its input ends, whoever started it is gone, and it ends as well, amid a job as if
killed: the store takes back what was not committed, and another worker finds the job unfinished. Between jobs it opens
everything anew, as another session. One that has needed much memory ends after its job, which gives that back.
"""

import json
import os
import resource
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from accord.app import Server, open_server
from accord.engine.frames import interrupt_all
from accord.model.errors import AccordError
from accord.operations.execution import perform
from accord.runs.stopping import Stop

PATIENCE_S = 12 * 3600.0
MUCH_MEMORY_BYTES = 600 * 1024 * 1024
_ORPHANED = 3
_BEHIND_ANSWERS = 10


class Orders:
    """What is read from the input. While somebody works, its end is the end of the process."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._read: SimpleQueue[str] = SimpleQueue()
        self.is_working = False
        threading.Thread(target=self._follow, daemon=True).start()

    def next(self) -> str:
        """Wait for an order; return empty text when there are no more."""
        return self._read.get()

    def _follow(self) -> None:
        for line in self._source:
            self._read.put(line)
        if self.is_working:
            os._exit(_ORPHANED)
        self._read.put("")


def main() -> None:
    """Be ready and do a job, until there are no more or memory should be given back."""
    # What a connector prints must not be taken for what is said here.
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    orders = Orders(sys.stdin)
    places = json.loads(orders.next())
    jobs = 0
    while not jobs or _peak_bytes() < MUCH_MEMORY_BYTES:
        with open_server(_path(places["data"]), places["url"], config=_path(places["config"])) as server:
            _say_ready(server, told)
            order = orders.next()
            if not order:
                return
            orders.is_working = True
            if not jobs:
                _give_way()
            _perform(server, json.loads(order)["activity"])
            orders.is_working = False
        jobs += 1


def _give_way() -> None:
    """Let others come first: whoever asks the server how far it is waits for an answer; the run does not notice."""
    own = os.nice(_BEHIND_ANSWERS)
    # That was this thread alone, and those it starts from now on.
    with suppress(OSError):
        for thread in Path("/proc/self/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), own)


def _say_ready(server: Server, told: TextIO) -> None:
    with server.writing("worker") as context:
        session = context.store.session.name
    try:
        told.write(json.dumps({"session": session}) + "\n")
        told.flush()
    except BrokenPipeError:
        os._exit(_ORPHANED)


def _perform(server: Server, guid: str) -> None:
    stop = Stop()
    with server.writing("worker") as context, stop.waking(interrupt_all):
        activity = context.store.activities.read_by_guid(guid)
        own = replace(context, actor=activity.actor, activity=activity, stop=stop, patience_s=PATIENCE_S)
        # The record says how it ended; for what is no error of ours the worker needs no more.
        with suppress(AccordError):
            perform(own, activity)


def _peak_bytes() -> int:
    # What getrusage tells begins with what the process that started this one had needed; this does not.
    with suppress(OSError), Path("/proc/self/status").open(encoding="ascii") as told:
        for line in told:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


if __name__ == "__main__":
    main()
