"""What a run committed, known exactly whenever and however it ended: the mark is part of the very transaction."""

from datetime import datetime

from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("commits")


class Commits:
    """The marks of commits of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, activity: int, *, at: datetime) -> None:
        """Say that the activity's plan is committed; belongs into the transaction that does it."""
        self._database.execute(_SQL["mark"], {"activity": activity, "at": iso(at)})

    def has(self, activity: int) -> bool:
        """Tell whether the activity's plan is committed."""
        return bool(self._database.rows(_SQL["has"], {"activity": activity}))

    def sent(self, activity: int) -> dict[str, int]:
        """Return how many of the exports the activity sent ended in each state."""
        return {state: int(count) for state, count in self._database.rows(_SQL["sent"], {"activity": activity})}
