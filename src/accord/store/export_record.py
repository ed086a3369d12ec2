"""Writing what became of exports: journal, pending exports, and the connector space as the systems now are."""

import pyarrow as pa
import pyarrow.compute as pc

from accord.model.errors import ContractBroken
from accord.store.database import Database
from accord.store.export_frames import ExportResults, SentEdges
from accord.store.history import edge_history
from accord.store.keys import RANK, REFERENCES_RANK, dn_key
from accord.store.sql import load_queries
from accord.store.standing_counts import StandingCounts

_SQL = load_queries("export_record")


class ExportRecord:
    """One batch of results; runs inside the caller's transaction."""

    def __init__(self, database: Database, results: ExportResults, edges: SentEdges, activity: int) -> None:
        self._database = database
        self._results = results.table
        self._edges = edges.table
        self._activity = activity
        self._standing = StandingCounts(database)

    def run(self) -> None:
        """Write everything."""
        with self._standing.moving(self._results["object_id"]):
            self._write()

    def _write(self) -> None:
        self._database.stage("results", self._results)
        self._run("answer_journal", "record_failures", "record_sent")
        is_done = pc.equal(self._results["state"], "done")
        is_delete = pc.equal(self._results["operation"], "delete")
        self._apply(self._results.filter(pc.and_(is_done, pc.invert(is_delete))))
        self._delete(self._results.filter(pc.and_(is_done, is_delete)))
        self._apply_edges()
        self._database.execute(_SQL["keep_for_references"], {"place": REFERENCES_RANK * RANK})

    def _run(self, *names: str) -> None:
        for name in names:
            self._database.execute(_SQL[name], {"activity": self._activity})

    def _apply(self, done: pa.Table) -> None:
        if done.num_rows:
            self._standing.let_arrive(done["object_id"])
            rows = done.select(["object_id", "anchor", "dn", "hash", "doc"])
            self._database.stage("done", rows.append_column("dn_key", dn_key(rows["dn"])))
            self._require_free_anchors()
            self._run("remember_objects", "apply_objects")

    def _require_free_anchors(self) -> None:
        taken = self._database.rows(_SQL["taken_anchors"])
        if taken:
            mine, anchor, other = taken[0]
            raise ContractBroken(
                f"the system gave object {mine} the anchor {anchor!r}, which object {other} has",
                remedy="import the system to see what it holds; its connector must not name one object twice",
            )

    def _delete(self, done: pa.Table) -> None:
        if done.num_rows:
            self._standing.take_objects(done["object_id"])
            self._database.stage("deleted", done.select(["object_id"]))
            self._run(
                "remember_deleted_objects", "remember_deleted_links", "remember_deleted_edges",
                "delete_edges", "delete_links", "delete_pending_edges", "delete_pending", "delete_objects",
            )  # fmt: skip

    def _apply_edges(self) -> None:
        if not self._edges.num_rows:
            return
        columns = {
            "dst_object": self._edges["dst_object"].fill_null(0),
            "dst_text": self._edges["dst_text"].fill_null(""),
        }
        staged = self._edges.drop_columns(list(columns))
        for name, column in columns.items():
            staged = staged.append_column(name, column)
        self._database.stage("edges", staged)
        added = self._database.fetch(_SQL["new_edges"], schema=_EDGES)
        removed = self._database.fetch(_SQL["old_edges"], schema=_EDGES)
        self._run("mark_edges", "add_edges", "remove_edges")
        edge_history(self._database, added, kind="edge", operation="add", activity=self._activity)
        edge_history(self._database, removed, kind="edge", operation="remove", activity=self._activity)


_EDGES = pa.schema([("src", pa.int64()), ("attr", pa.string()), ("dst", pa.string())])
