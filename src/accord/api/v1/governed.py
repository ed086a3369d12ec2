"""Owners, accounts, groups and applications, page by page."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from accord.api.callers import AsReader, Door
from accord.api.pages import cursor_at, key_at
from accord.api.v1.jobs import MOST, PageInfo, Words
from accord.model.errors import UsageError
from accord.operations.governed import accounts_of, list_entities, read_entity
from accord.operations.governed_risk import MOST as MOST_RISK
from accord.operations.governed_risk import Bounds

router = APIRouter(prefix="/api/v1", tags=["Governance"])

First = Annotated[int, Query(ge=1, le=MOST)]
After = Annotated[str | None, Query(max_length=400)]
Risk = Annotated[int, Query(ge=0, le=MOST_RISK)]
Text = Annotated[str | None, Query(max_length=200)]


class EntityBody(Words):
    """One owner, account, group or application; what is not known is empty. `values` is all that is known."""

    id: str
    name: str
    type: str
    email: str
    display_name: str
    department: str
    title: str
    status: str
    system: str
    owner_id: str
    created_at: str
    risk_score: int
    member_count: int | None
    total_accounts: int | None
    average_risk_score: float | None
    values: Mapping[str, object]


class EntityPageBody(Words):
    """A page in order of id."""

    items: list[EntityBody]
    page_info: PageInfo = Field(alias="pageInfo")


@router.get("/owners")
def list_owners(
    door: AsReader, search: Text = None, department: Text = None, status: Text = None, owner_type: Text = None,
    min_risk: Risk = 0, max_risk: Risk = MOST_RISK, first: First = 50, after: After = None,
) -> EntityPageBody:  # fmt: skip
    """List owners: persons and services, with the accounts they answer for."""
    wanted = {"search": search, "department": department, "status": status, "owner_type": owner_type}
    return _page(door, "owners", wanted, first, after, bounds=_bounds(min_risk, max_risk))


@router.get("/owners/{entity_id}")
def read_owner(door: AsReader, entity_id: str) -> EntityBody:
    """Return an owner."""
    return _one(door, "owners", entity_id)


@router.get("/owners/{entity_id}/accounts")
def list_accounts_of(door: AsReader, entity_id: str) -> list[EntityBody]:
    """List the accounts of an owner."""
    with door.reading() as context:
        return [EntityBody.model_validate(found) for found in accounts_of(context, entity_id)]


@router.get("/accounts")
def list_accounts(
    door: AsReader, search: Text = None, department: Text = None, status: Text = None, system: Text = None,
    min_risk: Risk = 0, max_risk: Risk = MOST_RISK, first: First = 50, after: After = None,
) -> EntityPageBody:  # fmt: skip
    """List accounts of all systems."""
    wanted = {"search": search, "department": department, "status": status, "system": system}
    return _page(door, "accounts", wanted, first, after, bounds=_bounds(min_risk, max_risk))


@router.get("/accounts/{entity_id}")
def read_account(door: AsReader, entity_id: str) -> EntityBody:
    """Return an account."""
    return _one(door, "accounts", entity_id)


@router.get("/groups")
def list_groups(
    door: AsReader, search: Text = None, system: Text = None, first: First = 50, after: After = None
) -> EntityPageBody:
    """List groups of all systems."""
    return _page(door, "groups", {"search": search, "system": system}, first, after)


@router.get("/groups/{entity_id}")
def read_group(door: AsReader, entity_id: str) -> EntityBody:
    """Return a group."""
    return _one(door, "groups", entity_id)


@router.get("/applications")
def list_applications(
    door: AsReader, search: Text = None, status: Text = None, first: First = 50, after: After = None
) -> EntityPageBody:
    """List applications."""
    return _page(door, "applications", {"search": search, "status": status}, first, after)


@router.get("/applications/{entity_id}")
def read_application(door: AsReader, entity_id: str) -> EntityBody:
    """Return an application."""
    return _one(door, "applications", entity_id)


def _bounds(least: int, most: int) -> Bounds | None:
    return None if (least, most) == (0, MOST_RISK) else Bounds(least=least, most=most)


def _page(
    door: Door, noun: str, wanted: Mapping[str, str | None], first: int, after: str | None, *,
    bounds: Bounds | None = None,
) -> EntityPageBody:  # fmt: skip
    behind = key_at(after) or 0
    if behind < 0:
        raise UsageError("this cursor is none of ours", remedy="send endCursor of the page before")
    with door.reading() as context:
        given = {k: v for k, v in wanted.items() if v}
        page = list_entities(context, noun, given, bounds=bounds, after=behind, limit=first)
    cursor = None if page.end_key is None else cursor_at(page.end_key)
    return EntityPageBody(
        items=[EntityBody.model_validate(entity) for entity in page.entities],
        pageInfo=PageInfo(hasNextPage=page.has_next, endCursor=cursor),
    )


def _one(door: Door, noun: str, entity_id: str) -> EntityBody:
    with door.reading() as context:
        return EntityBody.model_validate(read_entity(context, noun, entity_id))
