"""People sign in and out; each is told in the audit trail."""

from accord.operations.access import Caller, CallerKind, Role
from accord.runs.context import Context
from accord.store.audit import Deed


def sign_in(context: Context, caller: Caller) -> str:
    """Sign a person in for whom a provider vouches; return the token for the browser's cookie."""
    roles = tuple(sorted(role.value for role in caller.roles))
    with context.store.control.transaction():
        token = context.store.sign_ins.add(caller.id, caller.name, roles, now=context.clock())
        _tell(context, "sign-in", caller, ", ".join(roles))
    return token


def sign_out(context: Context, token: str) -> None:
    """Sign a person out; nothing happens when nobody was signed in."""
    person = person_of(context, token)
    if person is None:
        return
    with context.store.control.transaction():
        context.store.sign_ins.remove(token)
        _tell(context, "sign-out", person, "")


def person_of(context: Context, token: str) -> Caller | None:
    """Return who is signed in with this token, None when nobody is, or no longer."""
    found = context.store.sign_ins.find(token, now=context.clock())
    if found is None:
        return None
    roles = frozenset(Role(role) for role in found.roles)
    return Caller(name=found.name, kind=CallerKind.USER, roles=roles, id=found.subject, csrf=found.csrf)


def _tell(context: Context, action: str, caller: Caller, roles: str) -> None:
    detail = {"subject": caller.id, **({"roles": roles} if roles else {})}
    deed = Deed(actor=caller.actor, action=action, subject=f"person {caller.name}", detail=detail)
    context.store.audit.add(deed, at=context.clock())
