"""The destination of a job whose script has a say in what is written: asked before each write, told after it.

What a script puts in place of a mapped value is remembered, and counts as that value when it is read again: so the
next run compares with what the job computed, and writes only what really changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from accord.connectors.base import (
    ANCHOR,
    AttributeChange,
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    Operation,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.datasync.asking import Answer
from accord.datasync.events import CANCELLED, SCRIPT_FAILED, JobEvents, Subject
from accord.engine.frames import Engine, literal, quote
from accord.model.schema import AttributeSchema, ObjectTypeSchema, SystemSchema
from accord.store.datasync_staged import StagedValue

_BEFORE = {
    Operation.CREATE: "RowAdding", Operation.UPDATE: "RowChanging", Operation.RENAME: "RowChanging",
    Operation.DELETE: "RowDeleting",
}  # fmt: skip
_AFTER = {
    Operation.CREATE: "RowAdded", Operation.UPDATE: "RowChanged", Operation.RENAME: "RowChanged",
    Operation.DELETE: "RowDeleted",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingReach:
    """What the scripts' destination needs: the row behind an operation, attributes there are, and a memory."""

    row_of: Callable[[ExportOperation], tuple[str, Mapping[str, str | None]]]
    schemas: Mapping[str, ObjectTypeSchema]
    remembered: Sequence[StagedValue]
    remember: Callable[[Sequence[StagedValue]], None]


@dataclass(slots=True, kw_only=True)
class _Ready:
    """An operation as it will be sent, with what the script put in place of mapped values."""

    operation: ExportOperation
    subject: Subject
    replaced: dict[str, tuple[str, str]] = field(default_factory=dict)


class ScriptedDestination:
    """A connector that lets scripts change, cancel and follow what is written."""

    def __init__(self, connector: Connector, events: JobEvents, reach: StagingReach) -> None:
        self._connector = connector
        self._events = events
        self._reach = reach
        self._read: dict[str, list[pa.RecordBatch]] = {}

    def test(self) -> ConnectionReport:
        """Return what the system says of itself."""
        return self._connector.test()

    def discover(self) -> SystemSchema:
        """Return what the system offers."""
        return self._connector.discover()

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield the objects, with what the job computed where they show what a script made of it."""
        for batch in self._connector.read(scope):
            staged = [value for value in self._reach.remembered if value.object_type == batch.object_type]
            rows = as_computed(batch.rows, staged) if staged else batch.rows
            self._read.setdefault(batch.object_type, []).append(rows)
            yield ReadBatch(object_type=batch.object_type, rows=rows, errors=batch.errors)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Carry out what the scripts let through, as they want it."""
        ready: dict[int, _Ready] = {}
        for subject, operation, answer in self._asked(operations):
            prepared = self._prepared(operation, subject, answer, scope)
            if isinstance(prepared, ExportOutcome):
                if prepared.code == SCRIPT_FAILED:
                    self._events.told("RowFailed", [replace(subject, error=prepared.message)])
                yield prepared
            else:
                ready[operation.row] = prepared
        outcomes: dict[int, ExportOutcome] = {}
        wider = self._widened(scope)
        for outcome in self._connector.write([r.operation for r in ready.values()], wider):
            outcomes[outcome.row] = outcome
            yield outcome
        self._follow(ready, outcomes)

    def close(self) -> None:
        """Release what is held."""
        self._connector.close()

    def _asked(self, operations: Sequence[ExportOperation]) -> Iterator[tuple[Subject, ExportOperation, Answer]]:
        current = self._current([o for o in operations if o.operation is not Operation.CREATE])
        subjects = []
        for operation in operations:
            place, row = self._reach.row_of(operation)
            changed = {c.name: (c.after or c.added or (None,))[0] for c in operation.changes if not _is_secret(c.name)}
            staging = {**current.get(operation.anchor or "", {}), **changed, "dn": operation.new_dn or operation.dn}
            subjects.append(Subject(place=place, row=row, staging=staging))
        answers: dict[int, Answer] = {}
        for event in dict.fromkeys(_BEFORE.values()):
            chosen = [n for n, o in enumerate(operations) if _BEFORE[o.operation] == event]
            answers.update(zip(chosen, self._events.about(event, [subjects[n] for n in chosen]), strict=True))
        for number, operation in enumerate(operations):
            yield subjects[number], operation, answers[number]

    def _prepared(
        self, operation: ExportOperation, subject: Subject, answer: Answer, scope: ReadScope
    ) -> _Ready | ExportOutcome:
        if answer.is_cancelled:
            return ExportOutcome(
                row=operation.row, state=OutcomeState.FAILED, code=CANCELLED, message="a script passed the row over"
            )
        if answer.error:
            return _refused(operation, f"{_BEFORE[operation.operation]}: {answer.error}")
        ready = _Ready(operation=operation, subject=subject)
        for name, text in answer.staging.items():
            attribute = self._attribute(operation.object_type, name)
            if attribute is None or attribute.is_multivalued or _is_secret(name):
                return _refused(
                    operation, f"StagingDestination: {name} is no attribute of one value to be written here"
                )
            self._replace(ready, attribute, text, scope)
        return ready

    def _replace(self, ready: _Ready, attribute: AttributeSchema, text: str, scope: ReadScope) -> None:
        name, values = attribute.name, (text,) if text else ()
        operation = ready.operation
        said = next((c for c in operation.changes if c.name.casefold() == name.casefold()), None)
        before = ready.subject.staging.get(said.name if said else name) or ""
        if before == text:
            return
        others = tuple(c for c in operation.changes if c is not said)
        change = AttributeChange(name=name, added=values, after=values)
        ready.operation = replace(operation, changes=(*others, change))
        if name in scope.object_types[operation.object_type].attributes:
            ready.replaced[name] = (before, text)

    def _follow(self, ready: Mapping[int, _Ready], outcomes: Mapping[int, ExportOutcome]) -> None:
        kept: list[StagedValue] = []
        done: dict[str, list[Subject]] = {}
        for row, outcome in outcomes.items():
            one = ready[row]
            if outcome.state is not OutcomeState.DONE:
                done.setdefault("RowFailed", []).append(replace(one.subject, error=outcome.message))
                continue
            done.setdefault(_AFTER[one.operation.operation], []).append(one.subject)
            anchor = outcome.anchor or one.operation.anchor or ""
            kept += [
                StagedValue(object_type=one.operation.object_type, anchor=anchor, attribute=name, computed=computed,
                            written=written)
                for name, (computed, written) in one.replaced.items()
            ]  # fmt: skip
        if kept:
            self._reach.remember(kept)
        for event, subjects in done.items():
            self._events.told(event, subjects)

    def _attribute(self, object_type: str, name: str) -> AttributeSchema | None:
        known = self._reach.schemas.get(object_type)
        attributes = known.attributes if known else {}
        return next((a for a in attributes.values() if a.name.casefold() == name.casefold()), None)

    def _widened(self, scope: ReadScope) -> ReadScope:
        types = {}
        for name, schema in scope.object_types.items():
            known = self._reach.schemas.get(name)
            types[name] = replace(schema, attributes={**(known.attributes if known else {}), **schema.attributes})
        return replace(scope, object_types=types)

    def _current(self, operations: Sequence[ExportOperation]) -> dict[str, dict[str, str | None]]:
        """Return what the objects of these operations hold, as it was read in this run."""
        found: dict[str, dict[str, str | None]] = {}
        wanted = pa.array([o.anchor for o in operations if o.anchor], pa.string())
        if not len(wanted) or not self._events.has("RowChanging", "RowChanged", "RowDeleting", "RowDeleted"):
            return found
        for batches in self._read.values():
            with Engine(memory_limit="512MB", threads=1) as engine:
                engine.register("rows", pa.Table.from_batches(batches))
                engine.register("wanted", pa.table({"anchor": wanted}))
                held = engine.frame(f"select r.* from rows r join wanted w on r.{ANCHOR} = w.anchor")
            texts = [name for name in held.column_names if pa.types.is_string(held[name].type)]
            for row in held.select(texts).to_pylist():
                found[str(row[ANCHOR])] = {name: value for name, value in row.items() if not name.startswith("_")}
        return found


