"""How often somebody may ask: a sliding window of one minute per caller."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_S = 60.0
_MOST_CALLERS = 10_000


class Rates:
    """The requests of the last minute, by caller; callers long silent are forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, caller: str, limit: int) -> int:
        """Count a request; return 0 when it is allowed, else after how many seconds one will be."""
        if limit <= 0:
            return 0
        now = self._clock()
        asked = self._asked.setdefault(caller, deque())
        self._asked.move_to_end(caller)
        if len(self._asked) > _MOST_CALLERS:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - WINDOW_S:
            asked.popleft()
        if len(asked) >= limit:
            return max(1, int(asked[0] + WINDOW_S - now) + 1)
        asked.append(now)
        return 0
