"""The table of manual decisions: who belongs to whom, as persons said it. Ended ones stay: they are the history."""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, sequence_column, text_column

decision = sa.Table(
    "decision",
    metadata,
    sequence_column("id"),
    # join, split or never.
    text_column("kind"),
    # The object by what identifies it for ever: one that returns under another id is still meant.
    text_column("system"),
    text_column("type"),
    text_column("anchor"),
    id_column("identity_id"),
    text_column("actor"),
    text_column("reason"),
    text_column("made_at"),
    # The activity: a split is about links made before it.
    id_column("made_by"),
    # Null while it holds; withdrawn, or replaced by a later one.
    text_column("ended_at", nullable=True),
    id_column("ended_by", nullable=True),
    text_column("ended_actor", nullable=True),
    text_column("ended_why", nullable=True),
    sa.Index("decision_object", "anchor", "type", "system"),
    sa.Index("decision_identity", "identity_id"),
    sqlite_autoincrement=True,
)
