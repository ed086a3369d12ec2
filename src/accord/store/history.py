"""What every object, identity, link and reference was before: told backwards from the present."""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("history")


class Subject(StrEnum):
    """What has a timeline."""

    OBJECT = "object"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one subject by one activity: the document before and after (None: was not there, or planned).

    `operation` is add, update or remove. Changes of references name attribute and destination and have no
    document; a link's attribute is its rule, its destination the identity. `origin` tells which rules gave the values
    after it; None where nobody knows.
    """

    activity: int
    kind: str
    operation: str
    before: str | None = None
    after: str | None = None
    before_dn: str | None = None
    after_dn: str | None = None
    attribute: str | None = None
    destination: str | None = None
    origin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLink:
    """A link by the activities that made and ended it; `until` None: it is there still."""

    object_id: int
    rule: str
    how: str
    since: int
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Ids of identities (with who changed them last), linked objects, and objects that one activity made."""

    identities: pa.Table
    links: pa.Table
    objects: pa.Table


class History:
    """Timelines, rebuilt from the present document and the documents kept at every change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def timeline(self, kind: Subject, subject: int) -> tuple[Change, ...]:
        """Return all that happened to an object or identity, oldest first, with its links and references."""
        with self._database.reading():
            documents = self._documents(kind, subject)
            others = self._others(kind, subject)
        merged = sorted([*documents, *others], key=lambda item: item[0])
        return tuple(change for _, change in merged)

    def state_at(self, kind: Subject, subject: int, activity: int) -> str | None:
        """Return the document as it was when the activity had ended, None when there was none."""
        state: str | None = None
        for change in self.timeline(kind, subject):
            if change.kind == kind and change.activity <= activity:
                state = change.after
        return state

    def links_ever(self, identity_id: int) -> tuple["PastLink", ...]:
        """Return every link an identity has or had, in no order."""
        rows = self._database.rows(_SQL["links_ever"], {"identity": identity_id, "text": str(identity_id)})
        return tuple(
            PastLink(object_id=o, rule=str(rule or ""), how=str(how or ""), since=since, until=until)
            for o, rule, how, since, until in rows
        )

    def removed_place(self, object_id: int) -> tuple[str, str, str | None]:
        """Return system, type and anchor of an object that is gone; empty where nobody remembers."""
        rows = self._database.rows(_SQL["removed_place"], {"subject": object_id})
        return (str(rows[0][0] or ""), str(rows[0][1] or ""), rows[0][2]) if rows else ("", "", None)

    def changes_of(self, activity: int) -> pa.Table:
        """Return the rows an activity wrote about what was there before (columns of `CHANGES`), in order."""
        table = self._database.fetch(_SQL["changes_of"], {"activity": activity}, schema=CHANGES)
        return table.sort_by("seq")

    def changes_from(self, activity: int) -> pa.Table:
        """Return what an activity changed and all that happened to the same subjects afterwards, in order."""
        schema = pa.schema([*CHANGES, ("activity", pa.int64())])
        return self._database.fetch(_SQL["changes_from"], {"activity": activity}, schema=schema).sort_by("seq")

    def changes_since(self, seq: int) -> pa.Table:
        """Return the rows written after one, of all activities (columns of `CHANGES`), in order."""
        return self._database.fetch(_SQL["changes_since"], {"seq": seq}, schema=CHANGES).sort_by("seq")

    def count_relations(self, activity: int, *, first_new: int) -> dict[tuple[str, str], int]:
        """Return how many references an import added and removed, by attribute and operation.

        `first_new` is the first id of the objects it added; ask before anything else adds objects.
        """
        rows = self._database.rows(_SQL["count_relations"], {"activity": activity, "first": first_new})
        counts: dict[tuple[str, str], int] = {}
        for attribute, operation, count in rows:
            counts[str(attribute), str(operation)] = counts.get((str(attribute), str(operation)), 0) + int(count)
        return counts

    def sent_since(self, seq: int) -> pa.ChunkedArray:
        """Return the ids of objects of which something was sent after a row of the journal."""
        return self._database.fetch(_SQL["sent_since"], {"seq": seq}, schema=pa.schema([("id", pa.int64())]))["id"]

    def made_by(self, activity: int) -> "Made":
        """Return what is there now because an activity made it."""
        schema = {
            "made_identities": [("id", pa.int64()), ("changed_by", pa.int64())],
            "made_links": [("object_id", pa.int64())],
            "made_objects": [("id", pa.int64())],
        }
        identities, links, objects = (
            self._database.fetch(_SQL[name], {"activity": activity}, schema=pa.schema(columns))
            for name, columns in schema.items()
        )
        return Made(identities=identities, links=links, objects=objects)

    def planned_by(self) -> pa.Table:
        """Return by which activity every pending export was planned."""
        schema = pa.schema([("object_id", pa.int64()), ("planned_by", pa.int64())])
        return self._database.fetch(_SQL["planned_by"], schema=schema)

    def _documents(self, kind: Subject, subject: int) -> list[tuple[int, Change]]:
        present = self._database.rows(_SQL[f"present_{kind}"], {"subject": subject})
        rows = self._database.rows(_SQL["document_changes"], {"kind": str(kind), "subject": subject})
        doc, dn, created_by, origin = present[0] if present else (None, None, None, None)
        changes: list[tuple[int, Change]] = []
        for seq, activity, operation, before, before_dn, removed_created_by, before_origin in reversed(rows):
            gone = operation == "remove"
            if gone and created_by is not None:
                # What was removed came back, under its old id.
                changes.append((seq, _added(kind, created_by, doc, dn, origin)))
            changes.append((seq, Change(
                activity=activity, kind=kind, operation=operation, before=before, before_dn=before_dn,
                after=None if gone else doc, after_dn=None if gone else dn, origin=None if gone else origin,
            )))  # fmt: skip
            doc, dn, origin = before, before_dn, before_origin
            created_by = removed_created_by if gone else created_by
        if created_by is not None:
            changes.append((0, _added(kind, created_by, doc, dn, origin)))
        return changes[::-1]

    def _others(self, kind: Subject, subject: int) -> list[tuple[int, Change]]:
        edges = "edge" if kind is Subject.OBJECT else "identity_edge"
        rows = self._database.rows(
            _SQL["other_changes"], {"edges": edges, "subject": subject, "has_links": int(kind is Subject.OBJECT)}
        )
        return [
            (seq, Change(activity=activity, kind=other, operation=operation, attribute=attr, destination=dst))
            for seq, activity, other, operation, attr, dst in rows
        ]


def _added(kind: Subject, activity: int, doc: str | None, dn: str | None, origin: int | None) -> Change:
    return Change(activity=activity, kind=kind, operation="add", after=doc, after_dn=dn, origin=origin)


CHANGES = pa.schema(
    [
        ("seq", pa.int64()), ("kind", pa.string()), ("subject", pa.int64()), ("operation", pa.string()),
        ("before", pa.string()), ("before_dn", pa.string()), ("system", pa.string()), ("type", pa.string()),
        ("anchor", pa.string()), ("attr", pa.string()), ("dst", pa.string()), ("gone_since", pa.int64()),
        ("created_by", pa.int64()),
    ]
)  # fmt: skip


def edge_history(database: Database, edges: pa.Table, *, kind: str, operation: str, activity: int) -> None:
    """Remember that references were added or removed; belongs into the transaction that does it."""
    rows = edges.num_rows
    database.ingest(
        "history",
        pa.table(
            {
                "activity": pa.repeat(pa.scalar(activity, pa.int64()), rows),
                "kind": pa.repeat(pa.scalar(kind), rows),
                "subject": edges["src"],
                "operation": pa.repeat(pa.scalar(operation), rows),
                "attr": edges["attr"],
                "dst": edges["dst"].cast(pa.string()),
            }
        ),
    )
