"""Pending exports: claimed, journalled, sent by a run, recorded, settled by the next import."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from accord.store.connector_space import Ids
from accord.store.database import Database
from accord.store.export_frames import (
    ClaimedExports,
    ExportResults,
    JournalEntries,
    NotConfirmed,
    PendingEdgeRows,
    PendingRows,
    SentEdges,
)
from accord.store.export_record import ExportRecord
from accord.store.leases import Lease, Leases
from accord.store.sql import load_queries
from accord.store.standing_counts import StandingCounts
from accord.store.times import micros
from accord.store.versions import Versions, system_scope

_SQL = load_queries("pending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an import made of what was sent: shown as sent, shown otherwise, sent without an answer."""

    confirmed: int = 0
    not_confirmed: int = 0
    requeued: int = 0


class Pending:
    """The changes we want systems to make."""

    def __init__(self, database: Database, versions: Versions) -> None:
        self._database = database
        self._versions = versions
        self._standing = StandingCounts(database)

    def read_pending(self, system: str | None = None) -> PendingRows:
        """Return every pending export, or those of one system, with where they stand."""
        sql = _SQL["read_pending"] if system is None else _SQL["read_pending_of_system"]
        values = None if system is None else {"system": system}
        return PendingRows(self._database.fetch(sql, values, schema=PendingRows.SCHEMA))

    def read_pending_of(self, object_ids: Ids) -> PendingRows:
        """Return the pending exports of these objects."""
        return PendingRows(self._database.fetch_wanted(_SQL["read_pending_of"], object_ids, PendingRows.SCHEMA))

    def read_pending_edges(self, system: str | None = None) -> PendingEdgeRows:
        """Return every reference waiting to be sent or confirmed, or those of one system."""
        sql = _SQL["read_pending_edges"] if system is None else _SQL["read_pending_edges_of_system"]
        values = None if system is None else {"system": system}
        return PendingEdgeRows(self._database.fetch(sql, values, schema=PendingEdgeRows.SCHEMA))

    def read_pending_edges_of(self, object_ids: Ids) -> PendingEdgeRows:
        """Return the references of these objects that were not sent yet."""
        sql = _SQL["read_pending_edges_of"]
        return PendingEdgeRows(self._database.fetch_wanted(sql, object_ids, PendingEdgeRows.SCHEMA))

    def claim(self, system: str, *, now: datetime, limit: int = 1000) -> ClaimedExports:
        """Return what can be sent to a system now, in order: see `keys.send_places`.

        The run holds the system's lease; nothing is marked until `journal`. What an attempt left behind comes
        again when it is due; references to objects not there yet come when these are.
        """
        values = {"system": system, "now": micros(now), "limit": limit}
        schema = pa.schema([*ClaimedExports.SCHEMA, ("place", pa.int64())])
        table = self._database.fetch(_SQL["claim"], values, schema=schema)
        return ClaimedExports(
            table.sort_by([("place", "ascending"), ("object_id", "ascending")]).drop_columns(["place"])
        )

    def journal(self, system: str, entries: JournalEntries, *, activity: int) -> None:
        """Remember that these operations are about to be sent; a crash from here on makes them unknown."""
        rows = len(entries)
        table = entries.table.append_column("activity", pa.repeat(pa.scalar(activity, pa.int64()), rows))
        for name, value in (("system", system), ("state", "sending"), ("code", ""), ("message", "")):
            table = table.append_column(name, pa.repeat(pa.scalar(value), rows))
        self._database.ingest("journal", table)

    def record(
        self,
        system: str,
        results: ExportResults,
        edges: SentEdges | None = None,
        *,
        activity: int,
        leases: Sequence[Lease] = (),
    ) -> None:
        """Remember what became of journalled operations, in one transaction.

        What is done is in the connector space at once: values, names, references; a deleted object goes with its
        link, references and pending export. The rest waits for the next import to confirm it. References not
        named in `edges` stay to be sent.
        """
        with self._database.transaction():
            for lease in leases:
                Leases(self._database).check(lease)
            # First, because it holds off whoever else changes what is counted.
            self._versions.bump([system_scope(system)])
            ExportRecord(self._database, results, edges or SentEdges.empty(), activity).run()

    def unsend(self, system: str, *, activity: int, code: str, message: str) -> None:
        """Remember that what was journalled last was not sent after all: it waits as before, no attempt counted."""
        values = {"system": system, "activity": activity, "code": code, "message": message}
        self._database.execute(_SQL["settle_unsent"], values)

    def try_again(self, system: str) -> None:
        """Make due now what a system refused: somebody says the cause may be gone."""
        with self._database.transaction():
            due = len(self._database.rows(_SQL["try_again"], {"system": system}))
            self._standing.move(system, {"failed": -due, "pending": due})

    def try_these_again(self, objects: Sequence[int]) -> None:
        """Make due now what was refused for these objects."""
        ids = pa.chunked_array([pa.array(objects, pa.int64())])
        with self._database.transaction(), self._standing.moving(ids):
            self._database.stage("wanted", pa.table({"id": ids}))
            self._database.execute(_SQL["try_these_again"])

    def settle(self, system: str, not_confirmed: NotConfirmed, shown: Ids | None = None) -> Settled:
        """Close what was sent to a system after an import of it; belongs into that import's transaction.

        Exported changes not named are confirmed and go. Changes without an answer go when the object shows that
        they happened (created, deleted), else they are pending again. An import of a part says so only of the objects
        it has `shown`; nothing is said of the others.
        """
        values = {"system": system, "whole": int(shown is None)}
        with self._database.transaction():
            self._database.stage("not_confirmed", not_confirmed.table)
            self._database.stage("shown", pa.table({"id": pa.array([] if shown is None else shown, pa.int64())}))
            missed = Counter(state for _, state in self._database.rows(_SQL["mark_not_confirmed"], values))
            self._database.execute(_SQL["drop_confirmed_edges"], values)
            self._database.execute(_SQL["drop_edges_of_arrived"], values)
            answered = len(self._database.rows(_SQL["drop_arrived"], values))
            answered += len(self._database.rows(_SQL["drop_answered_unknown"], values))
            requeued = len(self._database.rows(_SQL["requeue_unknown"], values))
            confirmed = len(self._database.rows(_SQL["drop_confirmed"], values))
            if missed or confirmed or answered or requeued:
                self._versions.bump([system_scope(system)])
            self._standing.move(system, {"exported": -missed.total() - confirmed})
            self._standing.move(system, {"unknown": -answered - requeued, "pending": requeued})
            self._standing.move(system, missed)
        return Settled(confirmed=confirmed + answered, not_confirmed=missed.total(), requeued=requeued)
