"""Who asks, and what they may do: each endpoint names the role it wants and gets a `Door` to work through.

def read_activity(door: AsReader, activity_id: str) -> ActivityDetail:
with door.reading() as context: ...
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from accord.app import Context, Server
from accord.model.errors import Forbidden, NotSignedIn
from accord.operations.access import Caller, Role

__all__ = [
    "ROLES_OF",
    "AsAdministrator",
    "AsAuditor",
    "AsOperator",
    "AsReader",
    "Caller",
    "Door",
    "Role",
    "caller_of",
    "enter",
    "require",
]


ROLES_OF: dict[Callable[..., object], tuple[Role, ...]] = {}
"""Which roles each dependency made by `require` lets in; the description of the API tells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One request's way in: who asks, and what operations take."""

    server: Server
    caller: Caller

    def reading(self) -> AbstractContextManager[Context]:
        """Lend what operations take, for looking only; it waits for nobody."""
        return self.server.reading(self.caller.actor)

    def writing(self) -> AbstractContextManager[Context]:
        """Lend what operations take."""
        return self.server.writing(self.caller.actor)


def caller_of(request: Request) -> Caller | None:
    """Return who asks, None when nobody said; whoever gave a wrong name was turned away before."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller


def require(*roles: Role) -> Callable[[Request], Door]:
    """Return the dependency that lets in whoever has one of the roles."""

    async def let_in(request: Request) -> Door:
        return enter(request, *roles)

    ROLES_OF[let_in] = roles
    return let_in  # type: ignore[return-value]  # FastAPI awaits it


def enter(request: Request, *roles: Role) -> Door:
    """Let in who has one of the roles; raise NotSignedIn, Forbidden."""
    caller = caller_of(request)
    if caller is None:
        raise NotSignedIn(
            "authentication is required", remedy="send an API key as X-API-Key, or a bearer token, or sign in"
        )
    if not any(caller.has(role) for role in roles):
        needed = " or ".join(role.value for role in roles)
        raise Forbidden(f"insufficient permissions ({needed} role required)", remedy="ask an administrator")
    return Door(server=request.app.state.server, caller=caller)


AsReader = Annotated[Door, Depends(require(Role.READER))]
AsAuditor = Annotated[Door, Depends(require(Role.AUDITOR))]
AsOperator = Annotated[Door, Depends(require(Role.OPERATOR))]
AsAdministrator = Annotated[Door, Depends(require(Role.ADMINISTRATOR))]
