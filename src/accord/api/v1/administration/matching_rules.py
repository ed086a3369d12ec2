"""Matching rules: of the object types of a system, and of synchronisation rules."""

from fastapi import APIRouter, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.administration.desks import Reason, changing, looking
from accord.operations.administration import matching as op
from accord.operations.administration.matching import RULE, SYSTEM
from accord.operations.administration.matching_mode import switch_mode
from accord.operations.administration.matching_views import MatchView, ModeSwitched, NewMatch, NewMode

router = APIRouter(prefix="/api/v1/synchronisation", tags=["Matching"])
_OF_SYSTEM = "/connected-systems/{system_id}/matching-rules"
_OF_RULE = "/sync-rules/{rule_id}/matching-rules"


@router.get("/connected-systems/{system_id}/object-types/{type_id}/matching-rules")
def list_matching_rules(door: AsReader, system_id: int, type_id: int) -> list[MatchView]:
    """List the matching rules of an object type."""
    with looking(door) as desk:
        return op.matches_of_type(desk, system_id, type_id)


@router.post(_OF_SYSTEM, status_code=201)
def create_matching_rule(door: AsAdministrator, system_id: int, body: NewMatch) -> MatchView:
    """Add a matching rule to an object type."""
    with changing(door) as desk:
        return op.add_match(desk, SYSTEM, system_id, body)


@router.get(f"{_OF_SYSTEM}/{{match_id}}")
def read_matching_rule(door: AsReader, system_id: int, match_id: int) -> MatchView:
    """Return one matching rule of an object type."""
    with looking(door) as desk:
        return op.read_match(desk, SYSTEM, system_id, match_id)


@router.put(f"{_OF_SYSTEM}/{{match_id}}")
def change_matching_rule(door: AsAdministrator, system_id: int, match_id: int, body: NewMatch) -> MatchView:
    """Change a matching rule of an object type."""
    with changing(door) as desk:
        return op.change_match(desk, SYSTEM, system_id, match_id, body)


@router.delete(f"{_OF_SYSTEM}/{{match_id}}", status_code=204, response_class=Response)
def remove_matching_rule(door: AsAdministrator, system_id: int, match_id: int, reason: Reason = None) -> None:
    """Remove a matching rule of an object type."""
    with changing(door) as desk:
        op.remove_match(desk, SYSTEM, system_id, match_id, reason)


@router.post("/connected-systems/{system_id}/matching-mode")
def switch_matching_mode(door: AsAdministrator, system_id: int, body: NewMode) -> ModeSwitched:
    """Move the matching rules of a system to its synchronisation rules, or back."""
    with changing(door) as desk:
        return switch_mode(desk, system_id, body)


@router.get(_OF_RULE)
def list_matching_rules_of_rule(door: AsReader, rule_id: int) -> list[MatchView]:
    """List the matching rules of a synchronisation rule."""
    with looking(door) as desk:
        return op.matches_of_rule(desk, rule_id)


@router.post(_OF_RULE, status_code=201)
def create_matching_rule_of_rule(door: AsAdministrator, rule_id: int, body: NewMatch) -> MatchView:
    """Add a matching rule to a synchronisation rule."""
    with changing(door) as desk:
        return op.add_match(desk, RULE, rule_id, body)


@router.get(f"{_OF_RULE}/{{match_id}}")
def read_matching_rule_of_rule(door: AsReader, rule_id: int, match_id: int) -> MatchView:
    """Return one matching rule of a synchronisation rule."""
    with looking(door) as desk:
        return op.read_match(desk, RULE, rule_id, match_id)


@router.put(f"{_OF_RULE}/{{match_id}}")
def change_matching_rule_of_rule(door: AsAdministrator, rule_id: int, match_id: int, body: NewMatch) -> MatchView:
    """Change a matching rule of a synchronisation rule."""
    with changing(door) as desk:
        return op.change_match(desk, RULE, rule_id, match_id, body)


@router.delete(f"{_OF_RULE}/{{match_id}}", status_code=204, response_class=Response)
def remove_matching_rule_of_rule(door: AsAdministrator, rule_id: int, match_id: int, reason: Reason = None) -> None:
    """Remove a matching rule of a synchronisation rule."""
    with changing(door) as desk:
        op.remove_match(desk, RULE, rule_id, match_id, reason)
