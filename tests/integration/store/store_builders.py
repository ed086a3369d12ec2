"""Plans and frames in a line each."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from accord.model.frames import (
    AddedIdentities,
    AddedObjects,
    Frame,
    IdentityEdges,
    Ids,
    Links,
    PendingEdges,
    PendingExports,
    PlannedObjects,
    RemovedIdentities,
    RemovedObjects,
    StagedEdges,
    UpdatedIdentities,
    UpdatedObjects,
)
from accord.model.plan import ImportPlan, PlanHeader, PlanKind, PlanState, SyncPlan, Verdict
from accord.store import Store
from accord.store.activities import NewActivity
from accord.store.export_frames import ExportResults, JournalEntries, NotConfirmed, SentEdges

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
"""Every test of the store runs on both databases."""

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def frame(kind: type[Frame], *rows: dict) -> Frame:
    """Return a frame; columns not given are null."""
    unknown = {name for row in rows for name in row} - set(kind.SCHEMA.names)
    assert not unknown, unknown
    return kind(pa.Table.from_pylist(list(rows), schema=kind.SCHEMA))


def rows(kind: Frame | pa.Table) -> list[dict]:
    """Return the rows in order of their first column."""
    table = kind if isinstance(kind, pa.Table) else kind.table
    return table.sort_by([(name, "ascending") for name in table.schema.names[:1]]).to_pylist()


def begin(store: Store, kind: str = "test") -> int:
    return store.activities.begin(NewActivity(kind=kind, actor="tester"), now=NOW).id


def add(id_: int, doc: str | None = "{}", *, anchor: str | None = None, dn: str | None = None, **more) -> dict:
    return {"id": id_, "type": "person", "anchor": anchor or f"a{id_}", "dn": dn, "hash": 1, "doc": doc, **more}


def import_plan(
    system: str = "hr",
    *,
    added: Sequence[dict] = (),
    updated: Sequence[dict] = (),
    removed: Sequence[dict] = (),
    edges_added: Sequence[tuple] = (),
    edges_removed: Sequence[tuple] = (),
) -> ImportPlan:
    return ImportPlan(
        system=system,
        added=frame(AddedObjects, *added),
        updated=frame(UpdatedObjects, *updated),
        removed=frame(RemovedObjects, *removed),
        edges_added=frame(StagedEdges, *(dict(zip(("src", "attr", "dst"), e, strict=True)) for e in edges_added)),
        edges_removed=frame(StagedEdges, *(dict(zip(("src", "attr", "dst"), e, strict=True)) for e in edges_removed)),
    )


def commit_import(store: Store, system: str = "hr", *, activity: int | None = None, **changes) -> int:
    """Commit an import in an activity of its own, whatever the versions; return the activity."""
    activity = activity or begin(store, "import")
    store.connector_space.commit_import(import_plan(system, **changes), activity=activity, versions={})
    return activity


def person(id_: int, doc: str = "{}", **more) -> dict:
    return {"id": id_, "type": "person", "doc": doc, "origin": 1, **more}


def link(object_id: int, identity_id: int) -> dict:
    return {"object_id": object_id, "identity_id": identity_id, "rule": "hr-in", "how": "projected"}


def planned(id_: int, *, system: str = "ad", dn: str | None = None, anchor: str | None = None) -> dict:
    return {"id": id_, "system": system, "type": "user", "anchor": anchor, "dn": dn or f"CN=u{id_},DC=x"}


def export(object_id: int, operation: str = "update", *, system: str = "ad", **more) -> dict:
    base = {"object_id": object_id, "identity_id": 1, "system": system, "type": "user", "rule": "ad-out"}
    values = {"after": '{"mail":"new"}'} if operation in ("create", "update") else {}
    return {**base, "operation": operation, "dn": f"CN=u{object_id},DC=x", "reason": "", **values, **more}


def reference(
    object_id: int, dst_object: int | None = None, *, change: str = "add", dst_text: str | None = None
) -> dict:
    return {
        "object_id": object_id,
        "attr": "member",
        "change": change,
        "dst_object": dst_object,
        "dst_text": dst_text,
    }


_FRAMES = {
    "identities_added": AddedIdentities,
    "identities_updated": UpdatedIdentities,
    "identities_removed": RemovedIdentities,
    "identity_edges_added": IdentityEdges,
    "identity_edges_removed": IdentityEdges,
    "links_added": Links,
    "links_removed": Links,
    "objects_planned": PlannedObjects,
    "objects_unplanned": Ids,
    "pending_put": PendingExports,
    "pending_removed": Ids,
    "pending_edges_put": PendingEdges,
    "pending_edges_removed": PendingEdges,
}


def sync_plan(**changes: Sequence[dict]) -> SyncPlan:
    return SyncPlan(**{name: frame(_FRAMES[name], *given) for name, given in changes.items()})


def commit_sync(store: Store, **changes: Sequence[dict]) -> int:
    """Commit a synchronisation in an activity of its own, whatever the versions; return the activity."""
    activity = begin(store, "sync")
    store.plans.commit_sync([sync_plan(**changes)], activity=activity, versions={})
    return activity


def header(plan_id: str = "P1", *, state: PlanState = PlanState.READY, kind: PlanKind = PlanKind.SYNC) -> PlanHeader:
    return PlanHeader(
        id=plan_id,
        kind=kind,
        state=state,
        system="",
        created_at="2026-03-01T12:00:00.000000Z",
        created_by="tester",
        digest="",
        rules_digest="r1",
        versions={"metaverse": 0},
        counts=(),
        verdict=Verdict(),
    )


def result(object_id: int, operation: str, state: str = "done", **more) -> dict:
    base = {"object_id": object_id, "operation": operation, "state": state, "code": "", "message": ""}
    return {**base, "dn": f"CN=u{object_id},DC=x", "hash": 7, **more}


def record(store: Store, *results: dict, edges: Sequence[dict] = (), system: str = "ad") -> int:
    """Journal and record results in an activity of its own; return the activity."""
    activity = begin(store, "export")
    entries = [{"object_id": r["object_id"], "operation": r["operation"]} for r in results]
    store.pending.journal(system, frame(JournalEntries, *entries), activity=activity)
    store.pending.record(system, frame(ExportResults, *results), frame(SentEdges, *edges), activity=activity)
    return activity


def not_confirmed(*given: dict) -> NotConfirmed:
    return frame(NotConfirmed, *given)
