"""Two stores with the same world around them: one always synchronised in full, the other by deltas."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import pyarrow as pa

from accord.connectors.base import (
    Capabilities,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.model.rules import Guard, Limit, RuleSet
from accord.model.schema import ValueType
from accord.runs.context import Context, OpenedSystem, RunResult
from accord.runs.delta_run import run_delta_sync
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_sync
from accord.store import open_store
from accord.store.activities import ActivityState, NewActivity
from accord.store.decisions import NewDecision
from oracle import Link, Staged, State
from oracle.state import Decision
from properties.rule_sets import SYSTEMS
from properties.systems import Entry, System
from properties.world import START

_ANY = Limit()
_NO_GUARD = Guard(
    update=_ANY, rename=_ANY, disable=_ANY, delete=_ANY, membership_drop=_ANY, attribute_wipe=_ANY,
    identity_delete=_ANY, source_drop=_ANY, source_errors=_ANY,
)  # fmt: skip
_CAPABILITIES = Capabilities(can_read=True, can_write=True)

Row = dict[str, Any]


class Twins:
    """The interface of `properties.world.World`, on real stores."""

    def __init__(self, rules: RuleSet) -> None:
        self.folder = TemporaryDirectory()
        self.now = START
        self.whole = Half(self, Path(self.folder.name) / "whole", run_sync)
        self.halves = self.others()
        self.set_rules(rules)
        self.parts = 0

    def others(self) -> "tuple[Half, ...]":
        """Return every store that lives through the same: the one synchronised in full, and one by deltas."""
        self.part = Half(self, Path(self.folder.name) / "part", run_delta_sync)
        return self.whole, self.part

    @property
    def systems(self) -> "_Both":
        return _Both(*(half.systems for half in self.halves))

    @property
    def state(self) -> State:
        """Return what random decisions are drawn from."""
        store = self.whole.store
        objects = [store.connector_space.read_objects(system).table for system in SYSTEMS]
        return State(
            objects={
                row["id"]: Staged(system=row["system"], type=row["type"], anchor=row["anchor"], dn=row["dn"],
                                  values=None if row["doc"] is None else {})
                for row in pa.concat_tables(objects).to_pylist()
            },
            identities=dict.fromkeys(store.metaverse.read_identities().table["id"].to_pylist()),
            links={
                row["object_id"]: Link(identity_id=row["identity_id"], rule=row["rule"], how=row["how"])
                for row in store.metaverse.read_links().table.to_pylist()
            },
        )  # fmt: skip

    def decide_by_hand(self, decision: Decision) -> None:
        """Let a person decide in both stores."""
        staged = self.state.objects[decision.object_id]
        new = NewDecision(
            kind=decision.kind, system=staged.system, object_type=staged.type, anchor=str(staged.anchor),
            identity_id=decision.identity_id, actor="somebody", reason="tried",
        )  # fmt: skip
        for half in self.halves:
            activity = half.store.activities.begin(NewActivity(kind="decide", actor="somebody"), now=self.now)
            half.store.decisions.add(new, activity=activity.id, at=self.now)
            half.store.activities.finish(activity.id, ActivityState.DONE, now=self.now)

    def close(self) -> None:
        for half in self.halves:
            half.store.close()
        self.folder.cleanup()

    def set_rules(self, rules: RuleSet) -> None:
        systems = {name: replace(system, guard=_NO_GUARD) for name, system in rules.systems.items()}
        self.rules = replace(
            rules, systems=systems, digest=md5(repr(rules).encode(), usedforsecurity=False).hexdigest()
        )

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)

    def put(self, system: str, anchor: str, entry: Entry) -> None:
        for half in self.halves:
            half.systems[system][anchor] = _copy(entry)

    def read(self, system: str) -> None:
        for half in self.halves:
            run_import(half.context, system)

    def export(self, system: str, outcomes: list[str]) -> None:
        for half in self.halves:
            half.answers = iter(outcomes * 100)
            run_export(half.context, system)
            half.answers = iter(())

    def sync(self) -> None:
        whole, part = run_sync(self.whole.context), run_delta_sync(self.part.context)
        self.parts += "looked at" in part.activity.message
        found = differences(self.whole, self.part)
        if "nothing changed" not in (whole.activity.message + part.activity.message):
            found += _unequal("problem", self.whole.problems(whole), self.part.problems(part))
        assert not found, "\n".join([part.activity.message, *found])


class Half:
    def __init__(self, twins: Twins, folder: Path, sync: Callable[[Context], RunResult]) -> None:
        shutil.copytree(_template(), folder)
        self.store = open_store(folder)
        self.systems: dict[str, System] = {name: {} for name in SYSTEMS}
        self.answers: Iterator[str] = iter(())
        self.sync = sync
        self._twins = twins

    @property
    def context(self) -> Context:
        return Context(
            store=self.store, rules=self._twins.rules, open_system=self._open, actor="test",
            clock=lambda: self._twins.now, memory_limit="256MB", threads=1,
        )  # fmt: skip

    def problems(self, result: RunResult) -> list[Row]:
        items = self.store.activities.items(result.activity.id).table.to_pylist()
        names = ("object_id", "identity_id", "operation", "attribute", "code")
        return [{n: item[n] for n in names} for item in items]

    def _open(self, name: str, _file: str | None = None) -> OpenedSystem:
        return OpenedSystem(connector=_Connector(self, name), capabilities=_CAPABILITIES)


class _Connector:
    """A connector over entries in memory."""

    def __init__(self, half: Half, name: str) -> None:
        self._half = half
        self._name = name

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        for name, schema in scope.object_types.items():
            rows: list[Row] = []
            for anchor, entry in sorted(self._half.systems[self._name].items()):
                if entry.type == name:
                    row: Row = {"_anchor": anchor, "_at": anchor, "_dn": entry.dn}
                    for attribute in schema.attributes.values():
                        value: Any = entry.values.get(attribute.name)
                        if attribute.type is ValueType.REFERENCE:
                            value = sorted(entry.references.get(attribute.name, ())) or None
                        several = [value] if isinstance(value, str) else list(value or ()) or None
                        one = several[0] if several else None
                        row[attribute.name] = several if attribute.is_multivalued else one
                    rows.append(row)
            fields = [
                ("_anchor", pa.string()),
                ("_at", pa.string()),
                *([("_dn", pa.string())] if schema.has_dn else ()),
            ]
            fields += [
                (a.name, pa.list_(pa.string()) if a.is_multivalued else pa.string()) for a in schema.attributes.values()
            ]
            yield ReadBatch(object_type=name, rows=pa.RecordBatch.from_pylist(rows, schema=pa.schema(fields)))

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        entries = self._half.systems[self._name]
        for operation in operations:
            answer = next(self._half.answers)
            if answer != "done" or self._clashes(operation, entries, scope):
                state = OutcomeState.UNKNOWN if answer == "silent" else OutcomeState.FAILED
                yield ExportOutcome(row=operation.row, state=state, code="NO", message="no", is_retryable=True)
                continue
            anchor = self._carry_out(operation, entries, scope)
            yield ExportOutcome(row=operation.row, state=OutcomeState.DONE, anchor=anchor)

    def close(self) -> None:
        pass

    def _clashes(self, operation: ExportOperation, entries: System, scope: ReadScope) -> bool:
        if operation.operation is not Operation.CREATE and operation.anchor not in entries:
            return True
        name = operation.new_dn or (operation.dn if operation.operation is Operation.CREATE else None)
        others = {(e.dn or "").lower() for a, e in entries.items() if a != operation.anchor}
        if scope.object_types[operation.object_type].has_dn and name is not None and name.lower() in others:
            return True
        return operation.operation is Operation.CREATE and operation.anchor in entries

    def _carry_out(self, operation: ExportOperation, entries: System, scope: ReadScope) -> str:
        if operation.operation is Operation.DELETE:
            assert operation.anchor is not None
            del entries[operation.anchor]
            return operation.anchor
        anchor = operation.anchor or f"made of {operation.dn}"
        schema = scope.object_types[operation.object_type]
        entry = entries.setdefault(anchor, Entry(type=operation.object_type))
        if schema.has_dn:
            entry.dn = operation.new_dn or operation.dn
        for change in operation.changes:
            if schema.attributes[change.name].type is ValueType.REFERENCE:
                held = entry.references.setdefault(change.name, set())
                if change.added and not schema.attributes[change.name].is_multivalued:
                    held.clear()
                held -= {h for h in held if h.lower() in {r.lower() for r in change.removed}}
                held |= set(change.added)
            elif change.after:
                several = schema.attributes[change.name].is_multivalued
                entry.values[change.name] = tuple(sorted(change.after)) if several else change.after[0]
            else:
                entry.values.pop(change.name, None)
        return anchor


class _Both:
    """The same change to the systems of both halves."""

    def __init__(self, *halves: dict[str, System]) -> None:
        self._halves = halves

    def __getitem__(self, name: str) -> "_BothEntries":
        return _BothEntries([half[name] for half in self._halves])


class _BothEntries:
    def __init__(self, systems: list[System]) -> None:
        self._systems = systems

    def pop(self, anchor: str, default: None) -> None:
        for entries in self._systems:
            entries.pop(anchor, default)

    def get(self, anchor: str) -> Entry | None:
        return self._systems[0].get(anchor)

    def items(self) -> Any:
        return self._systems[0].items()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._systems[0]))

    def __len__(self) -> int:
        return len(self._systems[0])

    def __delitem__(self, anchor: str) -> None:
        for entries in self._systems:
            del entries[anchor]


def differences(one: Half, other: Half) -> list[str]:
    """Return in words how two stores differ."""
    found: list[str] = []
    for name, theirs in contents(one).items():
        found += _unequal(name, theirs, contents(other)[name])
    return found


def contents(half: Half) -> dict[str, list[Row]]:
    """Return everything a synchronisation decides about."""
    store = half.store
    objects = [store.connector_space.read_objects(system).table for system in SYSTEMS]
    return {
        "object": pa.concat_tables(objects).to_pylist(),
        "reference of an object": store.connector_space.read_all_edges().table.to_pylist(),
        "identity": store.metaverse.read_identities().table.to_pylist(),
        "link": store.metaverse.read_links().table.to_pylist(),
        "reference": store.metaverse.read_identity_edges().table.to_pylist(),
        "pending export": store.pending.read_pending().table.to_pylist(),
        "pending reference": store.pending.read_pending_edges().table.to_pylist(),
    }


def _unequal(name: str, whole: list[Row], part: list[Row]) -> list[str]:
    ours, theirs = sorted(map(str, whole)), sorted(map(str, part))
    return [f"{name} by full only: {row}" for row in ours if row not in theirs] + [
        f"{name} by delta only: {row}" for row in theirs if row not in ours
    ]


def _copy(entry: Entry) -> Entry:
    references = {n: set(r) for n, r in entry.references.items()}
    return Entry(type=entry.type, dn=entry.dn, values=dict(entry.values), references=references)


@cache
def _template() -> Path:
    folder = Path(mkdtemp())
    open_store(folder).close()
    return folder
