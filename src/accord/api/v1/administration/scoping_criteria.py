"""Scoping criteria of synchronisation rules."""

from fastapi import APIRouter, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import scoping as op
from accord.operations.administration.scoping_views import CriteriaGroupView, CriterionView, NewCriterion, NewGroup

router = APIRouter(
    prefix="/api/v1/synchronisation/sync-rules/{rule_id}/scoping-criteria", tags=["Synchronisation rules"]
)


@router.get("")
def list_scoping_groups(door: AsReader, rule_id: int) -> list[CriteriaGroupView]:
    """List the groups at the top, with everything in them; who is in one of them is in scope."""
    with looking(door) as desk:
        return op.list_groups(desk, rule_id)


@router.post("", status_code=201)
def create_scoping_group(door: AsAdministrator, rule_id: int, body: NewGroup) -> CriteriaGroupView:
    """Add a group at the top; with several, who is in one of them is in scope."""
    with changing(door) as desk:
        return op.add_group(desk, rule_id, body)


@router.get("/{group_id}")
def read_scoping_group(door: AsReader, rule_id: int, group_id: int) -> CriteriaGroupView:
    """Return one group."""
    with looking(door) as desk:
        return op.read_group(desk, rule_id, group_id)


@router.put("/{group_id}")
def change_scoping_group(door: AsAdministrator, rule_id: int, group_id: int, body: NewGroup) -> CriteriaGroupView:
    """Let a group want all or any of its members."""
    with changing(door) as desk:
        return op.change_group(desk, rule_id, group_id, body)


@router.delete("/{group_id}", status_code=204, response_class=Response)
def remove_scoping_group(door: AsAdministrator, rule_id: int, group_id: int, reason: Reason = None) -> None:
    """Remove a group with everything in it."""
    with changing(door) as desk:
        op.remove_member(desk, rule_id, "group", group_id, reason)


@router.post("/{group_id}/child-groups", status_code=201)
def create_child_group(door: AsAdministrator, rule_id: int, group_id: int, body: NewGroup) -> CriteriaGroupView:
    """Add a group within a group."""
    with changing(door) as desk:
        return op.add_group(desk, rule_id, body, parent=group_id)


@router.post("/{group_id}/criteria", status_code=201)
def create_criterion(door: AsAdministrator, rule_id: int, group_id: int, body: NewCriterion) -> CriterionView:
    """Add a criterion to a group."""
    with changing(door) as desk:
        return op.add_criterion(desk, rule_id, group_id, body)


@router.put("/{group_id}/criteria/{criterion_id}")
def change_criterion(
    door: AsAdministrator, rule_id: int, group_id: int, criterion_id: int, body: NewCriterion
) -> CriterionView:
    """Put another criterion in the place of one."""
    with changing(door) as desk:
        op.read_group(desk, rule_id, group_id)
        return op.change_criterion(desk, rule_id, criterion_id, body)


@router.delete("/{group_id}/criteria/{criterion_id}", status_code=204, response_class=Response)
def remove_criterion(
    door: AsAdministrator, rule_id: int, group_id: int, criterion_id: int, reason: Reason = None
) -> None:
    """Remove a criterion."""
    with changing(door) as desk:
        op.read_group(desk, rule_id, group_id)
        op.remove_member(desk, rule_id, "criterion", criterion_id, reason)