def as_computed(rows: pa.RecordBatch, staged: Sequence[StagedValue]) -> pa.RecordBatch:
    """Return the rows with the computed value wherever one shows what a script wrote in its place."""
    columns = {"anchor": [], "attribute": [], "computed": [], "written": []}  # type: dict[str, list[str]]
    for value in staged:
        for name, column in columns.items():
            column.append(str(getattr(value, name)))
    with Engine(memory_limit="512MB", threads=1) as engine:
        engine.register("rows", pa.Table.from_batches([rows]))
        engine.register("staged", pa.table(columns))
        shown, joins = [], []
        names = {value.attribute for value in staged}
        for position, name in enumerate(rows.schema.names):
            if name not in names:
                shown.append(f"r.{quote(name)}")
                continue
            joins.append(f"left join staged s{position} on s{position}.anchor = r.{ANCHOR} "
                         f"and s{position}.attribute = {literal(name)}")  # fmt: skip
            shown.append(
                f"case when s{position}.written = coalesce(r.{quote(name)}, '') then nullif(s{position}.computed, '') "
                f"else r.{quote(name)} end as {quote(name)}"
            )
        table = engine.frame(f"select {', '.join(shown)} from rows r {' '.join(joins)}").combine_chunks()
    batches = table.cast(rows.schema).to_batches()
    return batches[0] if batches else rows


def _is_secret(name: str) -> bool:
    return name.casefold() in ("unicodepwd", "userpassword", "password")


def _refused(operation: ExportOperation, message: str) -> ExportOutcome:
    return ExportOutcome(row=operation.row, state=OutcomeState.FAILED, code=SCRIPT_FAILED, message=message)
