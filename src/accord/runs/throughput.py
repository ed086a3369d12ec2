"""How fast it goes: what was done in the last seconds, not since the beginning."""

from collections import deque

WINDOW_S = 15.0
_LEAST_S = 1.0


class Throughput:
    """A rate over a sliding window. When nothing is done any more it falls to zero, as it should."""

    def __init__(self, *, now_s: float) -> None:
        self._samples: deque[tuple[float, int]] = deque([(now_s, 0)])

    def add(self, done: int, *, now_s: float) -> None:
        """Say how much is done by now."""
        self._samples.append((now_s, done))
        while len(self._samples) > 2 and self._samples[1][0] <= now_s - WINDOW_S:
            self._samples.popleft()

    def per_s(self, *, now_s: float) -> float:
        """Return how much was done in a second lately; 0 while it is too early to tell."""
        (since_s, before), (_, done) = self._samples[0], self._samples[-1]
        elapsed = now_s - since_s
        return (done - before) / elapsed if elapsed >= _LEAST_S else 0.0
