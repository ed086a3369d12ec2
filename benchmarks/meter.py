"""Measures phases: wall seconds, processor seconds and the peak of resident memory while each went on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

_SAMPLE_S = 0.05


@dataclass(kw_only=True)
class Meter:
    """Phases in order, each name -> {seconds, cpu_seconds, peak_mb}."""

    phases: dict[str, dict[str, float]] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        process, stop, peak = psutil.Process(), threading.Event(), [0]

        def watch() -> None:
            while not stop.is_set():
                peak[0] = max(peak[0], process.memory_info().rss)
                stop.wait(_SAMPLE_S)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        started, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
            stop.set()
            thread.join()
            self.phases[name] = {
                "seconds": round(seconds, 2),
                "cpu_seconds": round(cpu_seconds, 2),
                "peak_mb": round(peak[0] / 2**20),
            }

    def seconds(self, *names: str) -> float:
        """Return the wall seconds of phases together."""
        return sum(self.phases[n]["seconds"] for n in names)

    def cpu_seconds(self, *names: str) -> float:
        """Return the processor seconds of phases together."""
        return sum(self.phases[n]["cpu_seconds"] for n in names)
