"""Local administrators: who may sign in by password."""

from fastapi import APIRouter
from pydantic import Field

from accord.api.callers import AsAdministrator
from accord.api.shapes import Shape
from accord.operations.access import Role
from accord.operations.administrators import add_administrator, list_administrators, remove_administrator

router = APIRouter(prefix="/api/v1/administrators", tags=["Access"])


class AdministratorBody(Shape):
    """Somebody who may sign in by password."""

    name: str
    roles: list[str]
    created_at: str
    created_by: str


class NewAdministrator(Shape):
    """Whom to let in, with which password; of somebody known the password is changed."""

    name: str
    password: str
    roles: list[Role] = Field(min_length=1)


@router.get("")
def list_all(door: AsAdministrator) -> list[AdministratorBody]:
    """List who may sign in by password."""
    with door.reading() as context:
        return [AdministratorBody.model_validate(person) for person in list_administrators(context)]


@router.post("", status_code=201)
def add(door: AsAdministrator, body: NewAdministrator) -> AdministratorBody:
    """Let somebody sign in by password, or change the password."""
    with door.writing() as context:
        add_administrator(context, body.name, body.password, frozenset(body.roles))
        [made] = [person for person in list_administrators(context) if person.name == body.name.strip()]
    return AdministratorBody.model_validate(made)


@router.delete("/{name}", status_code=204)
def remove(door: AsAdministrator, name: str) -> None:
    """Let somebody sign in no longer."""
    with door.writing() as context:
        remove_administrator(context, name)
