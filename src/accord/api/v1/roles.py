"""Roles: what callers may do. They are fixed; who has which comes with a key or from the provider."""

from fastapi import APIRouter

from accord.api.callers import AsReader
from accord.api.shapes import Shape
from accord.model.errors import NotFound
from accord.operations.access import Role

router = APIRouter(prefix="/api/v1/security/roles", tags=["Access"])

_CREATED = "2026-01-01T00:00:00Z"


class RoleBody(Shape):
    """One role."""

    id: int
    name: str
    built_in: bool = True
    created: str = _CREATED
    static_member_count: int = 0


ROLES = tuple(RoleBody(id=number, name=role.value) for number, role in enumerate(Role, start=1))
"""Every role with its number, which never changes."""


def role_numbered(role_id: int) -> Role:
    """Return the role of a number; raise NotFound."""
    found = next((body for body in ROLES if body.id == role_id), None)
    if found is None:
        raise NotFound(f"there is no role {role_id}", remedy="GET /api/v1/security/roles lists them")
    return Role(found.name)


@router.get("")
async def list_roles(_door: AsReader) -> list[RoleBody]:
    """List the roles."""
    return list(ROLES)


@router.get("/{role_id}")
async def read_role(_door: AsReader, role_id: int) -> RoleBody:
    """Return one role."""
    role = role_numbered(role_id)
    return next(body for body in ROLES if body.name == role.value)
