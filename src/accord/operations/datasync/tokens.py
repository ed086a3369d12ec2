"""Tokens of the contract: a name and a password, or an API key, become a token for twenty minutes."""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from accord.model.errors import NotSignedIn
from accord.operations.access import Caller, CallerKind, Role
from accord.operations.administrators import check_password
from accord.operations.keys import KEY_PREFIX, holder_of
from accord.runs.context import Context
from accord.store.api_keys import hash_of
from accord.store.audit import Deed

TOKEN_PREFIX = "accord_at_"  # noqa: S105 - how a token begins
LASTS = timedelta(minutes=20)
REFRESHES = timedelta(hours=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """What a client gets: the token to ask with, and the one to get the next by. Both are shown once."""

    access: str
    refresh: str
    lasts_s: int


def sign_in_by_password(context: Context, username: str, password: str) -> IssuedTokens:
    """Return tokens for a local administrator, or for the holder of an API key given as password."""
    if password.startswith(KEY_PREFIX):
        caller, _ = holder_of(context, password)
    else:
        caller = check_password(context, username, password)
    return sign_in_as(context, caller)


def sign_in_as(context: Context, caller: Caller) -> IssuedTokens:
    """Return tokens for somebody who is known already."""
    issued = _issue(context, caller)
    context.store.audit.add(
        Deed(actor=caller.actor, action="datasync.token", subject=f"{caller.kind} {caller.name}"), at=context.clock()
    )
    return issued


def sign_in_by_refresh(context: Context, refresh: str) -> IssuedTokens:
    """Return new tokens for a refresh token, which is used up; raise NotSignedIn."""
    found = context.store.datasync.find_token(hash_of(refresh), "refresh", now=context.clock())
    if found is None:
        raise NotSignedIn("this refresh token is not known, or at its end", remedy="sign in again")
    context.store.datasync.remove_token(hash_of(refresh))
    return _issue(context, _caller(found))


def caller_of_token(context: Context, token: str) -> Caller:
    """Return whom an access token stands for; raise NotSignedIn when it is none of ours or at its end."""
    found = context.store.datasync.find_token(hash_of(token), "access", now=context.clock())
    if found is None:
        raise NotSignedIn("this token is not known, or at its end", remedy="get another from /connect/token")
    return _caller(found)


def _issue(context: Context, caller: Caller) -> IssuedTokens:
    now, kept = context.clock(), context.store.datasync
    said = json.dumps({"name": caller.name, "kind": caller.kind.value, "roles": sorted(caller.roles), "id": caller.id})
    tokens = {"access": TOKEN_PREFIX + secrets.token_urlsafe(32), "refresh": secrets.token_urlsafe(32)}
    with context.store.control.transaction():
        kept.add_token(hash_of(tokens["access"]), "access", said, expires_at=now + LASTS, now=now)
        kept.add_token(hash_of(tokens["refresh"]), "refresh", said, expires_at=now + REFRESHES, now=now)
    return IssuedTokens(access=tokens["access"], refresh=tokens["refresh"], lasts_s=int(LASTS.total_seconds()))


def _caller(text: str) -> Caller:
    said = json.loads(text)
    return Caller(
        name=said["name"], kind=CallerKind(said["kind"]), roles=frozenset(Role(r) for r in said["roles"]), id=said["id"]
    )
