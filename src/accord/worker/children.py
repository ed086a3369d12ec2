"""Processes for jobs: one is always ready, so that a job begins at once."""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from accord.app import Places
from accord.store.folder_lock import FolderLock

_LEAVE_S = 10.0


class Child:
    """One process. `session` is its name in the store, known once it is ready, and another one for each job."""

    def __init__(self, places: Places, *, config: str | None, lock: FolderLock | None) -> None:
        file, environment = (None, {}) if lock is None else lock.for_child()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "accord.worker.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
            pass_fds=() if file is None else (file,),
            # A signal to the server's terminal is the server's to heed. Not a session of its own: Linux shares the
            # processors out between sessions first, and giving way (nice) to another session would mean nothing.
            process_group=0,
        )
        self.session = ""
        # Not in its arguments, which everybody on the machine can read.
        self._say({"data": str(places.data.resolve()), "url": places.url, "config": config})

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Tell whether it waits for a job."""
        return bool(self.session) and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Return how it ended, None while it lives."""
        return self._process.poll()

    def wait_until_ready(self) -> bool:
        """Wait for it to say its session; False when it ended instead."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        line = self._process.stdout.readline()
        if line:
            self.session = str(json.loads(line)["session"])
        return bool(line)

    def give(self, activity: str) -> None:
        """Tell it which job to do."""
        self.session = ""
        self._say({"activity": activity})

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end of its job; tell whether it came. It is ready for the next then, or has ended itself."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        spoken = select.poll()
        spoken.register(self._process.stdout, select.POLLIN)
        if not spoken.poll(timeout_s * 1000):
            return False
        if not self.wait_until_ready():
            self._process.wait()
        return True

    def kill(self) -> None:
        """End it where it stands; nothing of it stays, whatever it was doing."""
        self._process.kill()
        self._process.wait()
        self.forget()

    def dismiss(self) -> None:
        """Let one without a job end by itself, and see that it does."""
        self.forget()
        try:
            self._process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def end(self) -> None:
        """End it where it stands; whoever waits for it in another thread is told, and forgets it."""
        self._process.kill()

    def forget(self) -> None:
        """Close what leads to it; one without a job ends then."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _say(self, told: Mapping[str, str | None]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for above
        # One that died meanwhile is noticed by whoever waits for its end.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()


class Spares:
    """Processes that wait for jobs: at least one, unless `most` are there, working ones counted. For threads."""

    def __init__(self, start: Callable[[], Child], *, most: int) -> None:
        self._start = start
        self._most = most
        self._changed = threading.Condition()
        self._ready: list[Child] = []
        self._starting: dict[Child, threading.Thread] = {}
        self._taken = 0
        self._is_closed = False

    def refill(self) -> None:
        """Begin to start a process if none is ready or will be soon."""
        with self._changed:
            self._drop_dead()
            if self._ready or self._starting or self._is_closed or self._taken >= self._most:
                return
            child = self._start()
            thread = threading.Thread(target=self._await, args=(child,), daemon=True)
            self._starting[child] = thread
            thread.start()

    def warm(self) -> None:
        """Wait until a process is ready, or could not be started."""
        self.refill()
        with self._changed:
            self._changed.wait_for(lambda: self._ready or not self._starting)

    def take(self) -> Child | None:
        """Return a process that is ready and no longer kept; None when none could be started."""
        self.warm()
        with self._changed:
            self._drop_dead()
            if not self._ready:
                return None
            self._taken += 1
            return self._ready.pop()

    def put_back(self, child: Child) -> None:
        """Take back a process; one that is not ready for another job is ended, whatever it is doing."""
        with self._changed:
            self._taken -= 1
            is_kept = child.is_ready and not self._is_closed
            if is_kept:
                self._ready.append(child)
            self._changed.notify_all()
        if not is_kept:
            child.kill()

    def close(self) -> None:
        """Let the processes that wait end; what is not ready yet, which may take long, is not waited for."""
        with self._changed:
            self._is_closed = True
            starting, ready = dict(self._starting), self._ready
            self._ready = []
        for child, thread in starting.items():
            child.end()
            thread.join()
        for child in ready:
            child.dismiss()

    def _await(self, child: Child) -> None:
        is_ready = child.wait_until_ready()
        with self._changed:
            del self._starting[child]
            is_kept = is_ready and not self._is_closed
            if is_kept:
                self._ready.append(child)
            self._changed.notify_all()
        if not is_kept:
            child.kill()

    def _drop_dead(self) -> None:
        for child in [child for child in self._ready if not child.is_ready]:
            self._ready.remove(child)
            child.kill()
