"""Our activities in the contract's words: one table for every vocabulary in which the two differ."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from accord.api.moments import span_text
from accord.api.v1.activity_bodies import (
    ActivityOutcome,
    ActivitySort,
    ActivityStatus,
    InitiatorType,
    PhaseBody,
    PhaseStatus,
    RunStats,
    RunType,
    TargetOperation,
    TargetType,
)
from accord.operations.monitoring import ActivityOrder, ActivityState, Phase, Watched

STATUSES = {
    ActivityState.QUEUED: ActivityStatus.IN_PROGRESS,
    ActivityState.RUNNING: ActivityStatus.IN_PROGRESS,
    ActivityState.DONE: ActivityStatus.COMPLETE,
    ActivityState.DONE_WITH_ERRORS: ActivityStatus.COMPLETE_WITH_ERROR,
    ActivityState.FAILED: ActivityStatus.FAILED_WITH_ERROR,
    ActivityState.HELD: ActivityStatus.FAILED_WITH_ERROR,
    ActivityState.CANCELLED: ActivityStatus.CANCELLED,
}
RUN_TYPES = {
    "full-import": RunType.FULL_IMPORT, "delta-import": RunType.DELTA_IMPORT,
    "full-sync": RunType.FULL_SYNCHRONISATION, "delta-sync": RunType.DELTA_SYNCHRONISATION, "export": RunType.EXPORT,
}  # fmt: skip
_RUN_KINDS = ("import", "sync", "export")
_OPERATIONS = {
    "plan": TargetOperation.PREVIEW,
    "preview": TargetOperation.PREVIEW,
    "undo": TargetOperation.REVERT,
    "clear": TargetOperation.CLEAR,
}
_PHASES = {
    "read": ("import.fetch", "Reading"), "compare": ("import.process", "Comparing"),
    "load": ("sync.prepare", "Loading"), "plan": ("sync.process", "Deciding"),
    "export": ("export.execute", "Exporting"),
}  # fmt: skip
_COMMITS = {RunType.FULL_IMPORT: "import.save", RunType.DELTA_IMPORT: "import.save"}

# Where each of our counts (area, operation) is counted in the contract.
_COUNTED = {
    ("connector space", "add"): "total_cso_adds",
    ("connector space", "update"): "total_cso_updates",
    ("connector space", "remove"): "total_cso_deletes",
    ("links", "project"): "total_projections",
    ("links", "join"): "total_joins",
    ("links", "provision"): "total_provisioned",
    ("links", "projected"): "total_projections",
    ("links", "joined"): "total_joins",
    ("links", "provisioned"): "total_provisioned",
    ("links", "remove"): "total_disconnections",
    ("metaverse", "add"): "total_created",
    ("metaverse", "update"): "total_attribute_flows",
    ("exports", "confirm"): "total_pending_exports_confirmed",
    ("exports", "not_confirmed"): "total_pending_exports_retrying",
}
_OUTCOMES = {
    ActivityOutcome.ADDED: "total_cso_adds", ActivityOutcome.UPDATED: "total_cso_updates",
    ActivityOutcome.DELETED: "total_cso_deletes", ActivityOutcome.PROJECTED: "total_projections",
    ActivityOutcome.JOINED: "total_joins", ActivityOutcome.ATTRIBUTE_FLOWS: "total_attribute_flows",
    ActivityOutcome.DISCONNECTED: "total_disconnections", ActivityOutcome.PROVISIONED: "total_provisioned",
    ActivityOutcome.DRIFT_CORRECTIONS: "total_drift_corrections", ActivityOutcome.EXPORTED: "total_exported",
    ActivityOutcome.CREATED: "total_created", ActivityOutcome.PENDING_EXPORTS: "total_pending_exports",
    ActivityOutcome.ERRORS: "total_object_errors",
}  # fmt: skip
_DEPROVISIONED = ("exported", "delete")
ORDERS = {
    ActivitySort.CREATED: ActivityOrder.CREATED, ActivitySort.EXECUTED: ActivityOrder.STARTED,
    ActivitySort.STATUS: ActivityOrder.STATE, ActivitySort.TARGET_TYPE: ActivityOrder.KIND,
    ActivitySort.TARGET_OPERATION: ActivityOrder.KIND, ActivitySort.TARGET_NAME: ActivityOrder.PROFILE,
    ActivitySort.TARGET_CONTEXT: ActivityOrder.SYSTEM, ActivitySort.INITIATED_BY: ActivityOrder.ACTOR,
    ActivitySort.MESSAGE: ActivityOrder.MESSAGE,
}  # fmt: skip
_COUNTED_BY_AREA = {
    "export": "total_pending_exports",
    "exported": "total_exported",
    "export failed": "total_pending_exports_failed",
    "export unknown": "total_pending_exports_retrying",
    "errors": "total_object_errors",
}


def run_type_of(watched: Watched) -> RunType | None:
    """Return what kind of run profile it runs, None when it runs none."""
    work = str(watched.parameters.get("work") or watched.profile)
    return RUN_TYPES.get(work) if watched.kind in _RUN_KINDS else None


def kinds_of(targets: Sequence[TargetType], operations: Sequence[TargetOperation]) -> tuple[str, ...]:
    """Return the kinds of activities that are about these targets and do these things, empty for all kinds.

    Kinds that are known to be about something else are left out; `none` stands for no kind at all.
    """
    if not targets and not operations:
        return ()
    runs = dict.fromkeys(_RUN_KINDS, TargetType.RUN_PROFILE)
    others = dict.fromkeys(("apply", "plan", "undo", "cycle"), TargetType.SYSTEM)
    chosen = [
        kind
        for kind, target in {**runs, **others}.items()
        if (not targets or target in targets)
        and (not operations or _OPERATIONS.get(kind, TargetOperation.EXECUTE) in operations)
    ]
    return tuple(chosen) or ("none",)


def counted_as(outcomes: Sequence[ActivityOutcome]) -> tuple[tuple[str, str], ...]:
    """Return the areas and operations in which what became of objects so is counted; empty for no outcome.

    What is never counted here is counted nowhere, which finds nothing.
    """
    names = {_OUTCOMES.get(outcome) for outcome in outcomes}
    counted = [pair for pair, name in _COUNTED.items() if name in names]
    counted += [(area, "*") for area, name in _COUNTED_BY_AREA.items() if name in names]
    if ActivityOutcome.DEPROVISIONED in outcomes:
        counted.append(_DEPROVISIONED)
    return tuple(counted) or (("none", "none"),) if outcomes else ()


def target_of(watched: Watched) -> tuple[TargetType, TargetOperation]:
    """Return what it is about, and what it does."""
    operation = _OPERATIONS.get(watched.kind, TargetOperation.EXECUTE)
    if run_type_of(watched) is not None:
        return TargetType.RUN_PROFILE, operation
    return (TargetType.CONNECTED_SYSTEM if watched.system else TargetType.SYSTEM), operation


def initiator_of(actor: str) -> tuple[InitiatorType, str]:
    """Return what began it, and its name."""
    kind, colon, name = actor.partition(":")
    if colon and kind == "key":
        return InitiatorType.API_KEY, name
    if colon and kind in ("system", "schedule"):
        return InitiatorType.SYSTEM, name
    return InitiatorType.USER, actor


def phases_of(watched: Watched, *, now: datetime) -> list[PhaseBody]:
    """Return the phases, in order."""
    return [_phase(watched, phase, order, now) for order, phase in enumerate(watched.phases, start=1)]


def current_phase(phases: list[PhaseBody]) -> PhaseBody | None:
    """Return the phase that is being worked on, None when none is."""
    return next((phase for phase in reversed(phases) if phase.status is PhaseStatus.ACTIVE), None)


def stats_of(watched: Watched) -> RunStats:
    """Return the counters of a run."""
    totals: dict[str, int] = {}
    types = set()
    for count in watched.counts:
        if count.object_type:
            types.add((count.system, count.object_type))
        name = _COUNTED.get((count.area, count.operation)) or _COUNTED_BY_AREA.get(count.area)
        if name is not None:
            totals[name] = totals.get(name, 0) + count.count
        if (count.area, count.operation) == _DEPROVISIONED:
            totals["total_deprovisioned"] = totals.get("total_deprovisioned", 0) + count.count
    changed = sum(n for name, n in totals.items() if name != "total_object_errors")
    processed, _ = processed_of(watched)
    is_import = run_type_of(watched) in _COMMITS
    touched = sum(totals.get(name, 0) for name in ("total_cso_adds", "total_cso_updates", "total_object_errors"))
    return RunStats.model_validate(
        {
            "total_objects_processed": processed,
            "total_object_change_count": changed,
            "total_unchanged": max(0, processed - touched) if is_import else 0,
            "total_object_types": len(types),
            **totals,
        }
    )


def processed_of(watched: Watched) -> tuple[int, int]:
    """Return how many objects are done, and of how many: of the present phase, at the end of the one that had most."""
    if not watched.phases:
        return 0, 0
    if watched.is_over:
        most = max(watched.phases, key=lambda phase: phase.done)
        return most.done, max(most.total, most.done)
    present = watched.phases[-1]
    return present.done, present.total


def lasted(watched: Watched, since: str, *, now: datetime) -> str | None:
    """Return how long it has been since then, or was when it ended."""
    if not since:
        return None
    end = datetime.fromisoformat(watched.ended_at) if watched.ended_at else now
    return span_text(max(timedelta(0), end - datetime.fromisoformat(since)))


def _phase(watched: Watched, phase: Phase, order: int, now: datetime) -> PhaseBody:
    key, name = _PHASES.get(phase.name, (phase.name, phase.name.capitalize()))
    if phase.name == "commit":
        run_type = run_type_of(watched)
        key, name = (_COMMITS.get(run_type, "sync.save") if run_type else "sync.save"), "Saving"
    end = datetime.fromisoformat(phase.ended_at or watched.ended_at) if phase.ended_at or watched.ended_at else now
    took = (end - datetime.fromisoformat(phase.started_at)).total_seconds()
    status = PhaseStatus.ACTIVE
    if phase.ended_at:
        status = PhaseStatus.COMPLETED
    elif watched.is_over:
        status = PhaseStatus.FAILED
    return PhaseBody(
        key=key, name=name, order=order, status=status, started=phase.started_at, ended=phase.ended_at or None,
        duration_seconds=round(max(0.0, took), 3), objects_processed=phase.done, objects_to_process=phase.total,
    )  # fmt: skip
