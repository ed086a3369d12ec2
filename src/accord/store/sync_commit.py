"""Writing a synchronisation plan: metaverse, links, planned objects, pending exports, each frame as one set."""

import pyarrow as pa
import pyarrow.compute as pc

from accord.engine.frames import in_order
from accord.model.plan import SyncPlan
from accord.store.bulk import without_indexes
from accord.store.counters import IDENTITY, OBJECT, Counters
from accord.store.database import Database
from accord.store.dialect import SQLITE
from accord.store.history import edge_history
from accord.store.keys import RANK, REFERENCES_RANK, dn_key, send_places
from accord.store.sql import load_queries
from accord.store.standing_counts import StandingCounts
from accord.store.versions import METAVERSE, system_scope

_SQL = load_queries("sync_commit")
_IDS = pa.schema([("id", pa.int64())])


class SyncCommit:
    """One commit of a plan or of a part of it; runs inside the caller's transaction."""

    def __init__(self, database: Database, counters: Counters, plan: SyncPlan, activity: int) -> None:
        self._database = database
        self._counters = counters
        self._plan = plan
        self._activity = activity
        self._standing = StandingCounts(database)

    def run(self) -> frozenset[str]:
        """Write everything, in the order of the parts of a plan; return the scopes whose counters must move."""
        plan = self._plan
        scopes = {METAVERSE} if not plan.is_empty else set()
        self._remove_identities()
        self._update_identities()
        self._change_links()
        with self._standing.moving(*self._moved()):
            scopes |= self._change_planned_objects()
            self._add_identities()
            self._change_identity_edges()
            self._change_pending()
        self._change_reviews()
        return frozenset(scopes)

    def _moved(self) -> tuple[pa.ChunkedArray, ...]:
        """Return the objects whose pending exports may come, change or go."""
        plan = self._plan
        return (
            plan.objects_unplanned.table["id"], plan.pending_removed.table["id"], plan.pending_put.table["object_id"],
            plan.pending_edges_put.table["object_id"],
        )  # fmt: skip

    def _run(self, *names: str) -> None:
        for name in names:
            sql = _SQL[name]
            self._database.execute(sql, {"activity": self._activity})

    def _remove_identities(self) -> None:
        if len(self._plan.identities_removed):
            self._standing.take_identities(self._plan.identities_removed.table["id"])
            self._database.stage("removed", self._plan.identities_removed.table.select(["id"]))
            self._run(
                "remember_removed_identities",
                "remember_edges_of_removed",
                "remove_edges_of_removed",
                "remove_identities",
            )

    def _update_identities(self) -> None:
        if len(self._plan.identities_gone):
            self._database.stage("gone", self._plan.identities_gone.table)
            self._run("remember_gone_identities", "mark_gone_identities")
        if len(self._plan.identities_updated):
            self._database.stage("updated", self._plan.identities_updated.table.select(["id", "doc", "origin"]))
            self._run("remember_updated_identities", "update_identities")

    def _add_identities(self) -> None:
        if len(self._plan.origins):
            self._database.stage("origins", self._plan.origins.table)
            self._run("add_origins")
        added = self._plan.identities_added.table
        if added.num_rows:
            self._counters.require_free(IDENTITY, added["id"])
            self._counters.keep_above(IDENTITY, pc.max(added["id"]).as_py())
            rows = _with(in_order(added, "id"), created_by=self._activity, changed_by=self._activity)
            self._database.ingest("identity", rows)
            self._standing.add_identities(rows["type"])

    def _change_identity_edges(self) -> None:
        removed, added = self._plan.identity_edges_removed.table, self._plan.identity_edges_added.table
        if removed.num_rows:
            # Those of removed identities are gone and told already.
            self._database.stage("edges_removed", removed)
            self._run("remember_removed_edges", "remove_edges")
        if added.num_rows:
            rows = in_order(added, "src", "attr", "dst")
            with without_indexes(self._database, rows.num_rows, "identity_edge_dst"):
                self._database.ingest("identity_edge", rows)
            edge_history(
                self._database,
                added.filter(self._is_old(added["src"])),
                kind="identity_edge",
                operation="add",
                activity=self._activity,
            )

    def _is_old(self, identities: pa.ChunkedArray) -> pa.ChunkedArray:
        """Tell who was there before this plan; new ones are of this part or, with ids not given yet, of a later one."""
        there = self._counters.given(IDENTITY, identities).combine_chunks()
        new = self._plan.identities_added.table["id"].combine_chunks()
        return pc.and_(pc.is_in(identities, value_set=there), pc.invert(pc.is_in(identities, value_set=new)))

    def _change_links(self) -> None:
        if len(self._plan.links_removed):
            self._database.stage("links_removed", self._plan.links_removed.table)
            self._run("remember_removed_links", "remove_links")
        if len(self._plan.links_added):
            rows = _with(in_order(self._plan.links_added.table, "object_id"), created_by=self._activity)
            with without_indexes(self._database, rows.num_rows, "link_identity"):
                self._database.ingest("link", rows)

    def _change_planned_objects(self) -> set[str]:
        scopes: set[str] = set()
        if len(self._plan.objects_unplanned):
            self._database.stage("unplanned", self._plan.objects_unplanned.table)
            scopes |= {system_scope(row[0]) for row in self._database.rows(_SQL["systems_of_unplanned"])}
            self._run(
                "remember_unplanned_links", "remove_unplanned_links", "remove_unplanned_pending",
                "remove_unplanned_pending_edges", "remove_unplanned",
            )  # fmt: skip
        planned = self._plan.objects_planned.table
        if planned.num_rows:
            self._plan_objects(in_order(planned, "id"))
            scopes |= {system_scope(system) for system in pc.unique(planned["system"]).to_pylist()}
        return scopes

    def _plan_objects(self, planned: pa.Table) -> None:
        given = self._counters.given(OBJECT, planned["id"])
        known = self._database.fetch_wanted(_SQL["known_objects"], given, _IDS)["id"] if len(given) else given
        self._counters.keep_above(OBJECT, pc.max(planned["id"]).as_py())
        rows = _with(planned, created_by=self._activity, changed_by=self._activity)
        rows = rows.append_column("dn_key", dn_key(rows["dn"]))
        is_known = pc.is_in(rows["id"], value_set=known.combine_chunks())
        new = rows.filter(pc.invert(is_known))
        # Elsewhere all readers of the objects would wait for this commit.
        indexes = ["object_dn"] if self._database.dialect is SQLITE else []
        with without_indexes(self._database, new.num_rows, *indexes):
            self._database.ingest("object", new)
        # One planned before and not there yet has another name now.
        renamed = rows.filter(is_known)
        if renamed.num_rows:
            self._database.stage("renamed", renamed)
            self._run("remember_renamed", "rename_planned")

    def _change_pending(self) -> None:
        plan = self._plan
        if len(plan.pending_removed):
            self._database.stage("pending_removed", plan.pending_removed.table)
            self._run("remove_pending_edges_of_removed", "remove_pending")
        if len(plan.pending_edges_removed):
            self._database.stage("pending_edges_removed", _edge_keys(plan.pending_edges_removed.table))
            self._run("remove_pending_edges")
        if len(plan.pending_put):
            self._put_pending(in_order(plan.pending_put.table, "object_id"))
        if len(plan.pending_edges_put):
            self._put_pending_edges(_edge_keys(plan.pending_edges_put.table))
            self._carry_pending_edges()

    def _put_pending_edges(self, put: pa.Table) -> None:
        if self._database.value(_SQL["has_pending_edges"]):
            self._database.stage("pending_edges_put", put)
            self._run("put_pending_edges")
            return
        rows = in_order(put, "object_id", "attr", "change", "dst_object", "dst_text")
        self._database.ingest("pending_edge", rows.append_column("state", pa.repeat(pa.scalar("pending"), len(rows))))

    def _carry_pending_edges(self) -> None:
        """See that every object with references to send has a pending export that carries them."""
        ids, put = self._plan.pending_edges_put.table["object_id"], self._plan.pending_put.table["object_id"]
        alone = ids.filter(pc.invert(pc.is_in(ids, value_set=put.combine_chunks()))).unique()
        if len(alone):
            self._database.stage("alone", pa.table({"object_id": alone}))
            values = {"activity": self._activity, "place": REFERENCES_RANK * RANK}
            self._database.execute(_SQL["carry_pending_edges"], values)

    def _change_reviews(self) -> None:
        for frame in (self._plan.reviews_removed, self._plan.reviews_put):
            if len(frame):
                self._database.stage("reviews", frame.table.select(["object_id", "identity_id"]))
                self._run("remove_reviews")
        self._database.ingest("review", self._plan.reviews_put.table)

    def _put_pending(self, put: pa.Table) -> None:
        rows = _with(put, planned_by=self._activity, attempts=0)
        for name, value in (("state", "pending"), ("code", ""), ("message", "")):
            rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
        rows = rows.append_column("place", send_places(put))
        if not self._database.value(_SQL["has_pending"]):
            with without_indexes(self._database, rows.num_rows, "pending_place"):
                self._database.ingest("pending", rows)
            return
        self._database.stage("pending_put", rows)
        self._run("forget_other_pending", "put_pending")


def _with(rows: pa.Table, **columns: int) -> pa.Table:
    for name, value in columns.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.int64()), rows.num_rows))
    return rows


def _edge_keys(edges: pa.Table) -> pa.Table:
    table = edges.set_column(edges.schema.get_field_index("dst_object"), "dst_object", edges["dst_object"].fill_null(0))
    return table.set_column(table.schema.get_field_index("dst_text"), "dst_text", table["dst_text"].fill_null(""))
