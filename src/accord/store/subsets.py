"""What a delta synchronisation reads: parts of the store, by sets of keys."""

import pyarrow as pa

from accord.model.frames import IdentityEdges, PendingEdges, StagedEdges, StagedKeys, StagedObjects
from accord.store.connector_space import Ids, Texts
from accord.store.database import Database
from accord.store.export_frames import PendingRows
from accord.store.keys import dn_key, spellings
from accord.store.sql import load_queries

_SQL = load_queries("subsets")
_ID = pa.schema([("id", pa.int64())])
_COUNTED = pa.schema([("id", pa.int64()), ("n", pa.int64())])


class Subsets:
    """Look-ups by sets of keys; each is served by an index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new_objects(self, first: int) -> pa.ChunkedArray:
        """Return the ids of objects from one on."""
        return self._database.fetch(_SQL["new_objects"], {"first": first}, schema=_ID)["id"]

    def new_identities(self, first: int) -> pa.ChunkedArray:
        """Return the ids of identities from one on."""
        return self._database.fetch(_SQL["new_identities"], {"first": first}, schema=_ID)["id"]

    def waiting_identities(self) -> pa.ChunkedArray:
        """Return the ids of identities that wait for their deletion."""
        return self._database.fetch(_SQL["waiting_identities"], schema=_ID)["id"]

    def unanswered(self) -> pa.ChunkedArray:
        """Return the ids of objects whose export failed or was not answered."""
        return self._database.fetch(_SQL["unanswered"], schema=_ID)["id"]

    def named_objects(self, system: str, names: Texts) -> StagedObjects:
        """Return the objects of a system with these anchors, or these dns in lower case."""
        with self._database.reading():
            self._database.stage("wanted", _texts(names))
            table = self._database.fetch(_SQL["named_objects"], {"system": system}, schema=StagedObjects.SCHEMA)
        return StagedObjects(table)

    def read_keys_named(self, system: str, anchors: pa.ChunkedArray, dns: pa.ChunkedArray) -> StagedKeys:
        """Return id, names and hash of a system's objects with these anchors, and of planned ones with these dns."""
        with self._database.reading():
            self._database.stage("anchors", _texts(anchors))
            self._database.stage("dns", _texts(dn_key(dns)))
            table = self._database.fetch(_SQL["keys_named"], {"system": system}, schema=StagedKeys.SCHEMA)
        return StagedKeys(table)

    def edges_between(self, sources: Ids, texts: Texts) -> StagedEdges:
        """Return the references of these objects to one of these names, in whatever case they are written."""
        with self._database.reading():
            self._database.stage("sources", _ids(sources))
            self._database.stage("texts", _texts(spellings(texts)))
            return StagedEdges(self._database.fetch(_SQL["edges_between"], schema=StagedEdges.SCHEMA))

    def edges_to_names(self, system: str, names: Texts) -> StagedEdges:
        """Return the references of a system's objects to one of these names, in whatever case they are written."""
        with self._database.reading():
            self._database.stage("wanted", _texts(spellings(names)))
            table = self._database.fetch(_SQL["edges_to_names"], {"system": system}, schema=StagedEdges.SCHEMA)
        return StagedEdges(table)

    def edges_of_attributes(self, sources: Ids, attributes: Texts) -> StagedEdges:
        """Return the references of these objects in one of the attributes."""
        with self._database.reading():
            self._database.stage("sources", _ids(sources))
            self._database.stage("texts", _texts(attributes))
            return StagedEdges(self._database.fetch(_SQL["edges_of_attributes"], schema=StagedEdges.SCHEMA))

    def count_edges_of_attributes(self, sources: Ids, attributes: Texts) -> dict[int, int]:
        """Return how many references these objects hold in the attributes; those without any are left out."""
        with self._database.reading():
            self._database.stage("sources", _ids(sources))
            self._database.stage("texts", _texts(attributes))
            return _counts(self._database.fetch(_SQL["count_edges_of_attributes"], schema=_COUNTED))

    def identity_edges_between(self, sources: Ids, targets: Ids) -> IdentityEdges:
        """Return the references from these identities to those."""
        with self._database.reading():
            self._database.stage("sources", _ids(sources))
            self._database.stage("targets", _ids(targets))
            table = self._database.fetch(_SQL["identity_edges_between"], schema=IdentityEdges.SCHEMA)
        return IdentityEdges(table)

    def first_identity_edges(self, source: int, attribute: str, *, most: int) -> tuple[list[int], int]:
        """Return the first of those an identity refers to by an attribute, and how many there are in all."""
        of = {"src": source, "attr": attribute}
        rows = self._database.rows(_SQL["first_identity_edges"], of | {"most": most})
        return [int(dst) for _, _, dst in rows], int(self._database.value(_SQL["count_identity_edges_of"], of) or 0)

    def count_edges(self, objects: Ids) -> dict[int, int]:
        """Return how many references these objects hold; those without any are left out."""
        return _counts(self._database.fetch_wanted(_SQL["count_edges"], objects, _COUNTED))

    def count_identity_edges(self, identities: Ids) -> dict[int, int]:
        """Return how many references these identities hold; those without any are left out."""
        return _counts(self._database.fetch_wanted(_SQL["count_identity_edges"], identities, _COUNTED))

    def pending_edges_from(self, objects: Ids) -> PendingEdges:
        """Return the references of these objects that wait to be sent or confirmed."""
        return PendingEdges(self._database.fetch_wanted(_SQL["pending_edges_from"], objects, PendingEdges.SCHEMA))

    def pending_sources_to(self, objects: Ids) -> pa.ChunkedArray:
        """Return the ids of objects with a reference to these that waits to be sent or confirmed."""
        return self._database.fetch_wanted(_SQL["pending_sources_to"], objects, _ID)["id"]

    def count_objects(self) -> dict[str, int]:
        """Return how many objects each system has, without planned ones."""
        there, planned = self._named("count_objects"), self._named("count_planned")
        return {system: count - planned.get(system, 0) for system, count in there.items()}

    def pending_of(self, objects: Ids) -> PendingRows:
        """Return the pending exports of these objects."""
        return PendingRows(self._database.fetch_wanted(_SQL["pending_of"], objects, PendingRows.SCHEMA))

    def pending_without(self, objects: Ids) -> PendingRows:
        """Return the pending exports of all other objects that were not sent."""
        return PendingRows(self._database.fetch_wanted(_SQL["pending_without"], objects, PendingRows.SCHEMA))

    def count_waiting(self, without: Ids) -> dict[tuple[str, str], int]:
        """Return how many pending exports of others than these objects were not sent, by system and operation."""
        with self._database.reading():
            self._database.stage("wanted", _ids(without))
            rows = self._database.rows(_SQL["count_waiting"])
        return {(system, operation): int(count) for system, operation, count in rows}

    def count_waiting_removals(self, without: Ids) -> dict[str, int]:
        """Return how many references wait to be removed in each system, from others than these objects."""
        with self._database.reading():
            self._database.stage("wanted", _ids(without))
            return self._named("count_waiting_removals")

    def count_references(self) -> dict[str, int]:
        """Return how many references the objects of each system hold; looks at every reference."""
        return self._named("count_references")

    def count_identities(self) -> dict[str, int]:
        """Return how many identities of each type there are; looks at every identity."""
        return self._named("count_identities")

    def _named(self, query: str) -> dict[str, int]:
        return {name: int(count) for name, count in self._database.rows(_SQL[query])}


def _counts(table: pa.Table) -> dict[int, int]:
    return dict(zip(table["id"].to_pylist(), table["n"].to_pylist(), strict=True))


def _ids(ids: Ids) -> pa.Table:
    values = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    return pa.table({"id": pa.array(values, pa.int64())})


def _texts(texts: Texts) -> pa.Table:
    values = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return pa.table({"dst": pa.array(values, pa.string())})
