"""After a crash: what its process left open is closed, and exports without an answer are named unknown."""

from accord.store.database import Database
from accord.store.sessions import live_sessions
from accord.store.sql import load_queries

_SQL = load_queries("recovery")
_MESSAGE = "the process that ran this ended without finishing it"


def recover(database: Database) -> tuple[int, ...]:
    """Mark running activities of dead sessions as failed, their exports in flight as unknown, their turns as over.

    Return their ids. When they ended is not known, so `ended_at` stays empty.
    """
    with database.transaction():
        alive = live_sessions(database)
        dead = [row[0] for row in database.rows(_SQL["running"]) if row[1].partition("|")[2] not in alive]
        for activity in dead:
            values = {"activity": activity, "message": _MESSAGE}
            database.execute(_SQL["fail_activity"], values)
            database.execute(_SQL["free_leases"], values)
            leave_unknown(database, activity, _MESSAGE)
    return tuple(dead)


def leave_unknown(database: Database, activity: int, message: str) -> None:
    """Mark exports that an activity journalled and never recorded: they may or may not have reached the system."""
    values = {"activity": activity, "message": message}
    database.execute(_SQL["unknown_pending"], values)
    database.execute(_SQL["unknown_journal"], values)
