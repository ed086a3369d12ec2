"""Who did what, when, to what and why: a growing list in which every entry seals all before it.

An entry's hash is over its own words and the hash of the one before. Whoever changes, removes or slips in an entry must
change every later hash too; a hash once written down elsewhere shows even that.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("audit")
_PIECE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing a person or program did, to what and why."""

    actor: str
    action: str
    subject: str
    reason: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A deed with its place in the trail, and the hash over it and all before."""

    seq: int
    at: str
    deed: Deed
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What became of looking through the whole trail: the first entry that is not what was written, 0 for none."""

    entries: int
    last_hash: str
    broken_seq: int


class Audit:
    """The audit trail of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, deed: Deed, *, at: datetime) -> None:
        """Write one entry; inside a transaction of the control database it is kept or lost with it."""
        with self._database.transaction():
            if self._database.dialect.name == "postgresql":
                # Two at once would both seal the same entry before them.
                self._database.execute("lock table audit in share row exclusive mode")
            last = self._database.rows(_SQL["last_entry"])
            seq, before = (int(last[0][0]), str(last[0][1])) if last else (0, "")
            row = {
                "seq": seq + 1, "at": iso(at), "actor": deed.actor, "action": deed.action, "subject": deed.subject,
                "reason": deed.reason, "detail": json.dumps(dict(deed.detail), sort_keys=True, ensure_ascii=False),
            }  # fmt: skip
            self._database.execute(_SQL["add_entry"], {**row, "hash": seal(before, tuple(row.values()))})

    def list(self, *, after: int = 0, limit: int = 1000) -> tuple[AuditEntry, ...]:
        """Return entries in order, those with `seq` above `after`."""
        rows = self._database.rows(_SQL["list_entries"], {"after": after, "limit": limit})
        return tuple(
            AuditEntry(
                seq=seq,
                at=moment,
                deed=Deed(actor=actor, action=action, subject=subject, reason=reason, detail=json.loads(detail)),
                hash=hash_,
            )
            for seq, moment, actor, action, subject, reason, detail, hash_ in rows
        )

    def last_seq(self) -> int:
        """Return the place of the newest entry, 0 when there is none."""
        last = self._database.rows(_SQL["last_entry"])
        return int(last[0][0]) if last else 0

    def verify(self) -> Verified:
        """Look through the whole trail; costs a hash per entry."""
        seen, before = 0, ""
        while rows := self._database.rows(_SQL["list_entries"], {"after": seen, "limit": _PIECE}):
            for row in rows:
                *words, hash_ = row
                if words[0] != seen + 1 or seal(before, tuple(words)) != hash_:
                    return Verified(entries=seen, last_hash=before, broken_seq=seen + 1)
                seen, before = seen + 1, hash_
        return Verified(entries=seen, last_hash=before, broken_seq=0)


def seal(before: str, words: tuple[object, ...]) -> str:
    """Return the hash of an entry that follows one with the hash `before`."""
    text = json.dumps([before, *words], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
