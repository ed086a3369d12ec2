"""People's identities: an OpenID Connect provider vouches for them, by code with PKCE or by bearer token.

Signature, issuer, audience, times and nonce are checked; keys of the provider are read again when an unknown one signs.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jwt

from accord.api.settings import Provider
from accord.model.errors import ConfigError, Forbidden, NotSignedIn, SystemUnavailable
from accord.operations.access import Caller, CallerKind, Role

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_LEEWAY_S = 60
_FLOW_S = 600
_MOST_FLOWS = 1000
_KEYS_AGAIN_S = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sign-in that was begun: what must come back, and where the person wants to go then."""

    verifier: str
    nonce: str
    redirect_uri: str
    goes_to: str
    began: float


class OpenId:
    """One provider, and the sign-ins begun with it."""

    def __init__(self, provider: Provider) -> None:
        place = urlsplit(provider.authority)
        if place.scheme != "https" and place.hostname not in _LOOPBACK:
            raise ConfigError(
                "the provider must be asked over TLS", place="ACCORD_OIDC_AUTHORITY", remedy="give its https address"
            )
        self.provider = provider
        self._client = httpx.Client(timeout=10)
        self._lock = threading.Lock()
        self._flows: OrderedDict[str, Flow] = OrderedDict()
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, jwt.PyJWK] = {}
        self._keys_at = -_KEYS_AGAIN_S

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def begin(self, redirect_uri: str, goes_to: str) -> tuple[str, str]:
        """Begin a sign-in; return its state, to be bound to the browser, and where the browser must go."""
        state, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        flow = Flow(verifier=verifier, nonce=nonce, redirect_uri=redirect_uri, goes_to=goes_to, began=time.monotonic())
        with self._lock:
            self._flows[state] = flow
            while len(self._flows) > _MOST_FLOWS:
                self._flows.popitem(last=False)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code", "client_id": self.provider.client_id, "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes), "state": state, "nonce": nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return state, f"{self._described()['authorization_endpoint']}?{urlencode(query)}"

    def finish(self, state: str, code: str) -> tuple[Caller, str]:
        """Return who signed in and where they go; raise NotSignedIn. A state serves once."""
        with self._lock:
            flow = self._flows.pop(state, None)
        if flow is None or time.monotonic() - flow.began > _FLOW_S:
            raise NotSignedIn("this sign-in was not begun here, or too long ago", remedy="sign in again")
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": flow.redirect_uri,
            "client_id": self.provider.client_id, "code_verifier": flow.verifier,
        }  # fmt: skip
        if self.provider.client_secret:
            form["client_secret"] = self.provider.client_secret
        token = self._post(self._described()["token_endpoint"], form).get("id_token", "")
        claims = self._claims(token, self.provider.client_id)
        if claims.get("nonce") != flow.nonce:
            raise NotSignedIn("the provider answered another sign-in than this", remedy="sign in again")
        return self._caller(claims), flow.goes_to

    def caller_of(self, token: str) -> Caller:
        """Return for whom a bearer token speaks; raise NotSignedIn, and Forbidden for somebody without a role."""
        return self._caller(self._claims(token, self.provider.audience or self.provider.client_id))

    def _claims(self, token: str, audience: str) -> Mapping[str, Any]:
        try:
            key = self._key(str(jwt.get_unverified_header(token).get("kid", "")))
            return jwt.decode(
                token, key, algorithms=_ALGORITHMS, audience=audience, issuer=self._described()["issuer"],
                leeway=_LEEWAY_S, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise NotSignedIn(f"this token is not taken: {error}", remedy="sign in again") from error

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        given = claims.get(self.provider.roles_claim, [])
        values = {given} if isinstance(given, str) else {str(value) for value in given}
        roles = frozenset(role for value, role in self.provider.roles.items() if value == "*" or value in values)
        name = str(claims.get(self.provider.name_claim) or claims.get("email") or claims["sub"])
        if not roles:
            raise Forbidden(
                f"{name} has no role here", remedy=f"let the provider give one in {self.provider.roles_claim}"
            )
        return Caller(name=name, kind=CallerKind.USER, roles=roles, id=str(claims["sub"]))

    def _key(self, key_id: str) -> jwt.PyJWK:
        with self._lock:
            is_old = time.monotonic() - self._keys_at > _KEYS_AGAIN_S
        if key_id not in self._keys and is_old:
            found = jwt.PyJWKSet.from_dict(self._get(self._described()["jwks_uri"]))
            with self._lock:
                self._keys = {key.key_id or "": key for key in found.keys}
                self._keys_at = time.monotonic()
        if key_id not in self._keys:
            raise NotSignedIn("this token is signed by a key the provider does not show", remedy="sign in again")
        return self._keys[key_id]

    def _described(self) -> dict[str, Any]:
        if not self._metadata:
            self._metadata = self._get(f"{self.provider.authority}/.well-known/openid-configuration")
        return self._metadata

    def _get(self, url: str) -> dict[str, Any]:
        return self._answer(self._client.build_request("GET", url))

    def _post(self, url: str, form: Mapping[str, str]) -> dict[str, Any]:
        return self._answer(self._client.build_request("POST", url, data=dict(form)))

    def _answer(self, request: httpx.Request) -> dict[str, Any]:
        try:
            response = self._client.send(request)
        except httpx.HTTPError as error:
            raise SystemUnavailable(
                f"the sign-in provider does not answer: {error}", place=self.provider.authority, remedy="try again"
            ) from error
        if response.status_code in (400, 401):
            raise NotSignedIn("the provider does not accept this sign-in", remedy="sign in again")
        if response.is_error:
            raise SystemUnavailable(
                f"the sign-in provider answers {response.status_code}", place=str(request.url), remedy="try again"
            )
        answer: dict[str, Any] = response.json()
        return answer


def roles_text(roles: frozenset[Role]) -> list[str]:
    """Return roles as they are shown."""
    return sorted(role.value for role in roles)
