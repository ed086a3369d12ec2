"""Who did what, when, to what and why: a plain, growing list."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso

_SQL = load_queries("audit")


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
    """A deed with its place in the trail."""

    seq: int
    at: str
    deed: Deed


class Audit:
    """The audit trail of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, deed: Deed, *, at: datetime) -> None:
        """Write one entry; inside a transaction it is kept or lost with it."""
        self._database.execute(
            _SQL["add_entry"],
            {
                "at": iso(at), "actor": deed.actor, "action": deed.action, "subject": deed.subject,
                "reason": deed.reason, "detail": json.dumps(dict(deed.detail), sort_keys=True, ensure_ascii=False),
            },
        )  # fmt: skip

    def list(self, *, after: int = 0, limit: int = 1000) -> tuple[AuditEntry, ...]:
        """Return entries in order, those with `seq` above `after`."""
        rows = self._database.rows(_SQL["list_entries"], {"after": after, "limit": limit})
        return tuple(
            AuditEntry(
                seq=seq,
                at=moment,
                deed=Deed(actor=actor, action=action, subject=subject, reason=reason, detail=json.loads(detail)),
            )
            for seq, moment, actor, action, subject, reason, detail in rows
        )
