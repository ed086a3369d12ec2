"""The table of local administrators: people who sign in without a provider. Of a password only its hash is kept."""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, text_column

administrator = sa.Table(
    "administrator",
    metadata,
    text_column("name", primary_key=True),
    text_column("roles"),
    text_column("salt"),
    text_column("hash"),
    id_column("cost"),
    text_column("created_at"),
    text_column("created_by"),
)
