"""The connector space: what we remember the systems said."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa

from accord.model.frames import StagedEdges, StagedKeys, StagedObjects
from accord.model.plan import Count, ImportPlan
from accord.store.counters import OBJECT, Counters
from accord.store.database import Database
from accord.store.import_commit import ImportCommit
from accord.store.keys import dn_key_of, spellings
from accord.store.leases import Lease, Leases
from accord.store.plan_states import require_committable
from accord.store.sql import load_queries
from accord.store.versions import Versions, system_scope

_SQL = load_queries("connector_space")

PIECE_ROWS = 250_000
"""From here on a piece is worth handing on: an engine takes in few large ones several times faster than many small."""

Ids: TypeAlias = pa.Array | pa.ChunkedArray | Sequence[int]
"""Ids as an Arrow column or a Python sequence."""

Texts: TypeAlias = pa.Array | pa.ChunkedArray | Sequence[str]
"""Texts as an Arrow column or a Python sequence."""


class ConnectorSpace:
    """Staged objects and their references, of all systems."""

    def __init__(self, database: Database, versions: Versions, counters: Counters) -> None:
        self._database = database
        self._versions = versions
        self._counters = counters

    def read_keys(self, system: str) -> StagedKeys:
        """Return id, names and hash of every object of a system, planned ones too."""
        sql = _SQL["read_keys"]
        return StagedKeys(self._database.fetch(sql, {"system": system}, schema=StagedKeys.SCHEMA))

    def read_objects(self, system: str, object_type: str | None = None) -> StagedObjects:
        """Return every object of a system, or those of one type, planned ones too."""
        sql = _SQL["read_objects"] if object_type is None else _SQL["read_objects_of_type"]
        values = {"system": system} if object_type is None else {"system": system, "type": object_type}
        return StagedObjects(self._database.fetch(sql, values, schema=StagedObjects.SCHEMA))

    def stream_objects(self, system: str, object_type: str) -> Iterator[StagedObjects]:
        """Yield every object of one type of a system piece by piece, as they are committed when the first is read."""
        values = {"system": system, "type": object_type}
        sql = _SQL["read_objects_of_type"]
        waiting: list[pa.RecordBatch] = []
        for batch in self._database.fetch_batches(sql, values, schema=StagedObjects.SCHEMA):
            waiting.append(batch)
            if sum(b.num_rows for b in waiting) >= PIECE_ROWS:
                yield StagedObjects(pa.Table.from_batches(waiting))
                waiting = []
        if waiting:
            yield StagedObjects(pa.Table.from_batches(waiting))

    def read_objects_by_id(self, ids: Ids) -> StagedObjects:
        """Return the objects with these ids that there are."""
        return StagedObjects(self._database.fetch_wanted(_SQL["read_objects_by_id"], ids, StagedObjects.SCHEMA))

    def read_all_edges(self) -> StagedEdges:
        """Return every reference of every object: one scan, cheaper than system by system when all are wanted."""
        return StagedEdges(self._database.fetch(_SQL["read_all_edges"], schema=StagedEdges.SCHEMA))

    def read_edges(self, system: str) -> StagedEdges:
        """Return every reference of the objects of a system."""
        return StagedEdges(self._database.fetch(_SQL["read_edges"], {"system": system}, schema=StagedEdges.SCHEMA))

    def read_edges_of(self, ids: Ids) -> StagedEdges:
        """Return the references that these objects hold."""
        return StagedEdges(self._database.fetch_wanted(_SQL["read_edges_of"], ids, StagedEdges.SCHEMA))

    def read_edges_to(self, destinations: Texts) -> StagedEdges:
        """Return the references to these dns or anchors from any system, in whatever case they are written."""
        sql, wanted = _SQL["read_edges_to"], spellings(destinations)
        return StagedEdges(
            self._database.fetch_wanted(sql, wanted, StagedEdges.SCHEMA, column="dst", type_=pa.string())
        )

    def find_objects(self, text: str, *, system: str | None = None, limit: int = 100) -> StagedObjects:
        """Return objects whose anchor, or whose dn without regard to case, is exactly the text."""
        values = {"text": text, "dn_key": dn_key_of(text), "limit": limit}
        sql = _SQL["find_objects"]
        if system is not None:
            sql, values = _SQL["find_objects_of_system"], {**values, "system": system}
        return StagedObjects(self._database.fetch(sql, values, schema=StagedObjects.SCHEMA))

    def next_object_id(self, *, reserve: int = 0) -> int:
        """Return the first id no object ever had.

        Runs on several systems at once ask for as many ids as they may need with `reserve`.
        """
        return self._counters.next(OBJECT, reserve=reserve)

    def commit_import(
        self,
        plan: ImportPlan,
        *,
        activity: int,
        versions: Mapping[str, int],
        leases: Sequence[Lease] = (),
        plan_id: str | None = None,
    ) -> tuple[Count, ...]:
        """Make the connector space what the plan says, in one transaction; return what was done.

        Raises PlanStale when a counter in `versions` moved or a lease was lost, Held when the stored plan
        `plan_id` was not released. Links and pending exports of removed objects stay: the next synchronisation
        finds the object missing and decides. An edge must not be named twice.
        """
        with self._database.transaction():
            self._versions.require(versions)
            for lease in leases:
                Leases(self._database).check(lease)
            if plan_id is not None:
                require_committable(self._database, plan_id, activity)
            counts = ImportCommit(self._database, self._counters, plan, activity).run()
            if counts or len(plan.edges_added) or len(plan.edges_removed):
                self._versions.bump([system_scope(plan.system)])
        return counts
