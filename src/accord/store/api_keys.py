"""API keys: who may ask as which program. Of a key only its hash is kept; the key itself is shown once."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accord.model.errors import NotFound
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

KEY_PREFIX = "jim_ak_"
_SHOWN = len(KEY_PREFIX) + 4
_SQL = load_queries("access")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key. `prefix` is how it begins, for people to tell keys apart."""

    id: str
    name: str
    description: str
    prefix: str
    roles: tuple[str, ...]
    created_at: str
    created_by: str
    expires_at: str | None
    last_used_at: str | None
    last_used_from: str | None
    is_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerms:
    """What a key is for: its name, what its holder may do, until when."""

    name: str
    roles: tuple[str, ...]
    description: str = ""
    expires_at: datetime | None = None
    is_enabled: bool = True


class ApiKeys:
    """The keys of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, terms: KeyTerms, *, by: str, now: datetime) -> tuple[ApiKey, str]:
        """Make a key; return what is known of it, and the key itself, which nobody can tell again."""
        secret = KEY_PREFIX + secrets.token_urlsafe(32)
        key_id = str(uuid.uuid4())
        values = {
            "id": key_id, "prefix": secret[:_SHOWN], "hash": hash_of(secret), "created_at": iso(now), "created_by": by,
        }  # fmt: skip
        self._database.execute(_SQL["add_key"], {**values, **_columns(terms)})
        return self.read(key_id), secret

    def change(self, key_id: str, terms: KeyTerms) -> ApiKey:
        """Let a key be for something else; raise NotFound."""
        self.read(key_id)
        self._database.execute(_SQL["change_key"], {"id": key_id, **_columns(terms)})
        return self.read(key_id)

    def remove(self, key_id: str) -> ApiKey:
        """Make a key worthless; return what was known of it; raise NotFound."""
        key = self.read(key_id)
        self._database.execute(_SQL["remove_key"], {"id": key_id})
        return key

    def read(self, key_id: str) -> ApiKey:
        """Return a key; raise NotFound."""
        found = self._keys(self._database.rows(_SQL["read_key"], {"id": key_id}))
        if not found:
            raise NotFound(f"there is no API key {key_id}", remedy="list the keys to see which there are")
        return found[0]

    def find(self, secret: str) -> ApiKey | None:
        """Return the key of which this is the text, whether it may still be used or not."""
        found = self._keys(self._database.rows(_SQL["find_key"], {"hash": hash_of(secret)}))
        return found[0] if found else None

    def list(self) -> tuple[ApiKey, ...]:
        """Return all keys, oldest first."""
        return self._keys(self._database.rows(_SQL["list_keys"]))

    def touch(self, key_id: str, *, address: str, now: datetime) -> None:
        """Note that a key was used, and from where."""
        self._database.execute(_SQL["touch_key"], {"id": key_id, "address": address, "now": iso(now)})

    @staticmethod
    def _keys(rows: Iterable[tuple[object, ...]]) -> tuple[ApiKey, ...]:
        found = []
        for row in rows:
            values = dict(zip(ApiKey.__dataclass_fields__, row, strict=True))
            values["roles"] = tuple(json.loads(str(values["roles"])))
            values["is_enabled"] = bool(values["is_enabled"])
            found.append(ApiKey(**values))  # type: ignore[arg-type]  # the query's columns are the fields in order
        return tuple(found)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret of ours. Its 256 random bits need neither salt nor slowness."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _columns(terms: KeyTerms) -> dict[str, str | int | None]:
    return {
        "name": terms.name,
        "description": terms.description,
        "roles": json.dumps(list(terms.roles)),
        "expires_at": iso(terms.expires_at) if terms.expires_at else None,
        "is_enabled": int(terms.is_enabled),
    }
