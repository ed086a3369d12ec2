"""What persons decided about links: made, replaced, withdrawn, and never forgotten; and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from accord.model.errors import NotFound
from accord.model.frames import Decisions, Reviews
from accord.store.connector_space import Ids
from accord.store.database import Database
from accord.store.sql import load_queries
from accord.store.times import iso
from accord.store.versions import METAVERSE, Versions

_SQL = load_queries("decisions")
_TOUCHED = pa.schema([("id", pa.int64()), ("identity_id", pa.int64())])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """One decision: `kind` is join, split or never; the object is named by what identifies it for ever."""

    kind: str
    system: str
    object_type: str
    anchor: str
    identity_id: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A decision with its life. `object_id` None: the object is not there; `ended_at` None: it holds."""

    id: int
    decision: NewDecision
    made_at: str
    object_id: int | None
    ended_at: str | None
    ended_actor: str | None
    ended_why: str | None


class ManualDecisions:
    """The decisions of one store."""

    def __init__(self, database: Database, versions: Versions) -> None:
        self._database = database
        self._versions = versions

    def read(self) -> Decisions:
        """Return what holds of objects that are there: few rows, as many as persons decided."""
        return Decisions(self._database.fetch(_SQL["read_decisions"], schema=Decisions.SCHEMA))

    def count_reviews(self) -> int:
        """Return how many objects wait for a person to say whom they belong to."""
        return int(self._database.value(_SQL["count_reviews"]) or 0)

    def read_touched(self, since_activity: int) -> pa.Table:
        """Return objects (`id`) and identities (`identity_id`) about which something was decided after an activity."""
        return self._database.fetch(_SQL["objects_decided_since"], {"activity": since_activity}, schema=_TOUCHED)

    def read_reviews(self) -> Reviews:
        """Return every review that waits for a person."""
        return Reviews(self._database.fetch(_SQL["read_reviews"], schema=Reviews.SCHEMA))

    def read_reviews_of_system(self, system: str) -> Reviews:
        """Return the reviews of a system's objects."""
        return Reviews(self._database.fetch(_SQL["read_reviews_of_system"], {"system": system}, schema=Reviews.SCHEMA))

    def read_reviews_of(self, object_ids: Ids) -> Reviews:
        """Return the reviews of these objects."""
        return Reviews(self._database.fetch_wanted(_SQL["read_reviews_of"], object_ids, Reviews.SCHEMA))

    def add(self, new: NewDecision, *, activity: int, at: datetime) -> int:
        """Keep a decision in place of those it replaces, and return its number."""
        values = {
            "kind": new.kind, "system": new.system, "type": new.object_type, "anchor": new.anchor,
            "identity": new.identity_id, "actor": new.actor, "activity": activity, "at": iso(at),
        }  # fmt: skip
        with self._database.transaction():
            self._database.execute(_SQL["end_replaced"], values)
            number = self._database.value(_SQL["add_decision"], {**values, "reason": new.reason})
            self._versions.bump([METAVERSE])
        return int(number)

    def withdraw(self, number: int, *, actor: str, reason: str, activity: int, at: datetime) -> None:
        """End a decision; raise NotFound when there is none of that number that holds."""
        values = {"id": number, "actor": actor, "reason": reason, "activity": activity, "at": iso(at)}
        with self._database.transaction():
            if self._database.value(_SQL["end_decision"], values) is None:
                raise NotFound(f"there is no decision {number} that holds", remedy="see: accord decisions --all")
            self._versions.bump([METAVERSE])

    def list(self, *, with_ended: bool = False) -> Sequence[StoredDecision]:
        """Return the decisions that hold, newest first; with all that ended if wanted."""
        rows = self._database.rows(_SQL["list_decisions"], {"with_ended": int(with_ended)})
        return [_stored(row) for row in rows]


def _stored(row: tuple[object, ...]) -> StoredDecision:
    (number, kind, system, object_type, anchor, identity_id, actor, reason, made_at, ended_at, ended_actor,
     ended_why, _, object_id) = row  # fmt: skip
    return StoredDecision(
        id=int(str(number)),
        decision=NewDecision(
            kind=str(kind), system=str(system), object_type=str(object_type), anchor=str(anchor),
            identity_id=int(str(identity_id)), actor=str(actor), reason=str(reason),
        ),
        made_at=str(made_at),
        object_id=None if object_id is None else int(str(object_id)),
        ended_at=_optional(ended_at),
        ended_actor=_optional(ended_actor),
        ended_why=_optional(ended_why),
    )  # fmt: skip


def _optional(value: object) -> str | None:
    return None if value is None else str(value)
