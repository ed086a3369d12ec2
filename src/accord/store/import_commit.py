"""Writing an import plan: removals, updates, additions, each as one set, with what was there before."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.frames import in_order
from accord.model.plan import Count, ImportPlan
from accord.store.bulk import without_indexes
from accord.store.counters import OBJECT, Counters
from accord.store.database import Database
from accord.store.history import edge_history
from accord.store.keys import dn_key
from accord.store.sql import load_queries
from accord.store.standing_counts import StandingCounts

_SQL = load_queries("import_commit")
_AREA = "connector space"


class ImportCommit:
    """One commit; runs inside the caller's transaction."""

    def __init__(self, database: Database, counters: Counters, plan: ImportPlan, activity: int) -> None:
        self._database = database
        self._counters = counters
        self._standing = StandingCounts(database)
        self._plan = plan
        self._values: dict[str, object] = {"activity": activity}
        self._activity = activity

    def run(self) -> tuple[Count, ...]:
        """Write everything; return counts by type and operation, without zeros."""
        plan = self._plan
        # An anchor may pass from a removed object to a planned one, so removals come first.
        self._remove()
        self._update()
        self._restamp()
        self._add()
        self._change_edges()
        return (
            *_counts(plan.system, "add", plan.added.table),
            *_counts(plan.system, "update", plan.updated.table),
            *_counts(plan.system, "remove", plan.removed.table),
        )

    def _remove(self) -> None:
        if not len(self._plan.removed):
            return
        self._standing.take_objects(self._plan.removed.table["id"])
        self._database.stage("removed", self._plan.removed.table.select(["id"]))
        for name in ("remember_removed_objects", "remember_removed_edges"):
            self._database.execute(_SQL[name], self._values)
        for name in ("remove_edges_of_removed", "remove_objects"):
            self._database.execute(_SQL[name])

    def _update(self) -> None:
        if not len(self._plan.updated):
            return
        self._standing.let_arrive(self._plan.updated.table["id"])
        frame = self._plan.updated.table.drop_columns(["before", "before_dn", "type"])
        self._database.stage("updated", frame.append_column("dn_key", dn_key(frame["dn"])))
        for name in ("remember_updated_objects", "update_documents", "update_names"):
            self._database.execute(_SQL[name], self._values)

    def _restamp(self) -> None:
        if len(self._plan.restamped):
            self._standing.let_arrive(self._plan.restamped.table["id"])
            self._database.stage("restamped", self._plan.restamped.table)
            self._database.execute(_SQL["restamp"])

    def _add(self) -> None:
        added = self._plan.added.table
        if not added.num_rows:
            return
        self._counters.require_free(OBJECT, added["id"])
        self._counters.keep_above(OBJECT, pc.max(added["id"]).as_py())
        rows = in_order(added, "id")
        rows = rows.append_column("system", _same(self._plan.system, rows))
        rows = rows.append_column("dn_key", dn_key(rows["dn"]))
        rows = rows.append_column("created_by", _same(self._activity, rows))
        rows = rows.append_column("changed_by", _same(self._activity, rows))
        named = ["object_dn"] if rows["dn"].null_count < rows.num_rows else []
        with without_indexes(self._database, rows.num_rows, "object_anchor", *named, "object_system"):
            self._database.ingest("object", rows)
        self._standing.add_objects(self._plan.system, rows["type"])

    def _change_edges(self) -> None:
        plan = self._plan
        if len(plan.edges_removed):
            self._database.stage("edges_removed", plan.edges_removed.table)
            self._database.execute(_SQL["remove_edges"])
            edge_history(self._database, plan.edges_removed.table, kind="edge", operation="remove",
                         activity=self._activity)  # fmt: skip
        if not len(plan.edges_added):
            return
        rows = in_order(plan.edges_added.table, "src", "attr", "dst")
        with without_indexes(self._database, rows.num_rows, "edge_dst"):
            self._database.ingest("edge", rows)
        # Edges made together with their object are told by the object's own beginning.
        is_old = pc.invert(pc.is_in(rows["src"], value_set=plan.added.table["id"].combine_chunks()))
        edge_history(self._database, rows.filter(is_old), kind="edge", operation="add", activity=self._activity)


def _same(value: str | int, rows: pa.Table) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string() if isinstance(value, str) else pa.int64()), rows.num_rows)


def _counts(system: str, operation: str, table: pa.Table) -> Iterator[Count]:
    for entry in sorted(pc.value_counts(table["type"]).to_pylist(), key=lambda item: str(item["values"])):
        yield Count(area=_AREA, system=system, object_type=entry["values"], operation=operation, count=entry["counts"])
