"""After a crash: what its process left open is closed, and exports without an answer are named unknown."""

from collections.abc import Sequence

from accord.store.database import Database
from accord.store.sessions import Session
from accord.store.sql import load_queries

_SQL = load_queries("recovery")
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
    if not data.rows(_SQL["sending"], values):
        return
    with data.transaction():
        data.execute(_SQL["unknown_pending"], values)
        data.execute(_SQL["unknown_journal"], values)


def _recover_one(data: Database, control: Database, activity: int, of: str, session: Session) -> bool:
    """Take the activity over, so that nobody else closes it meanwhile, and close it.

    Who dies in between leaves it to the next: then it is a dead session's once more.
    """
    taken: Sequence[tuple[str]] = control.rows(_SQL["take"], {"activity": activity, "of": of, "session": session.name})
    if not taken:
        return False
    leave_unknown(data, activity, _MESSAGE)
    if data.rows(_SQL["leases"], {"owner": taken[0][0]}):
        data.execute(_SQL["free_leases"], {"owner": taken[0][0]})
    values = {"activity": activity, "session": session.name, "failed": _MESSAGE, "again": _AGAIN}
    control.execute(_SQL["close"], values)
    return True
