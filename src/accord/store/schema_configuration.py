"""The tables of the configuration: its files with every revision, public ids, sealed secrets, what discovery found."""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, sequence_column, text_column

document = sa.Table(
    "document",
    metadata,
    # The path in the folder: `systems/hr.yaml`.
    text_column("file", primary_key=True),
    text_column("body"),
    id_column("revision"),
    sqlite_with_rowid=False,
)

revision = sa.Table(
    "revision",
    metadata,
    id_column("number", primary_key=True),
    text_column("at"),
    text_column("actor"),
    text_column("action"),
    text_column("subject"),
    text_column("reason"),
)

document_change = sa.Table(
    "document_change",
    metadata,
    id_column("revision", primary_key=True),
    text_column("file", primary_key=True),
    # Null: removed by this revision.
    text_column("body", nullable=True),
    sa.Index("document_change_file", "file", "revision"),
    sqlite_with_rowid=False,
)

public_id = sa.Table(
    "public_id",
    metadata,
    sequence_column("id"),
    text_column("kind"),
    text_column("path"),
    sa.Index("public_id_path", "kind", "path", unique=True),
    # Without it SQLite would give the highest id again once it is free.
    sqlite_autoincrement=True,
)

secret = sa.Table(
    "secret", metadata, text_column("name", primary_key=True), text_column("sealed"), text_column("changed_at")
)

discovery = sa.Table(
    "discovery", metadata, text_column("system", primary_key=True), text_column("kind", primary_key=True),
    text_column("at"), text_column("body"),
)  # fmt: skip
