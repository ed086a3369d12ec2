"""How many there are of everything, remembered until it changes: the store's counters tell when."""

import threading
from collections.abc import Callable, Mapping

from accord.runs.context import Context
from accord.store.versions import METAVERSE, system_scope

_LOCK = threading.Lock()
_KNOWN: dict[tuple[str, str], tuple[int, Mapping[str, int]]] = {}


def count_objects(context: Context, system: str) -> Mapping[str, int]:
    """Return how many objects of each type a system showed."""
    return _counted(context, system_scope(system), lambda: context.store.connector_space.count_objects(system))


def count_identities(context: Context) -> Mapping[str, int]:
    """Return how many identities of each type there are."""
    return _counted(context, METAVERSE, context.store.metaverse.count_identities)


def _counted(context: Context, scope: str, count: Callable[[], Mapping[str, int]]) -> Mapping[str, int]:
    # The counter is read first: what is committed in between is counted, and counted again at the next question.
    version = context.store.versions([scope])[scope]
    key = (context.store.place, scope)
    with _LOCK:
        known = _KNOWN.get(key)
    if known is not None and known[0] == version:
        return known[1]
    counts = count()
    with _LOCK:
        _KNOWN[key] = (version, counts)
    return counts
