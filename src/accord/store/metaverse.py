"""The metaverse: identities, the references between them, and the links to staged objects."""

import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from accord.model.frames import Identities, IdentityEdges, Links, Origins
from accord.store.connector_space import Ids
from accord.store.counters import IDENTITY, Counters
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("metaverse")


class Metaverse:
    """Identities, identity edges, links, origins."""

    def __init__(self, database: Database, counters: Counters) -> None:
        self._database = database
        self._counters = counters

    def read_identities(self, identity_type: str | None = None) -> Identities:
        """Return every identity, or those of one type."""
        sql = _SQL["read_identities"] if identity_type is None else _SQL["read_identities_of_type"]
        values = None if identity_type is None else {"type": identity_type}
        return Identities(self._database.fetch(sql, values, schema=Identities.SCHEMA))

    def read_identities_by_id(self, ids: Ids) -> Identities:
        """Return the identities with these ids that there are."""
        return Identities(self._database.fetch_wanted(_SQL["read_identities_by_id"], ids, Identities.SCHEMA))

    def read_identity_edges(self) -> IdentityEdges:
        """Return every reference between identities."""
        return IdentityEdges(self._database.fetch(_SQL["read_identity_edges"], schema=IdentityEdges.SCHEMA))

    def read_identity_edges_of(self, ids: Ids) -> IdentityEdges:
        """Return the references that these identities hold."""
        sql = _SQL["read_identity_edges_of"]
        return IdentityEdges(self._database.fetch_wanted(sql, ids, IdentityEdges.SCHEMA))

    def read_identity_edges_to(self, ids: Ids) -> IdentityEdges:
        """Return the references that others hold to these identities."""
        sql = _SQL["read_identity_edges_to"]
        return IdentityEdges(self._database.fetch_wanted(sql, ids, IdentityEdges.SCHEMA))

    def read_links(self) -> Links:
        """Return every link."""
        return Links(self._database.fetch(_SQL["read_links"], schema=Links.SCHEMA))

    def read_links_of_system(self, system: str) -> Links:
        """Return the links of a system's objects."""
        return Links(self._database.fetch(_SQL["read_links_of_system"], {"system": system}, schema=Links.SCHEMA))

    def read_links_of(self, object_ids: Ids) -> Links:
        """Return the links of these objects."""
        return Links(self._database.fetch_wanted(_SQL["read_links_of"], object_ids, Links.SCHEMA))

    def read_links_to(self, identity_ids: Ids) -> Links:
        """Return the links to these identities."""
        return Links(self._database.fetch_wanted(_SQL["read_links_to"], identity_ids, Links.SCHEMA))

    def read_origins(self) -> Origins:
        """Return every known pattern of provenance."""
        return Origins(self._database.fetch(_SQL["read_origins"], schema=Origins.SCHEMA))

    def find_identities(
        self, text: str, *, identity_type: str | None = None, attribute: str | None = None, limit: int = 100
    ) -> Identities:
        """Return identities with a value that contains the text without regard to case, in order of id.

        Looks into every attribute, or into one. Reads documents piece by piece until enough are found: about a
        second per million identities.
        """
        found: list[pa.Table] = []
        wanted = limit
        for batch in self._candidates(text, identity_type):
            hits = [_contains(doc, text, attribute) for doc in batch["doc"].to_pylist()]
            part = batch.filter(pa.array(hits, pa.bool_())).slice(0, wanted)
            found.append(part)
            wanted -= part.num_rows
            if wanted <= 0:
                break
        table = pa.concat_tables(found) if found else Identities.SCHEMA.empty_table()
        return Identities(table.sort_by("id"))

    def next_identity_id(self, *, reserve: int = 0) -> int:
        """Return the first id no identity ever had; `reserve` sets so many aside for the caller."""
        return self._counters.next(IDENTITY, reserve=reserve)

    def _candidates(self, text: str, identity_type: str | None) -> Iterator[pa.Table]:
        sql = _SQL["read_identities"] if identity_type is None else _SQL["read_identities_of_type"]
        values = None if identity_type is None else {"type": identity_type}
        needle = json.dumps(text, ensure_ascii=False)[1:-1]
        for batch in self._database.fetch_batches(f"{sql} order by id", values, schema=Identities.SCHEMA):
            table = pa.Table.from_batches([batch])
            yield table.filter(pc.match_substring(table["doc"], needle, ignore_case=True))


def _contains(doc: str, text: str, attribute: str | None) -> bool:
    content = json.loads(doc)
    values = content.values() if attribute is None else [content.get(attribute)]
    folded = text.casefold()
    return any(folded in str(item).casefold() for value in values for item in _items(value))


def _items(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
