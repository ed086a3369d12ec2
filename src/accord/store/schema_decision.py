"""The table of manual decisions: who belongs to whom, as persons said it. Ended ones stay: they are the history."""

import sqlalchemy as sa

from accord.store.columns import metadata

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    # join, split or never.
    sa.Column("kind", sa.Text, nullable=False),
    # The object by what identifies it for ever: one that returns under another id is still meant.
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("anchor", sa.Text, nullable=False),
    sa.Column("identity_id", _Id, nullable=False, autoincrement=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    # The activity: a split is about links made before it.
    sa.Column("made_by", _Id, nullable=False, autoincrement=False),
    # Null while it holds; withdrawn, or replaced by a later one.
    sa.Column("ended_at", sa.Text, nullable=True),
    sa.Column("ended_by", _Id, nullable=True, autoincrement=False),
    sa.Column("ended_actor", sa.Text, nullable=True),
    sa.Column("ended_why", sa.Text, nullable=True),
    sa.Index("decision_object", "anchor", "type", "system"),
    sa.Index("decision_identity", "identity_id"),
    sqlite_autoincrement=True,
)
