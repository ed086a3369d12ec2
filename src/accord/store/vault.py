"""Secrets kept in the store, sealed (AES-256-GCM) with a key that is not in it.

The key file holds one key a line, the first seals, all open: while a key is changed both are there, and a crash in
between loses nothing.
"""

import base64
import hashlib
import os
import secrets
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accord.model.errors import ConfigError
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("configuration")
_NONCE_BYTES = 12
_MODE = 0o600


class Vault:
    """The secrets of one store. The key file is made when the first secret is kept."""

    def __init__(self, control: Database, key_file: Path) -> None:
        self._database = control
        self._key_file = key_file

    def open(self, name: str) -> str | None:
        """Return a secret, None when there is none of that name; raise ConfigError when no key opens it."""
        rows = self._database.rows(_SQL["read_secret"], {"name": name})
        return self._opened(name, str(rows[0][0])) if rows else None

    def keep(self, name: str, value: str, *, at: datetime) -> None:
        """Keep a secret instead of what had its name before."""
        key = (self._keys() or [self._new_key([])])[0]
        self._database.execute(_SQL["keep_secret"], {"name": name, "sealed": _seal(key, name, value), "at": iso(at)})

    def drop(self, name: str) -> None:
        """Forget a secret."""
        self._database.execute(_SQL["drop_secret"], {"name": name})

    def names(self) -> tuple[str, ...]:
        """Return the names of the secrets."""
        return tuple(str(name) for name, _, _ in self._database.rows(_SQL["list_secrets"]))

    def rotate(self) -> int:
        """Seal every secret with a new key and forget the old ones; return how many there are."""
        new = self._new_key(self._keys())
        with self._database.transaction():
            rows = self._database.rows(_SQL["list_secrets"])
            for name, sealed, at in rows:
                again = _seal(new, name, self._opened(name, sealed))
                self._database.execute(_SQL["keep_secret"], {"name": name, "sealed": again, "at": at})
        self._write([new])
        return len(rows)

    def _opened(self, name: str, sealed: str) -> str:
        key_name, _, body = sealed.partition(":")
        raw = base64.b64decode(body)
        for key in self._keys():
            if _name_of(key) == key_name:
                try:
                    return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], name.encode()).decode()
                except InvalidTag:
                    break
        raise ConfigError(
            f"the secret {name!r} cannot be opened with the keys in {self._key_file}",
            remedy="bring back the key file it was sealed with (ACCORD_KEY_FILE), or set the secret once more",
        )

    def _keys(self) -> list[bytes]:
        try:
            lines = self._key_file.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(
                f"the key file cannot be read: {error.strerror}",
                place=str(self._key_file),
                remedy="let the account that runs accord read it, and nobody else",
            ) from error
        return [base64.b64decode(line) for line in lines]

    def _new_key(self, others: list[bytes]) -> bytes:
        key = secrets.token_bytes(32)
        self._write([key, *others])
        return key

    def _write(self, keys: list[bytes]) -> None:
        self._key_file.parent.mkdir(parents=True, exist_ok=True)
        part = self._key_file.with_name(f"{self._key_file.name}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._key_file)


def _seal(key: bytes, name: str, value: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    # The name is bound in: a sealed secret put under another name does not open.
    body = nonce + AESGCM(key).encrypt(nonce, value.encode(), name.encode())
    return f"{_name_of(key)}:{base64.b64encode(body).decode('ascii')}"


def _name_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]
