"""Executions of schedules: activities that no process runs, only followed step by step by whichever worker looks."""

import json
from collections.abc import Sequence
from datetime import datetime

from accord.store.activities import Activities, Activity, ActivityFilter, ActivityState
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("timetable")


class Timetable:
    """The clock and the executions of one store."""

    def __init__(self, database: Database, activities: Activities) -> None:
        self._database = database
        self._activities = activities

    def checked_at(self, schedule: str, crons: Sequence[str]) -> datetime | None:
        """Return up to when the schedule was looked at; None when it never was, or its times were others."""
        rows = self._database.rows(_SQL["read"], {"schedule": schedule})
        if not rows or rows[0][0] != json.dumps(list(crons)):
            return None
        return datetime.fromisoformat(rows[0][1])

    def check(self, schedule: str, crons: Sequence[str], *, at: datetime) -> None:
        """Remember that the schedule was looked at."""
        values = {"schedule": schedule, "crons": json.dumps(list(crons)), "checked_at": iso(at)}
        self._database.execute(_SQL["check"], values)

    def open_executions(self) -> tuple[Activity, ...]:
        """Return the executions that have not ended, oldest first."""
        return tuple(self._activities.read_by_guid(guid) for (guid,) in self._database.rows(_SQL["open"]))

    def open_execution_of(self, schedule: str) -> Activity | None:
        """Return the execution of a schedule that has not ended, None when there is none."""
        rows = self._database.rows(_SQL["open_of"], {"schedule": schedule})
        return self._activities.read_by_guid(rows[0][0]) if rows else None

    def begin(self, execution: int, *, now: datetime) -> None:
        """Say that the first step begins."""
        self._database.execute(_SQL["begin"], {"id": execution, "now": iso(now)})

    def finish(self, execution: int, state: ActivityState, *, now: datetime, message: str) -> bool:
        """Say how it ended; False when somebody has said so already."""
        values = {"id": execution, "state": state.value, "now": iso(now), "message": message}
        return bool(self._database.rows(_SQL["finish"], values))

    def steps_of(self, execution: int) -> tuple[Activity, ...]:
        """Return the activities of the steps that were begun, in order."""
        return tuple(reversed(self._activities.find(ActivityFilter(parent=execution), limit=1000)))
