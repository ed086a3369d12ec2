"""Synchronisation rules, and the mappings in them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.pages import Page, Paged
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import mapping_views, mappings, rules
from accord.operations.administration.words import Direction

router = APIRouter(prefix="/api/v1/synchronisation/sync-rules", tags=["Synchronisation rules"])


@router.get("")
def list_sync_rules(
    door: AsReader,
    paging: Paged,
    systems: Annotated[list[int] | None, Query(alias="connectedSystemIds")] = None,
    directions: Annotated[list[Direction] | None, Query()] = None,
    statuses: Annotated[list[rules.RuleStatus] | None, Query()] = None,
    actions: Annotated[list[rules.RuleAction] | None, Query(alias="actionTypes")] = None,
) -> Page[rules.RuleView]:
    """List the rules by name."""
    with looking(door) as desk:
        found = [
            rule
            for rule in rules.list_rules(desk)
            if (not systems or rule.connected_system_id in systems)
            and (not directions or rule.direction in directions)
            and (not statuses or rule.status in statuses)
            and (not actions or rule.action in actions)
            and (paging.filter or "").lower() in rule.name.lower()
        ]
        return paging.cut(found)


@router.post("", status_code=201)
def create_sync_rule(door: AsAdministrator, body: rules.NewRule) -> rules.RuleView:
    """Make a rule; mappings may follow."""
    with changing(door) as desk:
        return rules.add_rule(desk, body)


@router.get("/{rule_id}")
def read_sync_rule(door: AsReader, rule_id: int) -> rules.RuleView:
    """Return one rule."""
    with looking(door) as desk:
        return rules.read_rule(desk, rule_id)


@router.put("/{rule_id}")
def change_sync_rule(door: AsAdministrator, rule_id: int, body: rules.RuleChange) -> rules.RuleView:
    """Change a rule."""
    with changing(door) as desk:
        return rules.change_rule(desk, rule_id, body)


@router.delete("/{rule_id}", status_code=204, response_class=Response)
def remove_sync_rule(door: AsAdministrator, rule_id: int, reason: Reason = None) -> None:
    """Remove a rule."""
    with changing(door) as desk:
        rules.remove_rule(desk, rule_id, reason)


@router.get("/{rule_id}/mappings")
def list_mappings(door: AsReader, rule_id: int) -> list[mapping_views.MappingView]:
    """List the mappings of a rule."""
    with looking(door) as desk:
        return mappings.list_mappings(desk, rule_id)


@router.post("/{rule_id}/mappings", status_code=201)
def create_mapping(door: AsAdministrator, rule_id: int, body: mapping_views.NewMapping) -> mapping_views.MappingView:
    """Add a mapping; as a contributor it comes last."""
    with changing(door) as desk:
        return mappings.add_mapping(desk, rule_id, body)


@router.get("/{rule_id}/mappings/{mapping_id}")
def read_mapping(door: AsReader, rule_id: int, mapping_id: int) -> mapping_views.MappingView:
    """Return one mapping."""
    with looking(door) as desk:
        return mappings.read_mapping(desk, rule_id, mapping_id)


@router.patch("/{rule_id}/mappings/{mapping_id}")
def change_mapping(
    door: AsAdministrator, rule_id: int, mapping_id: int, body: mapping_views.MappingChange
) -> mapping_views.MappingView:
    """Change a mapping."""
    with changing(door) as desk:
        return mappings.change_mapping(desk, rule_id, mapping_id, body)


@router.delete("/{rule_id}/mappings/{mapping_id}", status_code=204, response_class=Response)
def remove_mapping(door: AsAdministrator, rule_id: int, mapping_id: int, reason: Reason = None) -> None:
    """Remove a mapping."""
    with changing(door) as desk:
        mappings.remove_mapping(desk, rule_id, mapping_id, reason)
