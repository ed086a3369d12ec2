"""People who signed in with a browser: what a provider vouched for, until it ends. Tokens are kept as hashes."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.store.api_keys import hash_of
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("access")
LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One person at one browser. `csrf` is what a form must bring along that changes something."""

    subject: str
    name: str
    roles: tuple[str, ...]
    csrf: str
    created_at: str
    expires_at: str


class SignIns:
    """The sign-ins of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, subject: str, name: str, roles: tuple[str, ...], *, now: datetime) -> str:
        """Sign a person in; return the token for the browser's cookie. Those long over are forgotten."""
        token = secrets.token_urlsafe(32)
        self._database.execute(_SQL["forget_sign_ins"], {"now": iso(now)})
        self._database.execute(
            _SQL["add_sign_in"],
            {
                "hash": hash_of(token), "subject": subject, "name": name, "roles": json.dumps(list(roles)),
                "csrf": secrets.token_urlsafe(24), "created_at": iso(now), "expires_at": iso(now + LASTS),
            },
        )  # fmt: skip
        return token

    def find(self, token: str, *, now: datetime) -> SignIn | None:
        """Return who is signed in with this token, None when nobody is, or no longer."""
        rows = self._database.rows(_SQL["find_sign_in"], {"hash": hash_of(token), "now": iso(now)})
        if not rows:
            return None
        subject, name, roles, csrf, created_at, expires_at = rows[0]
        return SignIn(
            subject=subject, name=name, roles=tuple(json.loads(roles)), csrf=csrf, created_at=created_at,
            expires_at=expires_at,
        )  # fmt: skip

    def remove(self, token: str) -> None:
        """Sign out."""
        self._database.execute(_SQL["remove_sign_in"], {"hash": hash_of(token)})
