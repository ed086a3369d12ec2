"""Undoing one run: a compensating plan is made of the history, guarded and kept; applying it is another run."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from accord.connectors.registry import connector_kind
from accord.model.errors import UsageError
from accord.model.frames import PendingEdges
from accord.model.plan import PlanHeader, PlanKind, PlanState
from accord.runs.context import Context, Recorder, RunResult, recorded
from accord.runs.loading import read_versions
from accord.store.activities import Activity, ActivityState
from accord.sync.compiling import compile_rules
from accord.sync.rewinding import Choice, Trace
from accord.sync.undoing import PlannedUndo, undo_export, undo_sync
from accord.sync.workspace import NextIds, Workspace

_IMPORT = "an import cannot be undone: the source says what it says"
AGAIN = "a later synchronisation wants the same again as long as rules and sources are what they are"


def run_undo(context: Context, activity_id: int, choice: Choice | None = None) -> RunResult:
    """Plan what takes back a synchronisation, an applied plan or an export, and keep the plan; nothing else changes.

    Raises UsageError when the run is of another kind, goes on still, or left nothing to undo. What was changed again
    since is not overwritten: it is an error of the plan. A plan that breaks a limit is kept as held.
    """
    undone = context.store.activities.read(activity_id)
    _require_undoable(context, undone)
    with recorded(context, "undo", profile="undo", reason=f"undo of A{undone.id}") as run:
        versions = read_versions(context)
        planned = _plan(context, run, undone, choice or Choice())
        if planned.plan.is_empty and not len(planned.plan.errors):
            raise UsageError(
                f"nothing of what A{undone.id} did is left to undo",
                remedy=f"see what it did: accord show A{undone.id}; name another object or attribute if you named one",
            )
        header = _header(context, run, versions, planned)
        run.phase("keep")
        context.store.plans.save_plan(header, planned.plan)
        activity = run.finish(
            ActivityState.DONE, message=f"undoes A{undone.id}; {AGAIN}", counts=planned.counts, plan_id=header.id
        )
    return RunResult(
        activity=activity,
        counts=planned.counts,
        errors=len(planned.plan.errors),
        plan_id=header.id,
        breaches=planned.verdict.breaches,
    )


def _require_undoable(context: Context, undone: Activity) -> None:
    name = f"A{undone.id}"
    if undone.state in (ActivityState.RUNNING, ActivityState.QUEUED):
        raise UsageError(f"{name} has not ended yet", remedy="wait for it, or cancel it")
    if undone.kind == "import" or (undone.kind == "apply" and _is_import(context, undone)):
        raise UsageError(
            f"{name}: {_IMPORT}", remedy="correct the source and import again; undo the synchronisation that followed"
        )
    if undone.kind not in ("sync", "apply", "export"):
        made = f", it only made plan {undone.plan_id}" if undone.plan_id else ""
        raise UsageError(
            f"{name} ({undone.kind}) changed nothing{made}",
            remedy="name a synchronisation, an applied plan or an export: accord activities",
        )
    if undone.kind == "export" and undone.system not in context.rules.systems:
        raise UsageError(
            f"{name} exported to {undone.system}, which is no longer declared", remedy="declare the system again"
        )


def _header(context: Context, run: Recorder, versions: Mapping[str, int], planned: PlannedUndo) -> PlanHeader:
    return PlanHeader(
        id=f"P{run.id}",
        kind=PlanKind.SYNC,
        state=PlanState.HELD if planned.verdict.is_held else PlanState.READY,
        system="",
        created_at=context.clock().isoformat(),
        created_by=context.actor,
        digest="",
        rules_digest=context.rules.digest,
        versions=dict(versions),
        counts=planned.counts,
        verdict=planned.verdict,
    )


def _is_import(context: Context, undone: Activity) -> bool:
    if not undone.plan_id:
        return False
    return context.store.plans.read_header(undone.plan_id).kind is PlanKind.IMPORT


def _plan(context: Context, run: Recorder, undone: Activity, choice: Choice) -> PlannedUndo:
    run.phase("load")
    trace = _trace(context, undone, choice)
    compiled = compile_rules(context.rules)
    with context.engine() as engine:
        ids = NextIds(
            object_id=context.store.connector_space.next_object_id(),
            identity_id=context.store.metaverse.next_identity_id(),
        )
        workspace = Workspace(engine, compiled, now=context.clock(), next_ids=ids)
        _load(context, workspace)
        run.phase("plan")
        return undo_export(workspace, trace) if undone.kind == "export" else undo_sync(workspace, trace)


def _trace(context: Context, undone: Activity, choice: Choice) -> Trace:
    store = context.store
    changes, made = store.history.changes_from(undone.id), store.history.made_by(undone.id)
    subjects = {k: changes["subject"].filter(pc.is_in(changes["kind"], pa.array(kinds))) for k, kinds in _KINDS.items()}
    identities = pa.chunked_array([*subjects["identity"].chunks, *made.identities["id"].chunks], pa.int64())
    return Trace(
        activity=undone.id,
        changes=changes,
        made_identities=made.identities,
        made_links=made.links,
        made_objects=made.objects,
        waiting=store.history.planned_by(),
        identities=store.metaverse.read_identities_by_id(identities.unique()),
        objects=store.connector_space.read_objects_by_id(subjects["object"].unique()),
        assigning=frozenset(
            s.name for s in context.rules.systems.values() if connector_kind(s.connector).capabilities.assigns_anchor
        ),
        choice=choice,
    )


_KINDS = {"identity": ["identity", "identity_edge"], "object": ["object", "edge"]}
"""Kinds of history by whose identity or object they tell of."""


def _load(context: Context, workspace: Workspace) -> None:
    """Load names and references of everything, and no values: those of what the run touched are in its trace."""
    store = context.store
    for system in context.rules.systems.values():
        keys = store.connector_space.read_keys(system.name).table
        key_of = {t.name: t.has_dn for t in system.object_types.values()}
        has_dn = pc.is_in(keys["type"], pa.array([name for name, has in key_of.items() if has], pa.string()))
        table = pa.table(
            {
                "id": keys["id"],
                "system": pa.repeat(pa.scalar(system.name), keys.num_rows),
                "type": keys["type"],
                "anchor": keys["anchor"],
                "dn": keys["dn"],
                "key": pc.if_else(has_dn, pc.utf8_lower(keys["dn"]), keys["anchor"]),
                "is_planned": pc.is_null(keys["hash"]),
            }
        )
        workspace.engine.load("object", table)
    workspace.add_edges(store.connector_space.read_all_edges())
    workspace.engine.load("stored_identity", store.metaverse.read_identities().table.drop_columns(["doc"]))
    workspace.add_links(store.metaverse.read_links())
    workspace.add_identity_edges(store.metaverse.read_identity_edges())
    pending = store.pending.read_pending().table
    workspace.engine.load("stored_pending", pending.drop_columns(["attempts", "due_at", "code", "message"]))
    edges = store.pending.read_pending_edges().table
    workspace.add_pending_edges(PendingEdges(edges.select(PendingEdges.SCHEMA.names)))
