"""Activities: the record of every operation, with its phases, counts and one item per object worth telling."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import pyarrow as pa

from accord.model.errors import NotFound, RowError
from accord.model.frames import Frame
from accord.model.plan import Count
from accord.store.codec import counts_from_json, counts_to_json
from accord.store.database import Database
from accord.store.recovery import leave_unknown
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("activities")
_NOT_RECORDED = "the run ended before the answer was recorded"


class ActivityState(StrEnum):
    """Where an activity stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DONE_WITH_ERRORS = "done_with_errors"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One part of an activity. `total` 0: not known beforehand."""

    name: str
    started_at: str
    ended_at: str = ""
    done: int = 0
    total: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivity:
    """What an activity is when it begins. Empty text: none."""

    kind: str
    actor: str
    system: str = ""
    profile: str = ""
    reason: str = ""
    plan_id: str | None = None
    parent: int | None = None
    state: ActivityState = ActivityState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One operation: who, what, when, how far, how it ended. Empty text: none."""

    id: int
    guid: str
    kind: str
    system: str
    profile: str
    plan_id: str | None
    parent: int | None
    state: ActivityState
    actor: str
    reason: str
    started_at: str
    ended_at: str | None
    message: str
    counts: tuple[Count, ...]
    phases: tuple[Phase, ...]


class ActivityItems(Frame):
    """Objects of an activity worth telling one by one: errors, and the outcomes of exports."""

    SCHEMA = pa.schema(
        [
            ("object_type", pa.string()), ("object_id", pa.int64()), ("identity_id", pa.int64()),
            ("anchor", pa.string()), ("at", pa.string()), ("operation", pa.string()), ("outcome", pa.string()),
            ("attribute", pa.string()), ("code", pa.string()), ("message", pa.string()), ("remedy", pa.string()),
        ]
    )  # fmt: skip


class NumberedItems(Frame):
    """Items as they are stored: `seq` counts from 1 within the activity."""

    SCHEMA = pa.schema([("seq", pa.int64()), *ActivityItems.SCHEMA])


def items_of_errors(errors: Sequence[RowError], *, operation: str) -> ActivityItems:
    """Return the row errors as items with the outcome `error`."""
    rows = [
        {
            "object_type": error.object_type, "anchor": error.anchor, "at": error.at, "operation": operation,
            "outcome": "error", "attribute": error.attribute, "code": error.code, "message": error.message,
            "remedy": error.remedy,
        }
        for error in errors
    ]  # fmt: skip
    return ActivityItems(pa.Table.from_pylist(rows, schema=ActivityItems.SCHEMA))


