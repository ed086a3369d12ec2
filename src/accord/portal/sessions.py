"""Who is signed in: a signed cookie, a token that forms must bring along, and the headers of every page.

The cookie holds name, roles, end and token, signed by the server's key; the server remembers nothing, so that
restarts and several servers on one store sign nobody out.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=12)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in. `token` is what every form of this sign-in carries."""

    name: str
    roles: tuple[str, ...]
    token: str
    until: datetime


def new_session(name: str, roles: tuple[str, ...], *, now: datetime) -> Session:
    """Return a session that begins now."""
    return Session(name=name, roles=roles, token=secrets.token_urlsafe(24), until=now + LIFETIME)


def seal(session: Session, key: bytes) -> str:
    """Return the session as the value of a cookie."""
    content = {
        "name": session.name,
        "roles": session.roles,
        "token": session.token,
        "until": session.until.isoformat(),
    }
    body = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return f"{body}.{_signature(body, key)}"


def unseal(cookie: str, key: bytes, *, now: datetime) -> Session | None:
    """Return the session of a cookie; None when it is not ours, was changed, or has ended."""
    body, _, signature = cookie.rpartition(".")
    if not body or not hmac.compare_digest(signature, _signature(body, key)):
        return None
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    session = Session(
        name=content["name"],
        roles=tuple(content["roles"]),
        token=content["token"],
        until=datetime.fromisoformat(content["until"]),
    )
    return session if session.until > now else None


def is_token_right(session: Session, given: str) -> bool:
    """Tell whether a form was made for this session."""
    return hmac.compare_digest(session.token, given)


def cookie_name(*, is_secure: bool) -> str:
    """Return the cookie's name: with the prefix that binds it to this host where the connection is sealed."""
    return "__Host-accord" if is_secure else "accord-session"


def _signature(body: str, key: bytes) -> str:
    return hmac.new(key, b"portal session " + body.encode(), hashlib.sha256).hexdigest()
