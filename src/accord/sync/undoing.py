"""The compensating plan: what takes back one run, told and guarded like any plan. Pure, as all decisions."""

from collections.abc import Iterable
from dataclasses import dataclass

from accord.model.frames import (
    AddedIdentities,
    GoneIdentities,
    IdentityEdges,
    Ids,
    Links,
    PendingEdges,
    PendingExports,
    PlanErrors,
    PlannedObjects,
    RemovedIdentities,
    UpdatedIdentities,
)
from accord.model.plan import Count, SyncPlan, Verdict
from accord.sync.limits import check_limits
from accord.sync.restoring import restore_identities
from accord.sync.returning import return_objects
from accord.sync.rewinding import Trace, rewind
from accord.sync.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUndo:
    """A compensating plan with its table of counts and the guard's verdict."""

    plan: SyncPlan
    counts: tuple[Count, ...]
    verdict: Verdict


def undo_sync(workspace: Workspace, trace: Trace) -> PlannedUndo:
    """Return the plan by which metaverse and links become what they were before a synchronisation."""
    _begin(workspace, trace)
    restore_identities(workspace, trace)
    return _end(workspace)


def undo_export(workspace: Workspace, trace: Trace) -> PlannedUndo:
    """Return the plan by which a target's objects are to become what they were before an export."""
    _begin(workspace, trace)
    return_objects(workspace, trace)
    return _end(workspace)


_RELATIONS = (
    "identity_change(id bigint, type varchar, doc varchar, origin bigint, before varchar, operation varchar)",
    "gone_back(id bigint, gone_since bigint)",
    "new_link(object_id bigint, identity_id bigint, rule varchar, how varchar)",
    "old_link(object_id bigint, identity_id bigint, rule varchar, how varchar)",
    "new_edge(src bigint, attr varchar, dst bigint)",
    "old_edge(src bigint, attr varchar, dst bigint)",
    "planned(id bigint, system varchar, type varchar, anchor varchar, dn varchar)",
    "unplanned(id bigint)",
    (
        "pending_put(object_id bigint, identity_id bigint, system varchar, type varchar, rule varchar, "
        "operation varchar, dn varchar, new_dn varchar, before varchar, after varchar, reason varchar)"
    ),
    "pending_removed(id bigint)",
    "pending_edge_put(object_id bigint, attr varchar, change varchar, dst_object bigint, dst_text varchar)",
    "pending_edge_dropped(object_id bigint, attr varchar, change varchar, dst_object bigint, dst_text varchar)",
)


def _begin(workspace: Workspace, trace: Trace) -> None:
    rewind(workspace, trace)
    for relation in _RELATIONS:
        workspace.engine.run(f"create table {relation}")


def _end(workspace: Workspace) -> PlannedUndo:
    # The names by which the guard knows them.
    for name, source in (
        ("wanted_export", "from pending_put"),
        ("wanted_edge", "from pending_edge_put"),
        ("ended", "select id, type from identity_change where operation = 'remove'"),
    ):
        workspace.engine.run(f"create view {name} as {source}")
    return PlannedUndo(plan=_read_plan(workspace), counts=tuple(_counts(workspace)), verdict=check_limits(workspace))


def _read_plan(workspace: Workspace) -> SyncPlan:
    frame = workspace.frame
    changed = "from identity_change where operation ="
    return SyncPlan(
        identities_added=AddedIdentities(frame(f"select id, type, doc, origin {changed} 'add' order by id")),
        identities_updated=UpdatedIdentities(
            frame(f"select id, type, doc, origin, before {changed} 'update' order by id")
        ),
        identities_removed=RemovedIdentities(frame(f"select id, type, before {changed} 'remove' order by id")),
        identities_gone=GoneIdentities(frame("from gone_back order by id")),
        identity_edges_added=IdentityEdges(frame("from new_edge order by all")),
        identity_edges_removed=IdentityEdges(frame("from old_edge order by all")),
        links_added=Links(frame("from new_link order by object_id")),
        links_removed=Links(frame("from old_link order by object_id")),
        objects_planned=PlannedObjects(frame("from planned order by id")),
        objects_unplanned=Ids(frame("from unplanned order by id")),
        pending_put=PendingExports(frame("from pending_put order by object_id")),
        pending_removed=Ids(frame("from pending_removed order by id")),
        pending_edges_put=PendingEdges(frame("from pending_edge_put order by all")),
        pending_edges_removed=PendingEdges(
            frame("from pending_edge_dropped except from pending_edge_put order by all")
        ),
        errors=PlanErrors(frame("from problem order by all")),
    )


_COUNTS = (
    ("metaverse", "select '' as system, type, operation, count(*) from identity_change group by all"),
    (
        "links",
        (
            "select coalesce(o.system, ''), coalesce(o.type, ''), l.operation, count(*) from "
            "(select object_id, 'restore' as operation from new_link "
            "union all select object_id, 'end' from old_link) l "
            "left join (select id, system, type from object union select id, system, type from planned) o on "
            "o.id = l.object_id "
            "group by all"
        ),
    ),
    ("export", "select system, type, operation, count(*) from pending_put group by all"),
    (
        "references",
        (
            "select p.system, p.type, e.change, count(*) from pending_edge_put e "
            "join pending_put p on p.object_id = e.object_id group by all"
        ),
    ),
    (
        "withdrawn",
        (
            "select p.system, p.type, p.operation, count(*) from pending_removed r "
            "join stored_pending p on p.object_id = r.id group by all"
        ),
    ),
    ("errors", "select coalesce(system, ''), coalesce(object_type, ''), code, count(*) from problem group by all"),
)


def _counts(workspace: Workspace) -> Iterable[Count]:
    for area, query in _COUNTS:
        for system, object_type, operation, count in sorted(workspace.engine.rows(query)):
            yield Count(area=area, system=system, object_type=object_type, operation=operation, count=count)
