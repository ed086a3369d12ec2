"""The second thread of a run: it looks whether somebody wants it to stop, and tells how far it is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from accord.model.errors import AccordError
from accord.runs.stopping import Stop
from accord.store.activities import Activity
from accord.store.store import Store
from accord.store.times import utc_now

LOOK_S = 0.25
_BEAT_S = 2.0


@contextmanager
def watched(store: Store, activity: Activity, stop: Stop, tell: Callable[[], None]) -> Iterator[None]:
    """Look after the run while inside; `tell` writes down how far it is."""
    ended = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(store, activity, stop, tell, ended), name=f"watch A{activity.id}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(store: Store, activity: Activity, stop: Stop, tell: Callable[[], None], ended: threading.Event) -> None:
    beaten = 0.0
    while not ended.wait(LOOK_S):
        # The store may be out of reach for a while: the run itself will notice when it matters.
        with suppress(AccordError):
            by = stop.by or store.jobs.stop_wanted_by(activity.id)
            if by:
                stop.request(by)
            tell()
            if time.monotonic() - beaten > _BEAT_S:
                store.jobs.beat(activity.id, now=utc_now())
                beaten = time.monotonic()
