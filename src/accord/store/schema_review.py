"""The table of reviews: which object may belong to which identity, until a person or the rules decide."""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, text_column

review = sa.Table(
    "review",
    metadata,
    id_column("object_id", primary_key=True),
    id_column("identity_id", primary_key=True),
    text_column("rule"),
    sa.Column("score", sa.Float, nullable=False),
    text_column("evidence"),
    sqlite_with_rowid=False,
)
