"""The audit trail: who did what, when, to what and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.operations.values import Attribute
from accord.runs.context import Context

_PIECE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One deed in the trail. `seq` counts without gaps."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    reason: str
    detail: tuple[Attribute, ...]


def read_trail(context: Context) -> Iterator[Entry]:
    """Yield every entry, oldest first."""
    after = 0
    while entries := context.store.audit.list(after=after, limit=_PIECE):
        for entry in entries:
            deed = entry.deed
            yield Entry(
                seq=entry.seq,
                at=entry.at,
                actor=deed.actor,
                action=deed.action,
                subject=deed.subject,
                reason=deed.reason,
                detail=tuple(Attribute(name=n, values=(v,)) for n, v in sorted(deed.detail.items())),
            )
        after = entries[-1].seq
