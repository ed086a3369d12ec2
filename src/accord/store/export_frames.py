"""Frames between the pending exports and the run that sends them."""

import pyarrow as pa

from accord.model.frames import Frame, PendingEdges, PendingExports

_ID = pa.int64()
_TEXT = pa.string()
_STATE = [("state", _TEXT), ("attempts", _ID), ("due_at", _ID), ("code", _TEXT), ("message", _TEXT)]


class PendingRows(Frame):
    """Pending exports with where they stand."""

    SCHEMA = pa.schema([*PendingExports.SCHEMA, *_STATE])


class ClaimedExports(Frame):
    """Pending exports to send now, in order, each with the object as we remember it (`doc` null: not there yet).

    One whose values were sent before is here for its references alone and comes as an update without values.
    """

    SCHEMA = pa.schema([*PendingRows.SCHEMA, ("anchor", _TEXT), ("doc", _TEXT), ("hash", _ID)])


class PendingEdgeRows(Frame):
    """References to send, each with the object it refers to as far as that exists.

    `dst_is_planned` is 1 for an object that is asked for but not there: the reference cannot be sent yet.
    """

    SCHEMA = pa.schema(
        [*PendingEdges.SCHEMA, ("state", _TEXT), ("dst_anchor", _TEXT), ("dst_dn", _TEXT), ("dst_is_planned", _ID)]
    )


class JournalEntries(Frame):
    """Operations about to be sent."""

    SCHEMA = pa.schema([("object_id", _ID), ("operation", _TEXT), ("anchor", _TEXT)])


class ExportResults(Frame):
    """What became of operations: `state` is done, failed or unknown.

    When done: `anchor`, `dn`, `hash` and `doc` are the whole object as it now is; on delete they do not matter.
    A null `anchor` leaves it as it was. When failed: `due_at` is the earliest next attempt, null: a person must
    look at it first.
    """

    SCHEMA = pa.schema(
        [
            ("object_id", _ID), ("operation", _TEXT), ("state", _TEXT), ("anchor", _TEXT), ("dn", _TEXT),
            ("hash", _ID), ("doc", _TEXT), ("code", _TEXT), ("message", _TEXT), ("due_at", _ID),
        ]
    )  # fmt: skip


class SentEdges(Frame):
    """References sent with operations that are done; `dst` is the text as the system will say it."""

    SCHEMA = pa.schema([*PendingEdges.SCHEMA, ("dst", _TEXT)])


class NotConfirmed(Frame):
    """Exported objects that an import shows differently, with the state they go to and why."""

    SCHEMA = pa.schema([("object_id", _ID), ("state", _TEXT), ("code", _TEXT), ("message", _TEXT), ("due_at", _ID)])
