"""Activities: the record of every operation, with its phases, counts and one item per object worth telling."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from accord.model.errors import NotFound
from accord.model.plan import Count
from accord.store.activity import (
    ANY_SCHEDULE,
    Activity,
    ActivityFilter,
    ActivityOrder,
    ActivityState,
    NewActivity,
    Outcomes,
    Phase,
)
from accord.store.activity_items import ActivityItems, NumberedItems, items_of_errors
from accord.store.codec import counts_from_json, counts_to_json
from accord.store.database import Database
from accord.store.recovery import leave_unknown
from accord.store.sql import load_queries
from accord.store.times import iso

__all__ = [
    "ANY_SCHEDULE",
    "Activities",
    "Activity",
    "ActivityFilter",
    "ActivityItems",
    "ActivityOrder",
    "ActivityState",
    "NewActivity",
    "NumberedItems",
    "Outcomes",
    "Phase",
    "items_of_errors",
]

_SQL = load_queries("activities")
_ORDERS = {
    ActivityOrder.CREATED: "id", ActivityOrder.STARTED: "started_at", ActivityOrder.STATE: "state",
    ActivityOrder.KIND: "kind", ActivityOrder.SYSTEM: "system", ActivityOrder.PROFILE: "profile",
    ActivityOrder.ACTOR: "actor", ActivityOrder.MESSAGE: "message",
}  # fmt: skip
_NOT_RECORDED = "the run ended before the answer was recorded"


class Activities:
    """The activities of one store."""

    def __init__(self, database: Database, data: Database, *, session: str) -> None:
        self._database = database
        self._data = data
        self._session = session

    def begin(self, new: NewActivity, *, now: datetime) -> Activity:
        """Start an activity, or let it wait for its turn; return the one there is already under its key.

        One that is started belongs to this process, and is marked failed when the process dies.
        """
        is_queued = new.state is ActivityState.QUEUED
        with self._database.transaction():
            activity_id = self._database.value(
                _SQL["begin"],
                {
                    "guid": str(uuid.uuid4()), "kind": new.kind, "system": new.system, "profile": new.profile,
                    "plan_id": new.plan_id, "parent": new.parent, "state": new.state.value, "actor": new.actor,
                    "reason": new.reason, "started_at": "" if is_queued else iso(now),
                    "queued_at": iso(now) if is_queued else "", "session": "" if is_queued else self._session,
                    "task": new.task, "key": new.key,
                    "parameters": json.dumps(dict(new.parameters), sort_keys=True, ensure_ascii=False),
                },
            )  # fmt: skip
            if activity_id is None:
                return self._one(_SQL["read_by_key"], {"key": str(new.key)}, str(new.key))
            for system in sorted(set(new.systems)):
                self._database.execute(_SQL["need_system"], {"activity": activity_id, "system": system})
            return self.read(int(activity_id))

    def set_plan(self, activity: int, plan_id: str) -> None:
        """Name the plan an activity made or applies."""
        self._database.execute(_SQL["set_plan"], {"id": activity, "plan_id": plan_id})

    def phase(  # noqa: PLR0913 - a phase is that
        self, activity: int, name: str, *, now: datetime, done: int = 0, total: int = 0, rate_per_s: float = 0.0
    ) -> None:
        """Begin a phase, or say how far it is. `total` 0: not known beforehand."""
        with self._database.transaction():
            known = {phase.name: phase for phase in self.read(activity).phases}
            phase = known.get(name, Phase(name=name, started_at=iso(now)))
            self._keep_phases(activity, {**known, name: replace(phase, done=done, total=total, rate_per_s=rate_per_s)})

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
                "counts": counts_to_json(counts), "session": self._session,
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
        wanted = ActivityFilter(system=system or "", states=(state,) if state else ())
        return self.find(wanted, before=before, limit=limit)

    def find(  # noqa: PLR0913 - where to go on is one thing in two ways
        self,
        wanted: ActivityFilter,
        *,
        before: int | None = None,
        limit: int = 100,
        skip: int = 0,
        order: ActivityOrder = ActivityOrder.CREATED,
        is_descending: bool = True,
    ) -> tuple[Activity, ...]:
        """Return activities, newest first. Pages keep their places while rows are added when `before` stays the same.

        `before` continues below that id, `skip` leaves out as many.
        """
        values = {**_filter(wanted), "limit": limit, "skip": skip, "before": 2**62 if before is None else before}
        direction = "desc" if is_descending else "asc"
        sql = self._filtered("list").replace("{order}", f"{_ORDERS[order]} {direction}, id {direction}")
        return tuple(_activity(row) for row in self._database.rows(sql, values))

    def count(self, wanted: ActivityFilter) -> dict[ActivityState, int]:
        """Return how many there are in each state."""
        sql = self._filtered("count")
        return {ActivityState(state): int(n) for state, n in self._database.rows(sql, _filter(wanted))}

    def outcomes(self, activity: int) -> tuple[Outcomes, ...]:
        """Return how many items of an activity ended in which way."""
        rows = self._database.rows(_SQL["outcomes"], {"activity": activity})
        return tuple(Outcomes(operation=o, outcome=e, code=c, count=int(n)) for o, e, c, n in rows)

    def children(self, activities: Sequence[int]) -> dict[int, int]:
        """Return how many parts each of the activities has; those without any are left out."""
        if not activities:
            return {}
        rows = self._database.rows(_SQL["children"], {"first": min(activities), "last": max(activities)})
        return {int(parent): int(n) for parent, n in rows}

    def moments(self, activities: Collection[int]) -> dict[int, str]:
        """Return when each of the activities ended, or began where it goes on."""
        if not activities:
            return {}
        schema = pa.schema([("id", pa.int64()), ("at", pa.string())])
        found = self._database.fetch_wanted(_SQL["moments"], list(activities), schema)
        return dict(zip(*found.to_pydict().values(), strict=True))

    def read_by_task(self, task: str) -> Activity:
        """Return the activity with this task; raise NotFound."""
        return self._one(_SQL["read_by_task"], {"task": task}, task)

    def _filtered(self, query: str) -> str:
        counts = self._database.dialect.json_rows.format(column="counts", name="entry")
        return _SQL[query].replace("{filter}", _SQL["filter"].replace("{counts}", counts))

    def _keep_phases(self, activity: int, phases: Mapping[str, Phase]) -> None:
        text = _phases_to_json(tuple(phases.values()))
        self._database.execute(_SQL["set_phases"], {"id": activity, "phases": text, "session": self._session})

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
    values["parameters"] = json.loads(str(values["parameters"]))
    values["phases"] = tuple(Phase(**phase) for phase in json.loads(str(values["phases"])))
    return Activity(**values)  # type: ignore[arg-type]  # the query's columns are the fields in order


def _filter(wanted: ActivityFilter) -> dict[str, object]:
    return {
        "system": wanted.system, "profile": wanted.profile, "actor": wanted.actor, "parent": wanted.parent or 0,
        "kinds": _any_of(wanted.kinds), "states": _any_of([state.value for state in wanted.states]),
        "is_top": int(wanted.is_top), "since": wanted.since, "until": wanted.until,
        "initiators": _any_of(wanted.initiators), "search": like_text(wanted.search),
        "schedule": wanted.schedule, "counted": _any_of([f"{area}/{what}" for area, what in wanted.counted]),
        "has_children": -1 if wanted.has_children is None else int(wanted.has_children),
    }  # fmt: skip


def like_text(text: str) -> str:
    """Return what LIKE finds a text anywhere by, in small letters; empty for an empty text."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if text else ""


def _any_of(words: Sequence[str]) -> str:
    return f",{','.join(words)}," if words else ""


def _phases_to_json(phases: Sequence[Phase]) -> str:
    names = Phase.__dataclass_fields__
    return json.dumps([{name: getattr(phase, name) for name in names} for phase in phases], ensure_ascii=False)
