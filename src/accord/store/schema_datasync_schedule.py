"""The table of schedules of DataSync jobs and collections."""

import sqlalchemy as sa

from accord.store.columns import metadata, sequence_column, text_column

datasync_schedule = sa.Table(
    "datasync_schedule",
    metadata,
    sequence_column("id"),
    text_column("name"),
    # The schedule as it was posted.
    text_column("body"),
    text_column("created_at"),
    text_column("created_by"),
    text_column("modified_at"),
    sa.Index("datasync_schedule_name", "name", unique=True),
    sqlite_autoincrement=True,
)
