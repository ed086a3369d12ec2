"""What a plan does, object by object: riskiest first, with every value before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from accord.model.errors import AccordError
from accord.model.plan import ImportPlan, SyncPlan
from accord.operations.naming import name_identities
from accord.operations.plan_errors import PlannedError, errors_of
from accord.operations.plans import PlanSummary, read_header, summarise
from accord.operations.values import ValueChange, changes_between
from accord.runs.context import Context

RISK = ("delete", "remove", "disable", "rename", "update", "create", "add")
_PIECE_ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """What a plan does to one object. `area` is export, metaverse or connector space."""

    area: str
    system: str
    object_type: str
    operation: str
    name: str
    object_id: int | None
    identity_id: int | None
    rule: str
    reason: str
    changes: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """A plan with its changes, or the first of every kind; `total` counts all that there are."""

    plan: PlanSummary
    total: int
    changes: tuple[PlannedChange, ...]
    errors: tuple[PlannedError, ...]
    error_total: int


def read_plan(context: Context, plan_id: str, *, per_kind: int | None = 3) -> PlanPage:
    """Return a plan with its first changes of each system, type and operation; all of them when `per_kind` is None."""
    header, plan = context.store.plans.read_plan(read_header(context, plan_id).id)
    kinds = kinds_of(context, plan)
    changes = [change for kind in kinds for change in kind.changes(per_kind)]
    errors = errors_of(context, plan)
    return PlanPage(
        plan=summarise(context, header),
        total=sum(kind.table.num_rows for kind in kinds),
        changes=tuple(changes),
        errors=tuple(islice(errors, None if per_kind is None else per_kind * 5)),
        error_total=len(plan.errors),
    )


def stream_changes(context: Context, plan_id: str) -> Iterator[PlannedChange]:
    """Yield every change of a plan, in the same order, a piece at a time."""
    _, plan = context.store.plans.read_plan(read_header(context, plan_id).id)
    for kind in kinds_of(context, plan):
        yield from kind.changes(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """All rows of one frame with one area, system, type and operation; the unit in which a plan is looked at."""

    context: Context
    plan: SyncPlan | ImportPlan
    area: str
    system: str
    object_type: str
    operation: str
    table: pa.Table

    @property
    def order(self) -> tuple[int, int, str, str]:
        """Return where this kind stands among all: the riskiest first."""
        return (_AREAS.index(self.area), risk_of(self.operation), self.system, self.object_type)

    def changes(self, limit: int | None) -> Iterator[PlannedChange]:
        """Yield the first changes, or all."""
        yield from self.changes_of(self.table if limit is None else self.table.slice(0, limit))

    def changes_of(self, wanted: pa.Table) -> Iterator[PlannedChange]:
        """Yield the changes of some rows of this kind."""
        for start in range(0, wanted.num_rows, _PIECE_ROWS):
            piece = wanted.slice(start, _PIECE_ROWS)
            names, edges = self._names(piece), self._edges(piece)
            for row in piece.to_pylist():
                yield self._change(row, names, edges)

    def _change(
        self, row: Mapping[str, object], names: Mapping[int, str], edges: Mapping[int, Sequence[ValueChange]]
    ) -> PlannedChange:
        is_identity = self.area == "metaverse"
        row_id = int(str(row.get("object_id") or row.get("id")))
        identity = row.get("identity_id") if not is_identity else row_id
        return PlannedChange(
            area=self.area,
            system=self.system,
            object_type=self.object_type,
            operation=self.operation,
            name=str(row.get("dn") or row.get("anchor") or names.get(row_id) or row_id),
            object_id=None if is_identity else row_id,
            identity_id=None if identity is None else int(str(identity)),
            rule=str(row.get("rule") or ""),
            reason=str(row.get("reason") or ""),
            changes=(*_renames(row), *_values(row), *edges.get(row_id, ())),
        )

    def _names(self, piece: pa.Table) -> Mapping[int, str]:
        if self.area == "metaverse":
            return _identity_names(self.context, piece)
        return _object_names(self.context, self.plan, piece["object_id"]) if self.area == "export" else {}

    def _edges(self, piece: pa.Table) -> Mapping[int, Sequence[ValueChange]]:
        if isinstance(self.plan, ImportPlan):
            return _import_edges(self.plan, piece["id"]) if self.operation != "remove" else {}
        if self.area == "export":
            return _export_edges(self.context, self.plan, piece["object_id"])
        return {}


_AREAS = ("export", "metaverse", "connector space")


def risk_of(operation: str) -> int:
    """Return how far down an operation stands in a table: the riskiest is 0."""
    return RISK.index(operation) if operation in RISK else len(RISK)


def kinds_of(context: Context, plan: SyncPlan | ImportPlan) -> list[Kind]:
    """Return the changes of a plan by kind, riskiest first."""
    found = [
        Kind(
            context=context,
            plan=plan,
            area=area,
            system=str(key.get("system", system)),
            object_type=str(key["type"]),
            operation=str(key.get("operation", operation)),
            table=rows,
        )
        for area, system, operation, table in _changed(plan)
        for key, rows in _split(table, ["system", "operation"] if area == "export" else [])
    ]
    return sorted(found, key=lambda kind: kind.order)


def _changed(plan: SyncPlan | ImportPlan) -> Iterator[tuple[str, str, str, pa.Table]]:
    """Yield every frame of changes with its area, and system and operation where its rows do not tell them."""
    if isinstance(plan, ImportPlan):
        yield "connector space", plan.system, "remove", plan.removed.table
        yield "connector space", plan.system, "update", plan.updated.table
        yield "connector space", plan.system, "add", plan.added.table
        return
    yield "export", "", "", plan.pending_put.table
    yield "metaverse", "", "remove", plan.identities_removed.table
    yield "metaverse", "", "update", plan.identities_updated.table
    yield "metaverse", "", "add", plan.identities_added.table


def _split(table: pa.Table, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, object], pa.Table]]:
    """Yield the rows of each type, and of each combination of the columns, with what they have in common."""
    for key in table.group_by(["type", *columns]).aggregate([]).to_pylist():
        rows = table
        for column, value in key.items():
            rows = rows.filter(pc.equal(rows[column], value))
        yield key, rows


def _renames(row: Mapping[str, object]) -> tuple[ValueChange, ...]:
    old, new = row.get("dn"), row.get("new_dn")
    if row.get("before_dn") is not None:
        old, new = row.get("before_dn"), row.get("dn")
    if new is None or old == new:
        return ()
    return (ValueChange(name="dn", before=(str(old),), after=(str(new),)),)


def _values(row: Mapping[str, object]) -> tuple[ValueChange, ...]:
    before, after = row.get("before"), row.get("after", row.get("doc"))
    if row.get("operation") == "delete":
        return ()
    return changes_between(None if before is None else str(before), None if after is None else str(after))


def _object_names(context: Context, plan: SyncPlan | ImportPlan, ids: pa.ChunkedArray) -> dict[int, str]:
    stored = context.store.connector_space.read_objects_by_id(ids).table
    tables = [stored.select(["id", "dn", "anchor"])]
    if isinstance(plan, SyncPlan):
        planned = plan.objects_planned.table
        tables.append(planned.filter(pc.is_in(planned["id"], ids.combine_chunks())).select(["id", "dn", "anchor"]))
    rows = pa.concat_tables(tables).to_pylist()
    return {r["id"]: r["dn"] or r["anchor"] or f"object {r['id']}" for r in rows}


def _identity_names(context: Context, piece: pa.Table) -> Mapping[int, str]:
    documents = piece["doc"] if "doc" in piece.column_names else piece["before"]
    table = pa.table({"id": piece["id"], "type": piece["type"], "doc": documents})
    try:
        return name_identities(context, table)
    except AccordError:
        # Today's rules may not fit the documents of an old plan; a plan must be readable all the same.
        return {}


def _export_edges(context: Context, plan: SyncPlan, ids: pa.ChunkedArray) -> Mapping[int, Sequence[ValueChange]]:
    table = plan.pending_edges_put.table
    rows = table.filter(pc.is_in(table["object_id"], ids.combine_chunks()))
    names = _object_names(context, plan, pc.drop_null(rows["dst_object"])) if rows.num_rows else {}
    pairs = [
        (r["object_id"], r["attr"], r["change"] == "add", r["dst_text"] or names.get(r["dst_object"], r["dst_object"]))
        for r in rows.to_pylist()
    ]
    return _gather(pairs)


def _import_edges(plan: ImportPlan, ids: pa.ChunkedArray) -> Mapping[int, Sequence[ValueChange]]:
    pairs: list[tuple[int, str, bool, object]] = []
    for table, is_added in ((plan.edges_added.table, True), (plan.edges_removed.table, False)):
        rows = table.filter(pc.is_in(table["src"], ids.combine_chunks()))
        pairs += [(r["src"], r["attr"], is_added, r["dst"]) for r in rows.to_pylist()]
    return _gather(pairs)


def _gather(pairs: Sequence[tuple[int, str, bool, object]]) -> Mapping[int, Sequence[ValueChange]]:
    gathered: dict[int, dict[str, tuple[list[str], list[str]]]] = {}
    for owner, attribute, is_added, name in pairs:
        removed, added = gathered.setdefault(owner, {}).setdefault(attribute, ([], []))
        (added if is_added else removed).append(str(name))
    return {
        owner: [
            ValueChange(name=a, before=tuple(sorted(removed)), after=tuple(sorted(added)))
            for a, (removed, added) in sorted(by_attribute.items())
        ]
        for owner, by_attribute in gathered.items()
    }
