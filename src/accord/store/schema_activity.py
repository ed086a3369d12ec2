"""The tables of the record of work: activities with their items, what they wait for, and the audit trail.

They are used from the control database: on SQLite a file of its own, so that no bulk commit keeps them waiting.
"""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, sequence_column, text_column

activity = sa.Table(
    "activity",
    metadata,
    sequence_column("id"),
    text_column("guid"),
    text_column("kind"),
    text_column("system"),
    text_column("profile"),
    text_column("plan_id", nullable=True),
    id_column("parent", nullable=True),
    text_column("state"),
    text_column("actor"),
    text_column("reason"),
    text_column("started_at"),
    text_column("ended_at", nullable=True),
    text_column("message"),
    text_column("counts"),
    text_column("phases"),
    # Which process runs it: see `sessions`.
    text_column("session"),
    # As a job: what queues see of it, what it is asked to do, and who asked for it once only.
    text_column("task", server_default=""),
    text_column("queued_at", server_default=""),
    text_column("parameters", server_default="{}"),
    text_column("key", nullable=True),
    text_column("cancel_requested_at", server_default=""),
    text_column("cancel_requested_by", server_default=""),
    # Microseconds of the epoch, UTC; 0 before the first sign of life.
    id_column("beat_at", server_default="0"),
    id_column("attempt", server_default="0"),
    sa.Index("activity_guid", "guid", unique=True),
    sa.Index("activity_state", "state"),
    sa.Index("activity_task", "task"),
    sa.Index("activity_parent", "parent"),
    sa.Index("activity_key", "key", unique=True),
    sqlite_autoincrement=True,
)

activity_item = sa.Table(
    "activity_item",
    metadata,
    id_column("activity", primary_key=True),
    id_column("seq", primary_key=True),
    text_column("object_type", nullable=True),
    id_column("object_id", nullable=True),
    id_column("identity_id", nullable=True),
    text_column("anchor", nullable=True),
    text_column("at", nullable=True),
    text_column("operation", nullable=True),
    text_column("outcome", nullable=True),
    text_column("attribute", nullable=True),
    text_column("code", nullable=True),
    text_column("message", nullable=True),
    text_column("remedy", nullable=True),
    sqlite_with_rowid=False,
)

# The systems an activity works on: none of two that share one runs before the other has ended.
activity_system = sa.Table(
    "activity_system",
    metadata,
    id_column("activity", primary_key=True),
    text_column("system", primary_key=True),
    sa.Index("activity_system_system", "system"),
    sqlite_with_rowid=False,
)

audit = sa.Table(
    "audit",
    metadata,
    sequence_column(),
    text_column("at"),
    text_column("actor"),
    text_column("action"),
    text_column("subject"),
    text_column("reason"),
    text_column("detail"),
    # Over this entry and the hash of the one before: see `audit`.
    text_column("hash", server_default=""),
)
