"""What became of the rows of a run: errors of reading and deciding, and the answers of the destination, by row."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from accord.connectors.base import OutcomeState
from accord.datasync.compiled import DESTINATION, SOURCE
from accord.datasync.events import CANCELLED
from accord.datasync.reading import JobSource
from accord.engine.frames import Engine, literal
from accord.model.plan import SyncPlan
from accord.operations.activities import Item
from accord.operations.datasync.opening import ReadyJob
from accord.operations.datasync.watching import Sent
from accord.runs.context import Context
from accord.store.datasync import RowResult

_PLANNED = ["object_id", "identity_id", "type", "operation", "dn", "new_dn", "before", "after"]
_ACTIONS = {"create": "create", "disable": "disable", "update": "update", "rename": "move", "delete": "delete"}
_OUTCOMES = {OutcomeState.DONE: "done", OutcomeState.FAILED: "failed", OutcomeState.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One change that waits to be sent; `message` tells what becomes of what is there."""

    object_type: str
    operation: str
    name: str
    key: str
    message: str = ""


class ResultNames:
    """Finds the row behind an object or identity; looks only when somebody asks."""

    def __init__(self, context: Context, source: JobSource, ready: ReadyJob) -> None:
        self._context = context
        self._source = source
        self._types = tuple(ready.compiled.sources)
        self._keys = {name: tuple(key for key, _ in plan.keys) for name, plan in ready.compiled.sources.items()}
        self._by_identity: dict[int, str] | None = None
        self._by_anchor: dict[str, str] = {}

    def row_of(self, object_type: str, key: str) -> str:
        """Return where the row of a key stands; without a type, that of the first type that has one."""
        types = (object_type,) if object_type in self._types else self._types
        return next((place for name in types if (place := self._source.place_of(name, key))), "")

    def key_of_identity(self, identity: int | None) -> str:
        """Return the key of the row an identity comes from."""
        self._load()
        return (self._by_identity or {}).get(identity or 0, "")

    def key_of_anchor(self, anchor: str | None) -> str:
        """Return the key of the row a destination object belongs to."""
        self._load()
        return self._by_anchor.get(anchor or "", "")

    def planned(self, plan_id: str | None) -> Iterator[PlannedRow]:
        """Yield what a plan would have sent, with what already waits."""
        store = self._context.store
        tables = [store.pending.read_pending(DESTINATION).table.select(_PLANNED)]
        if plan_id is not None:
            _, plan = store.plans.read_plan(plan_id)
            if isinstance(plan, SyncPlan):
                tables.insert(0, plan.pending_put.table.select(_PLANNED))
        seen: set[int] = set()
        for row in pa.concat_tables(tables).to_pylist():
            if row["object_id"] in seen:
                continue
            seen.add(row["object_id"])
            key = self.key_of_identity(row["identity_id"]) or _key_in(row["after"], self._keys.get(row["type"], ()))
            yield PlannedRow(
                object_type=row["type"], operation=row["operation"], name=row["dn"] or "", key=key,
                message=_told(row),
            )  # fmt: skip

    def _load(self) -> None:
        if self._by_identity is not None:
            return
        store = self._context.store
        with Engine(memory_limit="1GB") as engine:
            engine.register("link", store.metaverse.read_links().table)
            objects = [
                store.connector_space.read_objects(s, t).table for s in (SOURCE, DESTINATION) for t in self._types
            ]
            engine.register("object", pa.concat_tables(objects))
            engine.run(
                "create temp table source as select l.identity_id, o.anchor from link l "
                f"join object o on o.id = l.object_id where o.system = {literal(SOURCE)}"
            )
            self._by_identity = {int(i): str(key) for i, key in engine.rows("select identity_id, anchor from source")}
            rows = engine.rows(
                "select o.anchor, s.anchor from link l join object o on o.id = l.object_id "
                f"and o.system = {literal(DESTINATION)} join source s on s.identity_id = l.identity_id "
                "where o.anchor is not null"
            )
        self._by_anchor = {str(anchor): str(key) for anchor, key in rows}


def results_of(
    names: ResultNames, items: Sequence[Item], sent: Iterable[Sent], planned: Iterable[PlannedRow]
) -> list[RowResult]:
    """Return one result for every row that was refused or written, or would be by what is planned."""
    found = [_of_item(names, item) for item in items if item.outcome == "error"]
    found += [_of_sent(names, one) for one in sent]
    found += [
        RowResult(
            row=names.row_of(one.object_type, one.key) or one.name, object_type=one.object_type,
            key=one.key or one.name, action=_ACTIONS.get(one.operation, one.operation), outcome="planned",
            message=one.message,
        )
        for one in planned
    ]  # fmt: skip
    return found


def _of_item(names: ResultNames, item: Item) -> RowResult:
    key = item.anchor or ""
    object_type = item.object_type or ""
    row = item.at or ""
    if item.identity_id is not None:
        key = names.key_of_identity(item.identity_id) or key
        row = names.row_of(object_type, key) or row
    elif item.object_id is not None:
        row = names.row_of(object_type, key) or row
    message = item.message or ""
    return RowResult(
        row=row, object_type=object_type, key=key, action="read" if item.operation == "import" else "decide",
        outcome="error", attribute=item.attribute or "", code=item.code or "",
        message=f"{message}; {item.remedy}" if item.remedy else message,
    )  # fmt: skip


def _of_sent(names: ResultNames, one: Sent) -> RowResult:
    key = one.key or names.key_of_anchor(one.outcome.anchor)
    return RowResult(
        row=names.row_of(one.object_type, key) or one.name,
        object_type=one.object_type,
        key=key or one.name,
        action="disable" if one.is_disabling else _ACTIONS[one.action],
        outcome="skipped" if one.outcome.code == CANCELLED else _OUTCOMES[one.outcome.state],
        code=one.outcome.code,
        message=one.outcome.message,
    )


def _told(row: Mapping[str, Any]) -> str:
    """Return what an object that is there loses and gets: `attribute: before -> after`, then its new name."""
    if row["operation"] == "create":
        return ""
    before, after = json.loads(row["before"] or "{}"), json.loads(row["after"] or "{}")
    parts = [f"{name}: {_text(before.get(name))} -> {_text(after.get(name))}" for name in sorted({**before, **after})]
    if row["new_dn"]:
        parts.append(f"dn: {row['dn']} -> {row['new_dn']}")
    return "; ".join(parts)


def _text(value: str | list[str] | None) -> str:
    return " | ".join(value) if isinstance(value, list) else value or "nothing"


def _key_in(document: str | None, names: Sequence[str]) -> str:
    values = json.loads(document) if document else {}
    parts = [str(values.get(name) or "").lower() for name in names]
    return "|".join(parts) if all(parts) else ""
