"""Signing in and out: who a cookie speaks for, and who may have one."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from accord.api.moments import now
from accord.operations.access import Caller, CallerKind, Role
from accord.portal.sessions import Session, cookie_name, new_session, seal, unseal

Authenticate = Callable[[str, str], Caller | None]
"""Who has this name and this secret; without a name the secret is an API key. None: nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A caller with the token of the sign-in."""

    caller: Caller
    token: str


class Gate:
    """Tells who is signed in. `key` signs the cookies; `provider` is the name of the OIDC provider, empty: none."""

    def __init__(self, authenticate: Authenticate, key: bytes, *, provider: str = "") -> None:
        self._authenticate = authenticate
        self._key = key
        self.provider = provider

    def session_of(self, request: Request) -> SignedIn | None:
        """Return who is signed in, None when nobody is."""
        cookie = request.cookies.get(cookie_name(is_secure=is_secure(request)))
        session = unseal(cookie, self._key, now=now()) if cookie else None
        return _signed_in(session) if session else None

    def caller_by_secret(self, name: str, secret: str) -> Caller | None:
        """Return who has this name and secret; without a name, the secret is an API key."""
        return self._authenticate(name.strip(), secret)

    def cookie_of(self, caller: Caller) -> str:
        """Return the cookie of a new sign-in."""
        roles = tuple(sorted(role.value for role in caller.roles))
        return seal(new_session(caller.name, roles, now=now()), self._key)


def is_secure(request: Request) -> bool:
    """Tell whether the reader came by a sealed connection."""
    return request.url.scheme == "https"


def _signed_in(session: Session) -> SignedIn:
    roles = frozenset(Role(role) for role in session.roles)
    caller = Caller(name=session.name, kind=CallerKind.USER, roles=roles, id=f"portal:{session.name}")
    return SignedIn(caller=caller, token=session.token)
