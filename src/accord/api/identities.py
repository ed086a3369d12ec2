"""Recognises callers: by API key, by bearer token, or by the cookie of somebody who signed in."""

import hashlib
import hmac
import threading
import time

from starlette.datastructures import Headers

from accord.api.openid import OpenId
from accord.api.settings import Settings
from accord.app import Server
from accord.model.errors import Forbidden, NotSignedIn
from accord.operations.access import Caller, CallerKind, Role
from accord.operations.datasync.tokens import TOKEN_PREFIX, caller_of_token
from accord.operations.keys import holder_of, touch_key
from accord.operations.signing_in import person_of

COOKIE = "accord_session"
COOKIE_OVER_TLS = "__Host-accord_session"
_TOUCH_S = 60.0
_FRESH_S = 1.0
_MOST_RECENT = 1000
_SAFE = ("GET", "HEAD", "OPTIONS")


class Identities:
    """All the ways of saying who one is."""

    def __init__(self, server: Server, settings: Settings, openid: OpenId | None) -> None:
        self._server = server
        self._settings = settings
        self._openid = openid
        self._touched: dict[str, float] = {}
        self._recent: dict[bytes, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def recent(self, headers: Headers) -> Caller | None:
        """Return who asks when the same key was recognised within the last second, which takes no time."""
        key = headers.get("x-api-key")
        if key is None:
            return None
        at, caller = self._recent.get(_digest(key), (0.0, None))
        return caller if time.monotonic() - at < _FRESH_S else None

    def forget(self) -> None:
        """Recognise everybody anew, since a key may have changed."""
        self._recent = {}

    def identify(self, headers: Headers, cookies: dict[str, str], method: str, *, address: str) -> Caller | None:
        """Return who asks, None when the request does not say; raise NotSignedIn when what it says is wrong."""
        key = headers.get("x-api-key")
        if key is not None:
            caller = self._by_key(key, address)
            if len(self._recent) >= _MOST_RECENT:
                self.forget()
            self._recent[_digest(key)] = time.monotonic(), caller
            return caller
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme:
            if scheme.lower() != "bearer":
                raise NotSignedIn(f"{scheme} is not a way to say who one is", remedy="send a bearer token or a key")
            return self._by_token(token.strip(), address)
        cookie = cookies.get(COOKIE_OVER_TLS) or cookies.get(COOKIE)
        return self._by_cookie(cookie, headers, method) if cookie else None

    def _by_key(self, key: str, address: str) -> Caller:
        first = holder_of_first(self._settings, key)
        if first is not None:
            return first
        with self._server.reading("sign-in") as context:
            caller, _ = holder_of(context, key)
        if self._is_time_to_touch(caller.id):
            with self._server.writing("sign-in") as context:
                touch_key(context, caller.id, address=address)
        return caller

    def _by_token(self, token: str, address: str) -> Caller:
        if token.startswith("jim_ak_"):
            return self._by_key(token, address)
        if token.startswith(TOKEN_PREFIX):
            with self._server.reading("sign-in") as context:
                return caller_of_token(context, token)
        if self._openid is None:
            raise NotSignedIn(
                "bearer tokens are not taken here", remedy="set ACCORD_OIDC_AUTHORITY, or send an API key"
            )
        return self._openid.caller_of(token)

    def _by_cookie(self, token: str, headers: Headers, method: str) -> Caller | None:
        with self._server.reading("sign-in") as context:
            person = person_of(context, token)
        if person is None:
            return None
        given = headers.get("x-csrf-token", "")
        if method not in _SAFE and not hmac.compare_digest(given.encode(), person.csrf.encode()):
            raise Forbidden("the request does not prove that it comes from our pages", remedy="send X-CSRF-Token")
        return person

    def _is_time_to_touch(self, key_id: str) -> bool:
        now = time.monotonic()
        with self._lock:
            is_due = now - self._touched.get(key_id, -_TOUCH_S) >= _TOUCH_S
            if is_due:
                self._touched[key_id] = now
        return is_due


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def holder_of_first(settings: Settings, key: str) -> Caller | None:
    """Return whom the first key, which the environment gives, stands for; None for any other text."""
    first = settings.bootstrap_key
    if not first or not hmac.compare_digest(key.encode(), first.encode()):
        return None
    return Caller(name="bootstrap", kind=CallerKind.KEY, roles=frozenset({Role.ADMINISTRATOR}), is_unlimited=True)
