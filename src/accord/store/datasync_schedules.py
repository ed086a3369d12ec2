"""Schedules of DataSync jobs as they were posted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accord.model.errors import NotFound
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("datasync_schedules")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """One schedule."""

    id: int
    name: str
    body: Mapping[str, Any]
    created_at: str
    created_by: str
    modified_at: str


class DataSyncSchedules:
    """The schedules of one store."""

    def __init__(self, control: Database) -> None:
        self._database = control

    def list(self) -> tuple[StoredSchedule, ...]:
        """Return all schedules, oldest first."""
        return self._found("list", {})

    def read(self, schedule: int) -> StoredSchedule:
        """Return a schedule; raise NotFound."""
        found = self._found("read", {"id": schedule})
        if not found:
            raise NotFound(f"there is no schedule {schedule}", remedy="list the schedules")
        return found[0]

    def add(self, name: str, body: Mapping[str, Any], *, actor: str, now: datetime) -> int:
        """Keep a schedule; return its id."""
        values = {"name": name, "body": json.dumps(dict(body)), "actor": actor, "now": iso(now)}
        return int(self._database.value(_SQL["add"], values))

    def change(self, schedule: int, name: str, body: Mapping[str, Any], *, now: datetime) -> None:
        """Keep another body under an id."""
        values = {"id": schedule, "name": name, "body": json.dumps(dict(body)), "now": iso(now)}
        self._database.execute(_SQL["change"], values)

    def remove(self, schedule: int) -> None:
        """Forget a schedule."""
        self._database.execute(_SQL["remove"], {"id": schedule})

    def _found(self, query: str, values: Mapping[str, Any]) -> tuple[StoredSchedule, ...]:
        rows = self._database.rows(_SQL[query], dict(values))
        found = [dict(zip(StoredSchedule.__dataclass_fields__, row, strict=True)) for row in rows]
        return tuple(StoredSchedule(**{**row, "body": json.loads(row["body"])}) for row in found)
