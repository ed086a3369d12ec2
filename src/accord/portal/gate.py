"""Signing in and out of the portal: by API key, as a local administrator, or by the provider (which the API does)."""

import hmac
from dataclasses import replace

from fastapi import Request, Response

from accord.api.identities import COOKIE, COOKIE_OVER_TLS
from accord.api.rates import Rates
from accord.api.settings import Settings
from accord.app import Server
from accord.model.errors import TooManyRequests
from accord.operations.access import Caller, CallerKind, Role
from accord.operations.administrators import check_password
from accord.operations.keys import holder_of
from accord.operations.signing_in import person_of, sign_in, sign_out

_TRIES_A_MINUTE = 10
_LASTS_S = 12 * 3600


class Gate:
    """Tells who is signed in, and lets people in."""

    def __init__(self, server: Server, settings: Settings) -> None:
        self._server = server
        self._settings = settings
        self._rates = Rates()

    @property
    def provider(self) -> str:
        """Return who else vouches for people, empty when nobody does."""
        return self._settings.provider.authority if self._settings.provider else ""

    def person_at(self, request: Request) -> Caller | None:
        """Return who is signed in at a browser, None when nobody is."""
        token = _token(request)
        if not token:
            return None
        with self._server.reading("portal") as context:
            return person_of(context, token)

    def let_in(self, request: Request, name: str, secret: str) -> str:
        """Return the cookie for who has this name and password, or this API key; raise NotSignedIn."""
        address = request.client.host if request.client else "unknown"
        wait_s = self._rates.wait_s(address, _TRIES_A_MINUTE)
        if wait_s:
            raise TooManyRequests(f"more than {_TRIES_A_MINUTE} tries in a minute", retry_after_s=wait_s)
        with self._server.reading("portal") as context:
            person = check_password(context, name.strip(), secret) if name.strip() else self._holder(secret)
        with self._server.writing(person.actor) as context:
            return sign_in(context, person)

    def let_go(self, request: Request) -> None:
        """Sign out who is there."""
        token = _token(request)
        if token:
            with self._server.writing("portal") as context:
                sign_out(context, token)

    def set_cookie(self, request: Request, response: Response, token: str) -> None:
        """Give the browser its cookie: kept from scripts, sent to this host only."""
        is_secure = self.is_secure(request)
        response.set_cookie(
            COOKIE_OVER_TLS if is_secure else COOKIE, token, max_age=_LASTS_S, httponly=True, secure=is_secure,
            samesite="strict", path="/",
        )  # fmt: skip

    def forget_cookie(self, response: Response) -> None:
        """Take the cookie back."""
        for name in (COOKIE, COOKIE_OVER_TLS):
            response.delete_cookie(name, path="/", secure=name == COOKIE_OVER_TLS, httponly=True, samesite="strict")

    def is_secure(self, request: Request) -> bool:
        """Tell whether browsers come by a sealed connection."""
        return (self._settings.public_url or str(request.base_url)).startswith("https://")

    def _holder(self, secret: str) -> Caller:
        first = self._settings.bootstrap_key
        if first and hmac.compare_digest(secret.encode(), first.encode()):
            roles = frozenset({Role.ADMINISTRATOR})
            return Caller(name="bootstrap", kind=CallerKind.USER, roles=roles, id="bootstrap")
        with self._server.reading("portal") as context:
            caller, _ = holder_of(context, secret)
        return replace(caller, kind=CallerKind.USER, name=f"key {caller.name}")


def _token(request: Request) -> str | None:
    return request.cookies.get(COOKIE_OVER_TLS) or request.cookies.get(COOKIE)
