"""What analyses found and what people declared for them: documents in rows, of any kind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from accord.model.errors import NotFound
from accord.model.plan import Count
from accord.store.connector_space import Ids
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("governance")

FOUND = pa.schema([("id", pa.string()), ("owner_id", pa.int64()), ("name", pa.string()), ("state", pa.string()),
                   ("doc", pa.string())])  # fmt: skip
"""What an analysis gives: one row for each finding; ids stay the same from run to run."""

_STORED = pa.schema([("kind", pa.string()), *FOUND, ("first_seen", pa.string()), ("closed_at", pa.string()),
                     ("changed_by", pa.int64())])  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. `closed_at` is empty while it holds."""

    kind: str
    id: str
    owner_id: int
    name: str
    state: str
    doc: Mapping[str, object]
    first_seen: str
    closed_at: str
    changed_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One document people declared."""

    kind: str
    id: str
    doc: Mapping[str, object]
    changed_at: str
    changed_by: str


class Findings:
    """The findings of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(
        self, kind: str, found: pa.Table, *, activity: int, now: datetime, closes: bool = False
    ) -> tuple[Count, ...]:
        """Make the findings of a kind exactly these, and return what changed; what stays the same is not written.

        With `closes` those that are gone stay, as resolved; else they are dropped.
        """
        values = {"kind": kind, "activity": activity, "now": iso(now)}
        with self._database.transaction():
            counts = self._compare(kind, found)
            if counts["update"]:
                self._database.execute(_SQL["change"], values)
            if counts["create"]:
                self._database.execute(_SQL["add"], values)
            if counts["delete"]:
                drop = {"kind": kind}
                self._database.execute(_SQL["close_gone" if closes else "drop_gone"], values if closes else drop)
        return _told(counts, "findings", kind)

    def patch(self, kind: str, found: pa.Table, gone: pa.Table, *, activity: int, now: datetime) -> tuple[Count, ...]:
        """Add or change these findings, drop those with the ids in `gone`, leave all others; return what changed."""
        values = {"kind": kind, "activity": activity, "now": iso(now)}
        with self._database.transaction():
            counts = self._compare_part(kind, found, gone)
            self._database.execute(_SQL["change"], values)
            self._database.execute(_SQL["add"], values)
            self._database.execute(_SQL["drop_named"], {"kind": kind})
        return _told(counts, "findings", kind)

    def preview_patch(self, kind: str, found: pa.Table, gone: pa.Table) -> tuple[Count, ...]:
        """Return what `patch` would change, and change nothing."""
        with self._database.reading():
            return _told(self._compare_part(kind, found, gone), "preview", kind)

    def of_owners(self, kind: str, owners: Ids) -> pa.Table:
        """Return the findings of a kind about these owners."""
        with self._database.reading():
            self._database.stage("wanted", pa.table({"id": pa.array(owners, pa.int64())}))
            return self._database.fetch(_SQL["read_of_owners"], {"kind": kind}, schema=_STORED)

    def last_change(self, kind: str) -> str:
        """Return what is another text whenever findings of the kind were added, changed or dropped."""
        count, changed_by = self._database.rows(_SQL["last_change"], {"kind": kind})[0]
        return f"{count} {changed_by}"

    def preview(self, kind: str, found: pa.Table) -> tuple[Count, ...]:
        """Return what `replace` would change, and change nothing."""
        with self._database.reading():
            return _told(self._compare(kind, found), "preview", kind)

    def _compare_part(self, kind: str, found: pa.Table, gone: pa.Table) -> dict[str, int]:
        self._database.stage("gone", gone.select(["id"]))
        named = int(self._database.value(_SQL["count_named"], {"kind": kind}))
        return {**self._compare(kind, found), "delete": named}

    def _compare(self, kind: str, found: pa.Table) -> dict[str, int]:
        self._database.stage("found", found.select(FOUND.names).cast(FOUND))
        queries = {"create": "count_added", "update": "count_changed", "delete": "count_gone"}
        return {
            operation: int(self._database.value(_SQL[query], {"kind": kind})) for operation, query in queries.items()
        }

    def read(self, kind: str) -> pa.Table:
        """Return every finding of a kind."""
        return self._database.fetch(_SQL["read_kind"], {"kind": kind}, schema=_STORED)

    def one(self, kind: str, finding_id: str) -> Finding:
        """Return one finding; raise NotFound."""
        found = self._database.fetch(_SQL["read_one"], {"kind": kind, "id": finding_id}, schema=_STORED).to_pylist()
        if not found:
            raise NotFound(f"there is no {kind} {finding_id}", remedy="list them to see which there are")
        return _finding(found[0])

    def list(  # noqa: PLR0913 - each narrows the list
        self, kind: str, *, state: str = "", owner: int = 0, search: str = "", after: str = "", limit: int = 100
    ) -> tuple[Finding, ...]:
        """Return findings in order of id, those behind `after`."""
        values = {
            "kind": kind, "state": state, "owner": owner, "after": after, "limit": limit,
            "search": f"%{search.lower()}%" if search else "",
        }  # fmt: skip
        rows = self._database.fetch(_SQL["list"], values, schema=_STORED).to_pylist()
        return tuple(sorted((_finding(row) for row in rows), key=lambda f: f.id))

    def count(self, kind: str) -> dict[str, int]:
        """Return how many are in each state."""
        return {str(state): int(n) for state, n in self._database.rows(_SQL["count_states"], {"kind": kind})}


class Declarations:
    """The declared documents of one store: policies, enrichment rules, exceptions, settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, kind: str) -> tuple[Declared, ...]:
        """Return the documents of a kind, in order of id."""
        return tuple(_declared(row) for row in self._database.rows(_SQL["read_documents"], {"kind": kind}))

    def state(self, kind: str) -> str:
        """Return what is another text whenever a document of the kind was kept or dropped."""
        count, changed_at = self._database.rows(_SQL["state_of_documents"], {"kind": kind})[0]
        return f"{count} {changed_at}"

    def read(self, kind: str, document_id: str) -> Declared:
        """Return one document; raise NotFound."""
        rows = self._database.rows(_SQL["read_document"], {"kind": kind, "id": document_id})
        if not rows:
            raise NotFound(f"there is no {kind} {document_id}", remedy="list them to see which there are")
        return _declared(rows[0])

    def put(self, kind: str, document_id: str, doc: Mapping[str, object], *, by: str, now: datetime) -> None:
        """Keep a document, in place of the one of this id."""
        text = json.dumps(doc, ensure_ascii=False, sort_keys=True)
        values = {"kind": kind, "id": document_id, "doc": text, "at": iso(now), "by": by}
        self._database.execute(_SQL["put_document"], values)

    def drop(self, kind: str, document_id: str) -> None:
        """Forget a document; raise NotFound."""
        if not self._database.rows(_SQL["drop_document"], {"kind": kind, "id": document_id}):
            raise NotFound(f"there is no {kind} {document_id}", remedy="list them to see which there are")


def _told(counts: Mapping[str, int], area: str, kind: str) -> tuple[Count, ...]:
    return tuple(
        Count(area=area, system="", object_type=kind, operation=operation, count=count)
        for operation, count in counts.items()
        if count
    )


def _finding(row: Mapping[str, object]) -> Finding:
    values = {**row, "doc": json.loads(str(row["doc"]))}
    return Finding(**values)


def _declared(row: tuple[object, ...]) -> Declared:
    kind, document_id, doc, changed_at, changed_by = (str(value) for value in row)
    return Declared(kind=kind, id=document_id, doc=json.loads(doc), changed_at=changed_at, changed_by=changed_by)
