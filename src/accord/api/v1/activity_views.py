"""Bodies of activities, made from what is watched."""

from collections.abc import Mapping
from datetime import datetime

from accord.api.moments import moment_text
from accord.api.v1.activity_bodies import (
    ActivityDetail,
    ActivityHeader,
    ActivityProgress,
    ActivityStatus,
    CountBody,
    ItemBody,
)
from accord.api.v1.activity_words import (
    STATUSES,
    current_phase,
    initiator_of,
    lasted,
    phases_of,
    processed_of,
    run_type_of,
    stats_of,
    target_of,
)
from accord.operations.monitoring import Item, Watched, elapsed_s

_CHANGES = {
    "create": "Exported", "update": "Exported", "rename": "Exported", "delete": "Deprovisioned", "disable": "Exported",
}  # fmt: skip
_ERROR_TYPES = {
    "JOIN_AMBIGUOUS": "AmbiguousMatch", "JOIN_TAKEN": "CouldNotJoinDueToExistingJoin",
    "JOIN_CONTESTED": "CouldNotJoinDueToExistingJoin", "DUPLICATE_ANCHOR": "DuplicateObject",
    "HASH_DISAGREED": "ImportHashVerificationFailed",
    "MISSING_ANCHOR": "MissingExternalIdAttributeValue", "REFERENCE_UNRESOLVED": "UnresolvedReference",
    "NOT_CONFIRMED": "ExportNotConfirmed", "UNPARSEABLE_VALUE": "ImportAttributeValueError",
    "MORE_THAN_ONE_VALUE": "MultiValuedToSingleValued", "FLOW_FAILED": "ExpressionEvaluationError",
    "SCOPE_FAILED": "ExpressionEvaluationError", "JOIN_FAILED": "ExpressionEvaluationError",
    "NAME_FAILED": "ExpressionEvaluationError",
}  # fmt: skip


def header_of(watched: Watched, *, children: int, initiators: Mapping[str, str], now: datetime) -> ActivityHeader:
    """Return an activity as it is listed; `initiators` are the ids of who began it, by actor."""
    stats = stats_of(watched)
    return ActivityHeader.model_validate(
        {
            **_initiated(watched, initiators, now),
            "total_added": stats.total_cso_adds,
            "total_updated": stats.total_cso_updates,
            "total_deleted": stats.total_cso_deletes,
            "total_projected": stats.total_projections,
            "total_joined": stats.total_joins,
            "total_attribute_flows": stats.total_attribute_flows,
            "total_disconnected": stats.total_disconnections,
            "total_disconnected_out_of_scope": stats.total_disconnected_out_of_scope,
            "total_out_of_scope_retain_join": stats.total_out_of_scope_retain_join,
            "total_drift_corrections": stats.total_drift_corrections,
            "total_provisioned": stats.total_provisioned,
            "total_exported": stats.total_exported,
            "total_deprovisioned": stats.total_deprovisioned,
            "total_created": stats.total_created,
            "total_pending_exports": stats.total_pending_exports,
            "total_errors": stats.total_object_errors,
            "child_activity_count": children,
        }
    )


def detail_of(
    watched: Watched, *, system_id: int | None, profile_id: int | None, initiators: Mapping[str, str], now: datetime
) -> ActivityDetail:
    """Return an activity with phases and counters; `initiators` are the ids of who began it, by actor."""
    status = STATUSES[watched.state]
    has_failed = status is ActivityStatus.FAILED_WITH_ERROR
    is_warning = status is ActivityStatus.COMPLETE_WITH_WARNING
    return ActivityDetail.model_validate(
        {
            **_initiated(watched, initiators, now),
            "parent_activity_id": watched.parent or None,
            "warning_message": watched.message if is_warning else None,
            "error_message": watched.message if has_failed else None,
            "connected_system_id": system_id,
            "connected_system_run_profile_id": profile_id,
            "execution_stats": stats_of(watched) if run_type_of(watched) is not None else None,
            "phases": phases_of(watched, now=now),
            "change_reason": watched.reason or None,
            "task_id": watched.task or None,
            "counts": [
                CountBody(area=c.area, system=c.system, object_type=c.object_type, operation=c.operation, count=c.count)
                for c in watched.counts
            ],
        }
    )


