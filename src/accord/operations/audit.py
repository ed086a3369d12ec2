"""The audit trail: who did what, when, to what and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.model.errors import ContractBroken
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
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """That the trail is what was written. `last_hash`, kept elsewhere, proves later that nothing before it changed."""

    entries: int
    last_hash: str


def verify_trail(context: Context, *, expected: str = "") -> Verification:
    """Look through the whole trail; raise ContractBroken naming the first entry that was changed.

    `expected` is a hash that an earlier verification told: it must still be there.
    """
    found = context.store.audit.verify()
    if found.broken_seq:
        raise ContractBroken(
            f"the audit trail was changed outside Accord at entry {found.broken_seq}; "
            f"the {found.entries} before it are as they were written",
            remedy="compare with a backup; whoever can write to the database can do this",
        )
    if expected and not any(entry.hash == expected for entry in read_trail(context)):
        raise ContractBroken(
            f"the audit trail no longer holds the entry with the hash {expected}",
            remedy="its end was cut off, or all of it was written anew: compare with a backup",
        )
    return Verification(entries=found.entries, last_hash=found.last_hash)


def read_trail(context: Context) -> Iterator[Entry]:
    """Yield every entry, oldest first."""
    after = 0
    while entries := list_trail(context, after=after, limit=_PIECE):
        yield from entries
        after = entries[-1].seq


def list_newest(context: Context, *, before: int = 0, limit: int) -> tuple[Entry, ...]:
    """Return entries, newest first: the last ones, or those with `seq` below `before`."""
    end = before - 1 if before else context.store.audit.last_seq()
    return list_trail(context, after=max(0, end - limit), limit=min(limit, end))[::-1] if end > 0 else ()


def list_trail(context: Context, *, after: int, limit: int) -> tuple[Entry, ...]:
    """Return entries in order, those with `seq` above `after`."""
    return tuple(
        Entry(
            seq=entry.seq,
            at=entry.at,
            actor=entry.deed.actor,
            action=entry.deed.action,
            subject=entry.deed.subject,
            reason=entry.deed.reason,
            detail=tuple(Attribute(name=n, values=(v,)) for n, v in sorted(entry.deed.detail.items())),
            hash=entry.hash,
        )
        for entry in context.store.audit.list(after=after, limit=limit)
    )
