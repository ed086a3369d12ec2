"""After a crash: what its process left open is closed, and exports without an answer are named unknown."""

from collections.abc import Sequence

import pyarrow as pa

from accord.store.database import Database
from accord.store.sessions import Session
from accord.store.sql import load_queries
from accord.store.standing_counts import StandingCounts

MOST_ATTEMPTS = 3
"""So often a job is begun whose process dies; then it has failed."""

_SQL = load_queries("recovery")
_IDS = pa.schema([("object_id", pa.int64())])
_MESSAGE = "the process that ran this ended without finishing it"
_AGAIN = "the process that ran this ended without finishing it; it will be run again"


def recover(data: Database, control: Database, session: Session, *, silent_since: int = 0) -> tuple[int, ...]:
    """Close what dead sessions left: jobs are queued again, other activities have failed; return their ids.

    Dead is who is gone, or gave no sign of life since `silent_since` (microseconds of the epoch; 0: whoever is there
    lives). Their exports in flight become unknown, their turns are over. When they ended is not known, so `ended_at`
    stays empty.
    """
    alive = session.living()
    dead = [
        (activity, its_session)
        for activity, its_session, beat_at in control.rows(_SQL["running"])
        if its_session.partition("|")[2] not in alive or (silent_since and 0 < beat_at < silent_since)
    ]
    return tuple(activity for activity, of in dead if _recover_one(data, control, activity, of, session))


def leave_unknown(data: Database, activity: int, message: str) -> None:
    """Mark exports that an activity journalled and never recorded: they may or may not have reached the system."""
    values = {"activity": activity, "message": message}
    sent = data.fetch(_SQL["sending"], values, schema=_IDS)["object_id"]
    if not len(sent):
        return
    with data.transaction(), StandingCounts(data).moving(sent):
        data.execute(_SQL["unknown_pending"], values)
        data.execute(_SQL["unknown_journal"], values)


def take_over(data: Database, control: Database, activity: int, of: str, session: Session) -> bool:
    """Make an activity of the dead session `of` this one's, its exports in flight unknown, its turns over.

    Return False when somebody else did. Who dies meanwhile leaves it to the next: then it is a dead session's again.
    """
    taken: Sequence[tuple[str]] = control.rows(_SQL["take"], {"activity": activity, "of": of, "session": session.name})
    if not taken:
        return False
    leave_unknown(data, activity, _MESSAGE)
    if data.rows(_SQL["leases"], {"owner": taken[0][0]}):
        data.execute(_SQL["free_leases"], {"owner": taken[0][0]})
    return True


def _recover_one(data: Database, control: Database, activity: int, of: str, session: Session) -> bool:
    if not take_over(data, control, activity, of, session):
        return False
    values = {
        "activity": activity, "session": session.name, "failed": _MESSAGE, "again": _AGAIN, "most": MOST_ATTEMPTS,
    }  # fmt: skip
    control.execute(_SQL["close"], values)
    return True