def progress_of(watched: Watched, *, waits: str, now: datetime) -> ActivityProgress:
    """Return how far an activity is. What is not known is not guessed: no percentage without a total."""
    done, total = processed_of(watched)
    phases = phases_of(watched, now=now)
    present = current_phase(phases)
    rate = watched.phases[-1].rate_per_s if watched.phases and not watched.is_over else 0.0
    elapsed = elapsed_s(watched, now=now)
    if watched.is_over and elapsed > 0 and done:
        rate = done / elapsed
    percent = 100.0 if watched.is_over else round(min(99.9, done * 100 / total), 1) if total else None
    return ActivityProgress(
        id=watched.guid,
        status=STATUSES[watched.state],
        message=waits or watched.message or None,
        objects_processed=done,
        objects_to_process=total,
        percent_complete=percent,
        elapsed_seconds=round(elapsed, 3),
        objects_per_second=round(rate, 1) if rate > 0 else None,
        estimated_seconds_remaining=round((total - done) / rate, 1)
        if rate > 0 and total > done and not watched.is_over
        else None,
        target_type=target_of(watched)[0],
        run_type=run_type_of(watched),
        operation_counts=_operation_counts(watched),
        total_errors=stats_of(watched).total_object_errors,
        retrieved_at=moment_text(now),
        phases=phases,
        current_phase=present,
        current_phase_number=present.order if present else None,
        total_phases=len(phases),
        state=watched.state.value,
    )


def item_body(watched: Watched, item: Item) -> ItemBody:
    """Return one object of an activity."""
    is_error = item.outcome not in (None, "done")
    operation = (item.operation or "").split(" ")[0]
    code = item.code or ""
    return ItemBody(
        id=f"{watched.guid}/{item.seq}",
        external_id_value=item.anchor,
        display_name=item.at,
        connected_system_object_type=item.object_type,
        object_change_type=_CHANGES.get(operation, "NotSet"),
        error_type=(_ERROR_TYPES.get(code, "UnhandledError") if is_error else "NotSet"),
        outcome_summary=" ".join(word for word in (item.operation, item.outcome) if word) or None,
        outcome=item.outcome,
        operation=item.operation,
        error_code=code or None,
        error_message=item.message,
        remedy=item.remedy or None,
        attribute=item.attribute,
    )


def _initiated(watched: Watched, initiators: Mapping[str, str], now: datetime) -> dict[str, object]:
    done, total = processed_of(watched)
    target_type, operation = target_of(watched)
    initiator, name = initiator_of(watched.actor)
    created = watched.queued_at or watched.started_at
    return {
        "id": watched.guid,
        "created": created,
        "executed": watched.started_at or None,
        "status": STATUSES[watched.state],
        "target_type": target_type,
        "target_operation_type": operation,
        "target_name": watched.profile or watched.kind,
        "target_context": watched.system or None,
        "message": watched.message or None,
        "initiated_by_type": initiator,
        "initiated_by_id": initiators.get(watched.actor),
        "initiated_by_name": name,
        "objects_to_process": total,
        "objects_processed": done,
        "execution_time": lasted(watched, watched.started_at, now=now),
        "total_activity_time": lasted(watched, created, now=now),
        "connected_system_run_type": run_type_of(watched),
        "schedule_execution_id": watched.parent if watched.schedule else None,
        "schedule_step_index": watched.step,
        "scheduled_by_schedule_id": watched.schedule_guid or None,
        "scheduled_by_schedule_name": watched.schedule or None,
        "name": watched.name,
        "state": watched.state.value,
        "plan_id": watched.plan or None,
    }


def _operation_counts(watched: Watched) -> dict[str, int]:
    counts: dict[str, int] = {}
    for count in watched.counts:
        name = f"{count.area}: {count.operation}"
        counts[name] = counts.get(name, 0) + count.count
    return counts
