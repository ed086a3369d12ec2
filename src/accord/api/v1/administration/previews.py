"""Previews: what a change of the configuration would do to everybody, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.api.pages import Page, Paged, Paging
from accord.api.shapes import Shape
from accord.config.places import FileKind
from accord.operations.administration import mappings, matching, previews, rules, scope_proposals, types
from accord.operations.administration.desk import CAMEL
from accord.operations.administration.mapping_views import MappingChange, NewMapping
from accord.operations.administration.matching_views import NewMatch
from accord.operations.administration.scoping_views import ProposedGroup
from accord.operations.monitoring import ActivityState
from accord.operations.plan_browsing import KindCount, Shelf, Wanted

router = APIRouter(prefix="/api/v1", tags=["Previews"])

_RULE = "/synchronisation/sync-rules/{rule_id}"


class Stage(StrEnum):
    """How far one stage of a preview is."""

    NOT_STARTED = "NotStarted"
    IN_PROGRESS = "InProgress"
    COMPLETE = "Complete"
    FAILED = "Failed"
    NOT_APPLICABLE = "NotApplicable"
    CANCELLED = "Cancelled"


class PreviewStart(Shape):
    """A preview that was begun: read it by its activity."""

    activity_id: str
    validation_findings: list[str]
    is_blocked: bool
    failed: bool
    estimated_affected_objects: int | None = None
    estimated_delta_rows: int | None = None


class ImpactCount(Shape):
    """How many objects of one kind one operation touches."""

    area: str
    transition_type: str
    connected_system_name: str | None
    object_type_name: str
    count: int


class PreviewGroup(Shape):
    """Objects to which the same happens."""

    id: str
    transition_type: str
    metaverse_object_type_name: str | None
    connected_system_name: str | None
    attribute_name: str | None = None
    old_value: str | None = None
    new_value: str | None = None
    pattern_key: str | None = None
    object_count: int
    deltas_sampled: int


class PreviewBody(Shape):
    """A preview as it is now. `planId` is the plan it computed, which may be looked at as any plan."""

    activity_id: str
    validation_status: Stage
    impact_counts_status: Stage
    summary_status: Stage
    deltas_status: Stage
    is_complete: bool
    has_failed: bool
    message: str | None
    impact_counts: list[ImpactCount]
    groups: list[PreviewGroup]
    staleness_baseline: str | None
    plan_id: str | None


class PreviewDelta(Shape):
    """One attribute of one object that would change; without attribute: the object itself."""

    group_id: str
    transition_type: str
    object_name: str
    object_type_name: str
    connected_system_name: str | None
    attribute_name: str | None
    old_value: str | None
    new_value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPreview:
    """One change of a rule's flows: a new mapping, a change of one, or the removal of one."""

    __pydantic_config__ = CAMEL
    mapping_id: int | None = None
    new: NewMapping | None = None
    change: MappingChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePreview:
    """The whole scope of a rule as it would be: everybody whom one of the groups takes."""

    __pydantic_config__ = CAMEL
    groups: Sequence[ProposedGroup] = field(default_factory=tuple)


@router.post(f"{_RULE}/behaviour/preview", status_code=202)
def preview_rule_behaviour(door: AsAdministrator, rule_id: int, body: rules.RuleChange) -> PreviewStart:
    """Preview a change of a rule."""
    return _started(door, f"rule {rule_id}", lambda desk: rules.change_rule(desk, rule_id, body))


@router.post(f"{_RULE}/destructive-toggles/preview", status_code=202)
def preview_rule_toggles(door: AsAdministrator, rule_id: int, body: rules.RuleChange) -> PreviewStart:
    """Preview a change of a rule that takes something away, such as disabling it."""
    return _started(door, f"rule {rule_id}", lambda desk: rules.change_rule(desk, rule_id, body))


@router.post(f"{_RULE}/scoping-criteria/preview", status_code=202)
def preview_scope(door: AsAdministrator, rule_id: int, body: ScopePreview) -> PreviewStart:
    """Preview another scope of a rule."""
    return _started(door, f"rule {rule_id}", lambda desk: scope_proposals.propose_scope(desk, rule_id, body.groups))


@router.post(f"{_RULE}/mappings/preview", status_code=202)
def preview_mapping(door: AsAdministrator, rule_id: int, body: MappingPreview) -> PreviewStart:
    """Preview one change of a rule's flows. A mapping that is named, without a change of it, would be removed."""
    number, new, change = body.mapping_id, body.new, body.change
    if number is None:
        return _started(door, f"rule {rule_id}", lambda desk: mappings.add_mapping(desk, rule_id, new or NewMapping()))
    if change is None:
        return _started(door, f"rule {rule_id}", lambda desk: mappings.remove_mapping(desk, rule_id, number, None))
    return _started(door, f"rule {rule_id}", lambda desk: mappings.change_mapping(desk, rule_id, number, change))


@router.post("/synchronisation/connected-systems/{system_id}/matching-rules/preview", status_code=202)
def preview_matching_rule(door: AsAdministrator, system_id: int, body: NewMatch) -> PreviewStart:
    """Preview another matching rule of a system."""
    return _started(
        door, f"system {system_id}", lambda desk: matching.add_match(desk, FileKind.SYSTEM, system_id, body)
    )


