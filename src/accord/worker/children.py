"""Processes for jobs: one is always ready, so that a job begins at once."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

from accord.app import Places
from accord.store.folder_lock import FolderLock

_LEAVE_S = 10.0


class Child:
    """One process. `session` is its name in the store, known once it is ready."""

    def __init__(self, places: Places, *, config: str | None, lock: FolderLock | None) -> None:
        file, environment = (None, {}) if lock is None else lock.for_child()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "accord.worker.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
            pass_fds=() if file is None else (file,),
            # A signal to the server's terminal is the server's to heed.
            start_new_session=True,
        )
        self.session = ""
        # Not in its arguments, which everybody on the machine can read.
        self._say({"data": str(places.data.resolve()), "url": places.url, "config": config})

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Tell whether it is gone."""
        return self._process.poll() is not None

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
        self._say({"activity": activity})

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; tell whether it came."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it where it stands; nothing of it stays, whatever it was doing."""
        self._process.kill()
        self._process.wait()
        self.forget()

    def end_unready(self) -> None:
        """End it while somebody waits for it to be ready, who is then told that it ended instead."""
        self._process.kill()

    def dismiss(self) -> None:
        """Let one without a job end by itself, and see that it does."""
        self.forget()
        if not self.wait(_LEAVE_S):
            self.kill()

    def _say(self, told: Mapping[str, str | None]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for above
        # One that died meanwhile is noticed by whoever waits for its end.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()

    def forget(self) -> None:
        """Close what leads to it; one without a job ends then."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


class Spare:
    """Keeps one process ready. Threads may share it."""

    def __init__(self, places: Places, *, config: str | None, lock: FolderLock | None) -> None:
        self._places, self._config, self._file_lock = places, config, lock
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._starting: Child | None = None
        self._is_closed = False

    def warm(self) -> None:
        """Start a process if none is ready, and wait until it is."""
        with self._lock:
            if self._child is None and not self._is_closed:
                child = self._starting = self._start()
                if self._is_closed:
                    child.end_unready()
                if child.wait_until_ready():
                    self._child = child
                else:
                    child.kill()
                self._starting = None

    def take(self) -> Child | None:
        """Return a process that is ready and no longer kept; None when it could not be started."""
        self.warm()
        with self._lock:
            child, self._child = self._child, None
        if child is not None and child.has_ended:
            child.forget()
            return None
        return child

    def put_back(self, child: Child) -> None:
        """Keep a process that was not needed after all."""
        with self._lock:
            if self._child is None and not self._is_closed:
                self._child = child
                return
        child.dismiss()

    def close(self) -> None:
        """Let the process that waits end; one that is not ready yet, which may take long, is not waited for."""
        self._is_closed = True
        starting = self._starting
        if starting is not None:
            starting.end_unready()
        with self._lock:
            if self._child is not None:
                self._child.dismiss()
                self._child = None

    def _start(self) -> Child:
        return Child(self._places, config=self._config, lock=self._file_lock)
