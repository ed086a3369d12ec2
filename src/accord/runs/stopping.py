"""How a run is told to stop: a word that is looked for between pieces of work, and that wakes the set engine.

Nothing else is ever interrupted: a statement that writes to the store ends, and then the transaction is taken back.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from accord.model.errors import Cancelled


class Stop:
    """Whether a run is to stop, and who says so. Any thread may ask."""

    def __init__(self) -> None:
        self._by = ""
        self._lock = threading.Lock()
        self._interrupts: list[Callable[[], None]] = []
        self._heeding = 0

    @property
    def by(self) -> str:
        """Return who wants the run to stop, empty when nobody does."""
        return self._by

    @property
    def is_heeded(self) -> bool:
        """Tell whether a run goes on that will look."""
        return self._heeding > 0

    def request(self, by: str) -> None:
        """Ask the run to stop; the first who asks is told. May be repeated, to wake what began meanwhile."""
        with self._lock:
            self._by = self._by or by
            for interrupt in self._interrupts:
                interrupt()

    def check(self) -> None:
        """Raise Cancelled when the run is to stop."""
        if self._by:
            raise Cancelled(f"cancelled by {self._by}")

    @contextmanager
    def waking(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` while inside whenever somebody asks."""
        with self._lock:
            self._interrupts.append(interrupt)
        try:
            yield
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Say that a run goes on inside, which looks."""
        self._heeding += 1
        try:
            yield
        finally:
            self._heeding -= 1