class Activities:
    """The activities of one store."""

    def __init__(self, database: Database, data: Database, *, session: str) -> None:
        self._database = database
        self._data = data
        self._session = session

    def begin(self, new: NewActivity, *, now: datetime) -> Activity:
        """Start an activity; it belongs to this process, and is marked failed when the process dies."""
        with self._database.transaction():
            activity_id = self._database.value(
                _SQL["begin"],
                {
                    "guid": str(uuid.uuid4()), "kind": new.kind, "system": new.system, "profile": new.profile,
                    "plan_id": new.plan_id, "state": new.state.value, "actor": new.actor, "reason": new.reason,
                    "started_at": iso(now), "session": self._session,
                },
            )  # fmt: skip
            if new.parent is not None:
                self._database.execute(_SQL["set_parent"], {"id": activity_id, "parent": new.parent})
            return self.read(int(activity_id))

    def set_plan(self, activity: int, plan_id: str) -> None:
        """Name the plan an activity made or applies."""
        self._database.execute(_SQL["set_plan"], {"id": activity, "plan_id": plan_id})

    def phase(self, activity: int, name: str, *, now: datetime, done: int = 0, total: int = 0) -> None:
        """Begin a phase, or say how far it is. `total` 0: not known beforehand."""
        with self._database.transaction():
            known = {phase.name: phase for phase in self.read(activity).phases}
            phase = known.get(name, Phase(name=name, started_at=iso(now)))
            self._keep_phases(activity, {**known, name: replace(phase, done=done, total=total)})

    def end_phase(self, activity: int, name: str, *, now: datetime, message: str = "") -> None:
        """Say that a phase is over and, if it is worth a word, what came of it."""
        with self._database.transaction():
            known = {phase.name: phase for phase in self.read(activity).phases}
            phase = known.get(name, Phase(name=name, started_at=iso(now)))
            self._keep_phases(activity, {**known, name: replace(phase, ended_at=iso(now), message=message)})

    def finish(
        self,
        activity: int,
        state: ActivityState,
        *,
        now: datetime,
        message: str = "",
        counts: Sequence[Count] = (),
    ) -> Activity:
        """End an activity; its phases that were not ended stay so, which tells where it stopped.

        Exports it journalled and did not record are unknown from here on.
        """
        # First, so that who dies in between leaves an activity that is seen to be unfinished.
        leave_unknown(self._data, activity, _NOT_RECORDED)
        self._database.execute(
            _SQL["finish"],
            {
                "id": activity, "state": state.value, "ended_at": iso(now), "message": message,
                "counts": counts_to_json(counts),
            },
        )  # fmt: skip
        return self.read(activity)

    def add_items(self, activity: int, items: ActivityItems) -> None:
        """Add items after those the activity has."""
        with self._database.transaction():
            rows = len(items)
            first = int(self._database.value(_SQL["last_item"], {"activity": activity})) + 1
            table = items.table.append_column("seq", pa.array(range(first, first + rows), pa.int64()))
            table = table.append_column("activity", pa.repeat(pa.scalar(activity, pa.int64()), rows))
            self._database.ingest("activity_item", table)

    def items(self, activity: int, *, outcome: str | None = None, after: int = 0, limit: int = 1000) -> NumberedItems:
        """Return items in order, those with `seq` above `after`."""
        values = {"activity": activity, "after": after, "limit": limit, "outcome": outcome or ""}
        table = self._database.fetch(_SQL["items"], values, schema=NumberedItems.SCHEMA)
        return NumberedItems(table.sort_by("seq"))

    def read(self, activity: int) -> Activity:
        """Return an activity; raise NotFound."""
        return self._one(_SQL["read"], {"id": activity}, str(activity))

    def read_by_guid(self, guid: str) -> Activity:
        """Return the activity with this GUID; raise NotFound."""
        return self._one(_SQL["read_by_guid"], {"guid": guid}, guid)

    def list(
        self, *, system: str | None = None, state: ActivityState | None = None, before: int | None = None,
        limit: int = 100,
    ) -> tuple[Activity, ...]:  # fmt: skip
        """Return activities, newest first; `before` continues below that id."""
        values: Mapping[str, str | int] = {
            "system": system or "", "state": state.value if state else "", "limit": limit,
            "before": before if before is not None else 2**62,
        }  # fmt: skip
        return tuple(_activity(row) for row in self._database.rows(_SQL["list"], values))

    def _keep_phases(self, activity: int, phases: Mapping[str, Phase]) -> None:
        text = _phases_to_json(tuple(phases.values()))
        self._database.execute(_SQL["set_phases"], {"id": activity, "phases": text})

    def _one(self, sql: str, values: Mapping[str, str | int], name: str) -> Activity:
        rows = self._database.rows(sql, values)
        if not rows:
            raise NotFound(f"there is no activity {name}", remedy="list the activities to see which there are")
        return _activity(rows[0])


def _activity(row: tuple[object, ...]) -> Activity:
    names = Activity.__dataclass_fields__
    values = dict(zip(names, row, strict=True))
    values["state"] = ActivityState(str(values["state"]))
    values["counts"] = counts_from_json(str(values["counts"]))
    values["phases"] = tuple(Phase(**phase) for phase in json.loads(str(values["phases"])))
    return Activity(**values)  # type: ignore[arg-type]  # the query's columns are the fields in order


def _phases_to_json(phases: Sequence[Phase]) -> str:
    names = Phase.__dataclass_fields__
    return json.dumps([{name: getattr(phase, name) for name in names} for phase in phases], ensure_ascii=False)
