"""The versions of an object as Arrow tables: each its own type, its columns checked when it is made.

imported -> staged -> contributed -> metaverse -> desired -> pending -> outcome -> confirmed. A frame in the wrong
place is a type error. Ids are 64-bit integers given by the plan; documents are canonical JSON of canonical text.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import pyarrow as pa

from accord.model.errors import ContractBroken

_ID = pa.int64()
_TEXT = pa.string()


@dataclass(frozen=True, slots=True)
class Frame:
    """An Arrow table whose columns and types are those of its class, in that order."""

    table: pa.Table

    SCHEMA: ClassVar[pa.Schema]

    def __post_init__(self) -> None:
        if self.table.schema.names != self.SCHEMA.names:
            raise ContractBroken(
                f"{type(self).__name__} has columns {self.table.schema.names}, wants {self.SCHEMA.names}"
            )
        if self.table.schema.types != self.SCHEMA.types:
            object.__setattr__(self, "table", self.table.cast(self.SCHEMA))

    @classmethod
    def empty(cls) -> Self:
        """Return a frame without rows."""
        return cls(cls.SCHEMA.empty_table())

    def __len__(self) -> int:
        return int(self.table.num_rows)


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


class StagedKeys(Frame):
    """What is needed to tell whether an object changed: one row per object of a system. `hash` null: planned."""

    SCHEMA = _schema(id=_ID, type=_TEXT, anchor=_TEXT, dn=_TEXT, hash=_ID)


class StagedObjects(Frame):
    """What we remember the systems said. `doc` is null for a planned object: asked for, not yet there."""

    SCHEMA = _schema(id=_ID, system=_TEXT, type=_TEXT, anchor=_TEXT, dn=_TEXT, doc=_TEXT)


class StagedEdges(Frame):
    """References as the systems said them: the dn or anchor text of the object referred to."""

    SCHEMA = _schema(src=_ID, attr=_TEXT, dst=_TEXT)


class Links(Frame):
    """Which staged object belongs to which identity, by which rule; `how` is projected, joined or provisioned."""

    SCHEMA = _schema(object_id=_ID, identity_id=_ID, rule=_TEXT, how=_TEXT)


class Decisions(Frame):
    """What persons decided about staged objects that are there: `kind` is join, split or never."""

    SCHEMA = _schema(object_id=_ID, identity_id=_ID, kind=_TEXT)


class Reviews(Frame):
    """Objects that may belong to an identity, with a score between 0 and 1 and what was compared: a person decides."""

    SCHEMA = _schema(object_id=_ID, identity_id=_ID, rule=_TEXT, score=pa.float64(), evidence=_TEXT)


class ReviewKeys(Frame):
    """Reviews that no longer wait."""

    SCHEMA = _schema(object_id=_ID, identity_id=_ID)


class Identities(Frame):
    """The metaverse. `origin` names the row of `Origins` that tells which rule gave each value.

    `gone_since` (microseconds of the epoch, UTC) is set while a deletion waits for its grace period.
    """

    SCHEMA = _schema(id=_ID, type=_TEXT, doc=_TEXT, origin=_ID, gone_since=_ID)


class IdentityEdges(Frame):
    """References between identities."""

    SCHEMA = _schema(src=_ID, attr=_TEXT, dst=_ID)


class Origins(Frame):
    """Distinct patterns of provenance: a JSON object of attribute -> rule name."""

    SCHEMA = _schema(id=_ID, doc=_TEXT)


class PendingExports(Frame):
    """Changes we want a target to make. `before` and `after` are documents of the attributes that change.

    On create `after` is the whole object, `before` null. References are `PendingEdges`.
    `state` is pending, exported (sent, waiting for an import to confirm), failed (waits for a retry or a person)
    or unknown (sent, no answer). `attempts` counts sends; `due_at` (microseconds, UTC) is the earliest next one.
    """

    SCHEMA = _schema(
        object_id=_ID, identity_id=_ID, system=_TEXT, type=_TEXT, rule=_TEXT, operation=_TEXT, dn=_TEXT,
        new_dn=_TEXT, before=_TEXT, after=_TEXT, reason=_TEXT,
    )  # fmt: skip


class PendingEdges(Frame):
    """References to add to or remove from an object: to another object by id, or to a text nobody can resolve."""

    SCHEMA = _schema(object_id=_ID, attr=_TEXT, change=_TEXT, dst_object=_ID, dst_text=_TEXT)


class AddedObjects(Frame):
    """Objects a system says that we did not know."""

    SCHEMA = _schema(id=_ID, type=_TEXT, anchor=_TEXT, dn=_TEXT, hash=_ID, doc=_TEXT)


class UpdatedObjects(Frame):
    """Objects a system now says differently; `before` is the document we remembered (null: planned until now)."""

    SCHEMA = _schema(id=_ID, type=_TEXT, anchor=_TEXT, dn=_TEXT, hash=_ID, doc=_TEXT, before=_TEXT, before_dn=_TEXT)


class RestampedObjects(Frame):
    """Objects that hold what we remembered, but under another hash: after an export, or a change of the schema."""

    SCHEMA = _schema(id=_ID, hash=_ID)


class RemovedObjects(Frame):
    """Objects a system no longer says, with all we remembered of them."""

    SCHEMA = _schema(id=_ID, type=_TEXT, anchor=_TEXT, dn=_TEXT, before=_TEXT)


class AddedIdentities(Frame):
    """Identities to make."""

    SCHEMA = _schema(id=_ID, type=_TEXT, doc=_TEXT, origin=_ID)


class UpdatedIdentities(Frame):
    """Identities whose values change; `before` is the document as it was."""

    SCHEMA = _schema(id=_ID, type=_TEXT, doc=_TEXT, origin=_ID, before=_TEXT)


class RemovedIdentities(Frame):
    """Identities to end, with the document as it was."""

    SCHEMA = _schema(id=_ID, type=_TEXT, before=_TEXT)


class GoneIdentities(Frame):
    """Identities whose wait for deletion begins (time) or is over because they returned (null)."""

    SCHEMA = _schema(id=_ID, gone_since=_ID)


class PlannedObjects(Frame):
    """Accounts to be made: remembered so that references and links can point to them before they exist."""

    SCHEMA = _schema(id=_ID, system=_TEXT, type=_TEXT, anchor=_TEXT, dn=_TEXT)


class Ids(Frame):
    """Ids of rows to drop."""

    SCHEMA = _schema(id=_ID)


class PlanErrors(Frame):
    """What could not be decided, one row per object and cause; everything else goes on."""

    SCHEMA = _schema(
        system=_TEXT, object_type=_TEXT, object_id=_ID, identity_id=_ID, anchor=_TEXT, rule=_TEXT,
        attribute=_TEXT, code=_TEXT, message=_TEXT,
    )  # fmt: skip
