"""How many there are of everything: remembered until it changes, and where that takes long, counted beside.

The store's counters tell when something changed. Who must know exactly waits for the count. A page does not: over a
big population it gets the latest counts there are, is told that they are not of this moment, and has them soon.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from accord.runs.context import Context
from accord.store.versions import METAVERSE, system_scope

_LOCK = threading.Lock()
_KNOWN: dict[tuple[str, str], tuple[object, Mapping[str, int]]] = {}
_BIG = 100_000
"""So many objects are counted in some ten milliseconds."""


class Counts(Protocol):
    """How many there are."""

    def objects(self, system: str) -> Mapping[str, int]:
        """Return how many objects of each type a system showed."""

    def identities(self) -> Mapping[str, int]:
        """Return how many identities of each type there are."""

    def states(self, system: str) -> Mapping[str, int]:
        """Return how many pending exports of a system are in each state."""


def count_objects(context: Context, system: str) -> Mapping[str, int]:
    """Return how many objects of each type a system showed."""
    return _counted(context, _objects_of(system))


def count_identities(context: Context) -> Mapping[str, int]:
    """Return how many identities of each type there are."""
    return _counted(context, _IDENTITIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactCounts:
    """The counts of this moment."""

    context: Context

    def objects(self, system: str) -> Mapping[str, int]:
        """Return how many objects of each type a system showed."""
        return count_objects(self.context, system)

    def identities(self) -> Mapping[str, int]:
        """Return how many identities of each type there are."""
        return count_identities(self.context)

    def states(self, system: str) -> Mapping[str, int]:
        """Return how many pending exports of a system are in each state."""
        return self.context.store.pending.count_states(system)


@dataclass(slots=True, kw_only=True)
class LatestCounts:
    """The latest counts there are; `is_exact` tells whether all that were asked for are of this moment."""

    context: Context
    counter: "Counter"
    is_exact: bool = field(default=True, init=False)

    def objects(self, system: str) -> Mapping[str, int]:
        """Return how many objects of each type a system showed."""
        return self._latest(_objects_of(system))

    def identities(self) -> Mapping[str, int]:
        """Return how many identities of each type there are."""
        return self._latest(_IDENTITIES)

    def states(self, system: str) -> Mapping[str, int]:
        """Return how many pending exports of a system are in each state."""
        return self._latest(_states_of(system))

    def _latest(self, wanted: "_Count") -> Mapping[str, int]:
        counts, is_exact = self.counter.latest(self.context, wanted)
        self.is_exact &= is_exact
        return counts


class Counter:
    """Counts beside those who ask. `reading` lends it a context."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Context]]) -> None:
        self._reading = reading
        self._lock = threading.Lock()
        self._going: set[str] = set()
        self._aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="counts")

    def begin(self) -> None:
        """Count what takes long before anybody asks for it."""
        with self._reading() as context:
            if _is_big(context):
                systems = context.rules.systems
                for wanted in (_IDENTITIES, *map(_objects_of, systems), *map(_states_of, systems)):
                    self._submit(wanted)

    def look(self, context: Context) -> LatestCounts:
        """Return the counts for one who asks now."""
        return LatestCounts(context=context, counter=self)

    def latest(self, context: Context, wanted: "_Count") -> tuple[Mapping[str, int], bool]:
        """Return the latest counts, and whether they are of this moment. What was never counted is waited for."""
        known = _known(context, wanted)
        if known is None or known[0] == wanted.stamp(context) or not _is_big(context):
            return _counted(context, wanted), True
        self._submit(wanted)
        return known[1], False

    def close(self) -> None:
        """Wait for what is being counted."""
        self._aside.shutdown()

    def _submit(self, wanted: "_Count") -> None:
        with self._lock:
            if wanted.scope not in self._going:
                self._going.add(wanted.scope)
                self._aside.submit(self._count, wanted)

    def _count(self, wanted: "_Count") -> None:
        try:
            with self._reading() as context:
                _counted(context, wanted)
        finally:
            with self._lock:
                self._going.discard(wanted.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """Something to count. While its stamp is the same, so is the count."""

    scope: str
    stamp: Callable[[Context], object]
    count: Callable[[Context], Mapping[str, int]]


def _objects_of(system: str) -> _Count:
    scope = system_scope(system)
    return _Count(
        scope=scope, stamp=lambda context: context.store.versions([scope]),
        count=lambda context: context.store.connector_space.count_objects(system),
    )  # fmt: skip


def _states_of(system: str) -> _Count:
    """Return the count of states: they change within an activity, or the store's counters tell."""

    def stamp(context: Context) -> object:
        last = context.store.activities.list(limit=1)
        return context.store.versions([METAVERSE, system_scope(system)]), [(a.id, a.state, a.phases) for a in last]

    return _Count(
        scope=f"pending {system}", stamp=stamp, count=lambda context: context.store.pending.count_states(system)
    )


_IDENTITIES = _Count(
    scope=METAVERSE, stamp=lambda context: context.store.versions([METAVERSE]),
    count=lambda context: context.store.metaverse.count_identities(),
)  # fmt: skip


def _is_big(context: Context) -> bool:
    ids = context.store.baselines.position()
    return max(ids.next_object_id, ids.next_identity_id) > _BIG


def _known(context: Context, wanted: _Count) -> tuple[object, Mapping[str, int]] | None:
    with _LOCK:
        return _KNOWN.get((context.store.place, wanted.scope))


def _counted(context: Context, wanted: _Count) -> Mapping[str, int]:
    # The stamp is read first: what is committed in between is counted, and counted again at the next question.
    stamp = wanted.stamp(context)
    known = _known(context, wanted)
    if known is not None and known[0] == stamp:
        return known[1]
    counts = wanted.count(context)
    with _LOCK:
        _KNOWN[context.store.place, wanted.scope] = (stamp, counts)
    return counts