@router.post("/metaverse/object-types/{type_id}/deletion-settings/preview", status_code=202)
def preview_deletion_settings(door: AsAdministrator, type_id: int, body: types.TypeTerms) -> PreviewStart:
    """Preview when identities of a type would end."""
    return _started(door, f"type {type_id}", lambda desk: types.change_type(desk, type_id, body))


@router.get("/previews/{activity_id}")
def read_preview(door: AsReader, request: Request, activity_id: str) -> PreviewBody:
    """Return a preview as far as it is: complete once its plan is computed."""
    with door.reading() as context:
        activity = previews.find_preview(context, activity_id)
        kinds = _shelf(request).kinds(context, activity.plan_id) if activity.plan_id else ()
    stage = _STAGES[activity.state]
    return PreviewBody(
        activity_id=activity.guid,
        validation_status=Stage.FAILED if stage is Stage.FAILED and not activity.task else Stage.COMPLETE,
        impact_counts_status=stage, summary_status=stage, deltas_status=stage,
        is_complete=stage is Stage.COMPLETE, has_failed=stage is Stage.FAILED, message=activity.message or None,
        impact_counts=[_impact(kind) for kind in kinds],
        groups=[_group(number, kind) for number, kind in enumerate(kinds)],
        staleness_baseline=activity.ended_at or None, plan_id=activity.plan_id or None,
    )  # fmt: skip


@router.get("/previews/{activity_id}/deltas")
def list_preview_deltas(
    door: AsReader,
    request: Request,
    paging: Paged,
    activity_id: str,
    group_id: Annotated[str | None, Query(alias="groupId", pattern=r"^g[0-9]{1,6}$")] = None,
) -> Page[PreviewDelta]:
    """List what would change, object by object, riskiest first."""
    with door.reading() as context:
        activity = previews.find_preview(context, activity_id)
        if not activity.plan_id:
            return paging.cut([])
        shelf = _shelf(request)
        kinds = shelf.kinds(context, activity.plan_id)
        chosen = [kind for number, kind in enumerate(kinds) if group_id in (None, f"g{number}")]
        if not chosen:
            return paging.cut([])
        wanted = _wanted(chosen[0] if group_id else None, paging)
        found = shelf.page(context, activity.plan_id, wanted, after=paging.first_row, limit=paging.page_size)
    numbers = {(k.area, k.system, k.object_type, k.operation): f"g{n}" for n, k in enumerate(kinds)}
    shown = paging.first_row + len(found.changes) + (found.next is not None)
    return paging.page_of(
        [
            PreviewDelta(
                group_id=numbers[change.area, change.system, change.object_type, change.operation],
                transition_type=change.operation, object_name=change.name, object_type_name=change.object_type,
                connected_system_name=change.system or None, attribute_name=value.name if value else None,
                old_value="; ".join(value.before) or None if value else None,
                new_value="; ".join(value.after) or None if value else None,
            )
            for change in found.changes
            for value in (change.changes or (None,))
        ],
        shown if found.total is None else found.total,
    )  # fmt: skip


@router.delete("/previews/{activity_id}", status_code=204, response_class=Response)
def cancel_preview(door: AsAdministrator, activity_id: str) -> None:
    """Cancel a preview that goes on; forget one that is complete."""
    with door.writing() as context:
        previews.forget_preview(context, activity_id)


_STAGES = {
    ActivityState.QUEUED: Stage.NOT_STARTED, ActivityState.RUNNING: Stage.IN_PROGRESS,
    ActivityState.DONE: Stage.COMPLETE, ActivityState.DONE_WITH_ERRORS: Stage.COMPLETE,
    ActivityState.FAILED: Stage.FAILED, ActivityState.HELD: Stage.FAILED, ActivityState.CANCELLED: Stage.CANCELLED,
}  # fmt: skip


def _started(door: Door, subject: str, change: previews.Change) -> PreviewStart:
    with door.writing() as context:
        started = previews.start_preview(context, subject, change)
    return PreviewStart(
        activity_id=started.activity,
        validation_findings=list(started.findings),
        is_blocked=started.is_blocked,
        failed=False,
    )


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _wanted(kind: KindCount | None, paging: Paging) -> Wanted:
    if kind is None:
        return Wanted(text=paging.filter or "")
    return Wanted(
        area=kind.area, system=kind.system, object_type=kind.object_type, operation=kind.operation,
        text=paging.filter or "",
    )  # fmt: skip


def _impact(kind: KindCount) -> ImpactCount:
    return ImpactCount(
        area=kind.area, transition_type=kind.operation, connected_system_name=kind.system or None,
        object_type_name=kind.object_type, count=kind.count,
    )  # fmt: skip


def _group(number: int, kind: KindCount) -> PreviewGroup:
    is_identity = kind.area == "metaverse"
    return PreviewGroup(
        id=f"g{number}", transition_type=kind.operation,
        metaverse_object_type_name=kind.object_type if is_identity else None,
        connected_system_name=kind.system or None, object_count=kind.count, deltas_sampled=kind.count,
    )  # fmt: skip
