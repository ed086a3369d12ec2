"""What is about to be deleted while somebody can still object: identities that wait, accounts an export deletes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accord.operations.naming import name_identities
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One identity that left, and ends at `ends_at` unless it comes back. Times are ISO 8601, UTC."""

    identity_id: int
    name: str
    type: str
    since: str
    ends_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDeletes:
    """How many objects of a system the next export deletes."""

    system: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """The identities that wait longest, how many wait in all, and the deletions that wait to be sent."""

    identities: tuple[Ending, ...]
    identity_count: int
    deletes: tuple[SystemDeletes, ...]


def read_endings(context: Context, *, limit: int = 10) -> Endings:
    """Return what is about to be deleted."""
    endings = context.store.endings
    table = endings.gone(limit=limit)
    names = name_identities(context, table.select(["id", "type", "doc"]))
    return Endings(
        identities=tuple(
            Ending(
                identity_id=row["id"],
                name=names[row["id"]],
                type=row["type"],
                since=_moment(row["gone_since"]).isoformat(),
                ends_at=(_moment(row["gone_since"]) + _grace(context, row["type"])).isoformat(),
            )
            for row in table.to_pylist()
        ),
        identity_count=endings.count_gone(),
        deletes=tuple(SystemDeletes(system=s, count=n) for s, n in endings.count_deletes().items()),
    )


def _grace(context: Context, identity_type: str) -> timedelta:
    declared = context.rules.identity_types.get(identity_type)
    return timedelta(days=declared.deletion.grace_days if declared else 0)


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
