"""Local administrators: who may sign in by password, decided by somebody who may already."""

from accord.model.errors import Invalid, NotSignedIn
from accord.operations.access import Caller, CallerKind, Role
from accord.runs.context import Context
from accord.store.administrators import Administrator
from accord.store.audit import Deed

__all__ = ["Administrator", "add_administrator", "check_password", "list_administrators", "remove_administrator"]

MIN_PASSWORD_LENGTH = 12
_LONGEST_NAME = 200


def add_administrator(context: Context, name: str, password: str, roles: frozenset[Role]) -> None:
    """Let somebody sign in with this password, or change it; raise Invalid."""
    wrong: dict[str, list[str]] = {}
    if not name.strip() or len(name) > _LONGEST_NAME:
        wrong["name"] = [f"is needed, with at most {_LONGEST_NAME} characters"]
    if len(password) < MIN_PASSWORD_LENGTH:
        wrong["password"] = [f"needs at least {MIN_PASSWORD_LENGTH} characters"]
    if not roles:
        wrong["roles"] = ["without a role nothing could be done: give at least one"]
    if wrong:
        problems = "; ".join(f"{field} {texts[0]}" for field, texts in wrong.items())
        raise Invalid(f"the administrator is not as it should be: {problems}", wrong)
    names = tuple(sorted(role.value for role in roles))
    with context.store.control.transaction():
        context.store.administrators.put(name.strip(), password, names, by=context.actor, now=context.clock())
        _tell(context, "administrator.put", name.strip(), ", ".join(names))


def remove_administrator(context: Context, name: str) -> None:
    """Let somebody sign in no longer; raise NotFound."""
    with context.store.control.transaction():
        context.store.administrators.remove(name)
        _tell(context, "administrator.remove", name, "")


def list_administrators(context: Context) -> tuple[Administrator, ...]:
    """Return who may sign in by password."""
    return context.store.administrators.list()


def check_password(context: Context, name: str, password: str) -> Caller:
    """Return who has this name and password; raise NotSignedIn."""
    roles = context.store.administrators.check(name, password)
    if roles is None:
        raise NotSignedIn("this name and password do not belong together", remedy="try again, or ask an administrator")
    return Caller(name=name, kind=CallerKind.USER, roles=frozenset(Role(r) for r in roles), id=f"local:{name}")


def _tell(context: Context, action: str, name: str, roles: str) -> None:
    detail = {"roles": roles} if roles else {}
    deed = Deed(actor=context.actor, action=action, subject=f"person {name}", detail=detail)
    context.store.audit.add(deed, at=context.clock())
