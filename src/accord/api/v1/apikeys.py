"""API keys: list, make, change, remove. The key itself is shown once, when it is made."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from accord.api.callers import AsAdministrator
from accord.api.moments import Moment
from accord.api.shapes import Changed, Shape
from accord.api.v1.roles import ROLES, RoleBody, role_numbered
from accord.model.errors import Invalid, NotFound
from accord.operations.keys import ApiKey, KeyTerms, add_key, change_key, list_keys, read_key, remove_key

router = APIRouter(prefix="/api/v1/apikeys", tags=["Access"])


class ApiKeyBody(Shape):
    """What is known of a key."""

    id: str
    name: str
    description: str | None
    key_prefix: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    last_used_from_ip: str | None
    is_enabled: bool
    roles: list[RoleBody]


class NewApiKeyBody(ApiKeyBody):
    """A key just made. `key` is shown this once."""

    key: str


class ApiKeyTerms(Changed):
    """What a key is for."""

    name: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=1000)
    role_ids: list[int] = Field(min_length=1)
    expires_at: Moment | None = None
    is_enabled: bool = True


@router.get("")
def list_api_keys(door: AsAdministrator) -> list[ApiKeyBody]:
    """List the keys, oldest first."""
    with door.reading() as context:
        return [_body(key) for key in list_keys(context)]


@router.post("", status_code=201)
def create_api_key(door: AsAdministrator, body: ApiKeyTerms) -> NewApiKeyBody:
    """Make a key."""
    with door.writing() as context:
        made = add_key(context, _terms(body), reason=body.change_reason or "")
    return NewApiKeyBody.model_validate({**_fields(made.key), "key": made.secret})


@router.get("/{key_id}")
def read_api_key(door: AsAdministrator, key_id: str) -> ApiKeyBody:
    """Return one key."""
    with door.reading() as context:
        return _body(read_key(context, key_id))


@router.put("/{key_id}")
def change_api_key(door: AsAdministrator, key_id: str, body: ApiKeyTerms) -> ApiKeyBody:
    """Change name, roles, end, or switch a key on or off."""
    with door.writing() as context:
        return _body(change_key(context, key_id, _terms(body), reason=body.change_reason or ""))


@router.delete("/{key_id}", status_code=204)
def delete_api_key(
    door: AsAdministrator, key_id: str, change_reason: Annotated[str | None, Query(alias="changeReason")] = None
) -> None:
    """Remove a key; nobody gets in with it any more."""
    with door.writing() as context:
        remove_key(context, key_id, reason=change_reason or "")


def _terms(body: ApiKeyTerms) -> KeyTerms:
    try:
        roles = tuple(role_numbered(role_id).value for role_id in body.role_ids)
    except NotFound as error:
        raise Invalid(error.message, {"roleIds": [error.message]}, remedy=error.remedy) from error
    expires_at: datetime | None = body.expires_at
    return KeyTerms(
        name=body.name, description=body.description or "", roles=roles, expires_at=expires_at,
        is_enabled=body.is_enabled,
    )  # fmt: skip


def _body(key: ApiKey) -> ApiKeyBody:
    return ApiKeyBody.model_validate(_fields(key))


def _fields(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id, "name": key.name, "description": key.description or None, "key_prefix": key.prefix,
        "created_at": key.created_at, "expires_at": key.expires_at, "last_used_at": key.last_used_at,
        "last_used_from_ip": key.last_used_from, "is_enabled": key.is_enabled,
        "roles": [role for role in ROLES if role.name in key.roles],
    }  # fmt: skip
