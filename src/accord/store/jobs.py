"""Activities as jobs: they wait for their turn, are started once, watched, cancelled, and taken over."""

from dataclasses import dataclass
from datetime import datetime

from accord.store.activities import Activities, Activity
from accord.store.database import Database
from accord.store.sessions import Session
from accord.store.sql import load_queries
from accord.store.times import iso, micros

_SQL = load_queries("jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """One job whose turn has come. `attempt` counts how often it was started."""

    guid: str
    system: str
    attempt: int


class Jobs:
    """The jobs of one store: the queue and who runs what. Any process may ask; one alone is given each turn."""

    def __init__(self, database: Database, activities: Activities, session: Session) -> None:
        self._database = database
        self._activities = activities
        self._session = session

    def session_of(self, activity: int) -> str:
        """Return the session that runs the activity."""
        return str(self._database.rows(_SQL["stop_wanted"], {"id": activity})[0][2])

    def ready(self) -> tuple[Ready, ...]:
        """Return the jobs that wait and whose turn has come, first come first."""
        return tuple(Ready(guid=g, system=s, attempt=int(a)) for g, s, a in self._database.rows(_SQL["ready"]))

    def start(self, activity: int, *, session: str, now: datetime) -> Activity | None:
        """Give the activity its turn in the session; None while it must wait, or when it does not wait any more."""
        values = {"id": activity, "session": session, "now": iso(now), "beat_at": micros(now)}
        with self._database.transaction():
            return self._activities.read(activity) if self._database.rows(_SQL["start"], values) else None

    def ahead_of(self, activity: int) -> Activity | None:
        """Return whom a waiting activity waits for: the one that runs on a system it needs, else the next in line."""
        rows = self._database.rows(_SQL["ahead"], {"id": activity})
        return self._activities.read(rows[0][0]) if rows else None

    def systems(self, activity: int) -> tuple[str, ...]:
        """Return the systems the activity works on."""
        return tuple(row[0] for row in self._database.rows(_SQL["systems"], {"id": activity}))

    def cancel(self, activity: int, *, by: str, now: datetime) -> Activity:
        """End an activity that waits; ask one that runs to stop. One that has ended is left alone."""
        values = {"id": activity, "by": by, "at": iso(now), "message": f"cancelled by {by} before it began"}
        with self._database.transaction():
            if not self._database.rows(_SQL["cancel_queued"], values):
                self._database.execute(_SQL["request_cancel"], values)
            return self._activities.read(activity)

    def stop_wanted_by(self, activity: int) -> str | None:
        """Return who wants the activity to stop, None when nobody does; a ghost's has been given to another process."""
        by, at, session = self._database.rows(_SQL["stop_wanted"], {"id": activity})[0]
        if session != self._session.name:
            return "the process that took it over"
        return str(by) if at else None

    def beat(self, activity: int, *, now: datetime) -> None:
        """Give a sign of life."""
        self._database.execute(_SQL["beat"], {"id": activity, "beat_at": micros(now), "session": self._session.name})
