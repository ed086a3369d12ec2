"""Answers of a moment ago: whoever asks the same at nearly the same time is told what was read once."""

from collections.abc import Callable

import anyio
from anyio import to_thread

_FRESH_S = 0.1
"""Shorter than a client would notice, long enough that many who watch one run cost hardly more than one."""


class Recent:
    """For one event loop. What is read must not depend on who asks."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, bytes]] = {}

    def known(self, name: str) -> bytes | None:
        """Return what was read of this name just now."""
        at, answer = self._kept.get(name, (-_FRESH_S, b""))
        return answer if anyio.current_time() - at < _FRESH_S else None

    async def of(self, name: str, read: Callable[[], bytes]) -> bytes:
        """Return what was read of this name just now, or read it in a thread; what `read` raises is not kept."""
        if (answer := self.known(name)) is not None:
            return answer
        asked = anyio.current_time()
        answer = await to_thread.run_sync(read)
        self._kept = {n: kept for n, kept in self._kept.items() if asked - kept[0] < _FRESH_S}
        self._kept[name] = asked, answer
        return answer

    def forget(self) -> None:
        """Read everything anew, since something has changed."""
        self._kept = {}
