"""The tables of DataSync jobs: bodies as they came, providers, runs with a result for each row, tokens.

They are used from the control database. Secrets in bodies are references to the vault.
"""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, sequence_column, text_column

datasync_job = sa.Table(
    "datasync_job",
    metadata,
    sequence_column("id"),
    # job, collection or template
    text_column("kind"),
    text_column("name"),
    id_column("collection", nullable=True),
    text_column("body"),
    text_column("created_at"),
    text_column("modified_at", nullable=True),
    text_column("created_by"),
    sa.Index("datasync_job_collection", "collection"),
    sqlite_autoincrement=True,
)

datasync_provider = sa.Table(
    "datasync_provider",
    metadata,
    sequence_column("id"),
    text_column("name"),
    # The name in lower case: providers are found by it.
    text_column("name_key"),
    id_column("type"),
    text_column("body"),
    text_column("created_at"),
    text_column("modified_at"),
    sa.Index("datasync_provider_name", "name_key", unique=True),
    sqlite_autoincrement=True,
)

datasync_run = sa.Table(
    "datasync_run",
    metadata,
    sequence_column("id"),
    id_column("job"),
    id_column("collection_run", nullable=True),
    id_column("activity", nullable=True),
    text_column("verb"),
    text_column("actor"),
    text_column("state"),
    text_column("started_at"),
    text_column("ended_at", nullable=True),
    text_column("message"),
    text_column("counts"),
    sa.Index("datasync_run_job", "job"),
    sqlite_autoincrement=True,
)

datasync_result = sa.Table(
    "datasync_result",
    metadata,
    id_column("run", primary_key=True),
    id_column("seq", primary_key=True),
    text_column("row"),
    text_column("object_type"),
    text_column("key"),
    text_column("action"),
    text_column("outcome"),
    text_column("attribute"),
    text_column("code"),
    text_column("message"),
    sqlite_with_rowid=False,
)

datasync_token = sa.Table(
    "datasync_token",
    metadata,
    text_column("hash", primary_key=True),
    # access or refresh
    text_column("kind"),
    text_column("caller"),
    text_column("expires_at"),
)
