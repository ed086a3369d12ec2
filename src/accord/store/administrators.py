"""Local administrators: people who sign in by name and password, for where no provider vouches for them."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from accord.model.errors import NotFound
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("administrators")
_COST = 2**15
_BLOCK = 8
_MEMORY = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """One person who may sign in by password."""

    name: str
    roles: tuple[str, ...]
    created_at: str
    created_by: str


class Administrators:
    """The local administrators of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, name: str, password: str, roles: tuple[str, ...], *, by: str, now: datetime) -> None:
        """Let somebody sign in with this password from now on; an earlier one is worthless."""
        salt = secrets.token_bytes(16)
        self._database.execute(
            _SQL["put"],
            {
                "name": name, "roles": json.dumps(list(roles)), "salt": _text(salt), "cost": _COST,
                "hash": _text(_hash(password, salt, _COST)), "created_at": iso(now), "created_by": by,
            },
        )  # fmt: skip

    def check(self, name: str, password: str) -> tuple[str, ...] | None:
        """Return the roles of who has this name and password, None when nobody has. Takes a tenth of a second."""
        rows = self._database.rows(_SQL["find"], {"name": name})
        _, roles, salt, kept, cost = rows[0] if rows else ("", "[]", _text(b"nobody"), "", _COST)
        # Somebody unknown takes as long as a wrong password, so that names cannot be guessed by the clock.
        given = _text(_hash(password, base64.b64decode(salt), int(cost)))
        return tuple(json.loads(roles)) if hmac.compare_digest(given, kept) else None

    def list(self) -> tuple[Administrator, ...]:
        """Return who may sign in by password, by name."""
        return tuple(
            Administrator(name=name, roles=tuple(json.loads(roles)), created_at=at, created_by=by)
            for name, roles, at, by in self._database.rows(_SQL["list"])
        )

    def remove(self, name: str) -> None:
        """Let somebody sign in no longer; raise NotFound."""
        if not self._database.rows(_SQL["remove"], {"name": name}):
            raise NotFound(f"there is no local administrator {name!r}", remedy="list those there are")


def _hash(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=_BLOCK, p=1, maxmem=_MEMORY)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
