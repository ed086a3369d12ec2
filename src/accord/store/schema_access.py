"""The tables of access: API keys, and people who signed in. What opens the door is kept as a hash."""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, text_column

api_key = sa.Table(
    "api_key",
    metadata,
    text_column("id", primary_key=True),
    text_column("name"),
    text_column("description"),
    text_column("prefix"),
    text_column("hash"),
    text_column("roles"),
    text_column("created_at"),
    text_column("created_by"),
    text_column("expires_at", nullable=True),
    text_column("last_used_at", nullable=True),
    text_column("last_used_from", nullable=True),
    id_column("is_enabled"),
    sa.Index("api_key_hash", "hash", unique=True),
)

sign_in = sa.Table(
    "sign_in",
    metadata,
    text_column("hash", primary_key=True),
    text_column("subject"),
    text_column("name"),
    text_column("roles"),
    text_column("csrf"),
    text_column("created_at"),
    text_column("expires_at"),
)
