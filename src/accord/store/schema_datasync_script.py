"""The table of what scripts of a DataSync job wrote in place of what the job computed."""

import sqlalchemy as sa

from accord.store.columns import metadata, text_column

datasync_staged = sa.Table(
    "datasync_staged",
    metadata,
    text_column("object_type", primary_key=True),
    text_column("anchor", primary_key=True),
    text_column("attribute", primary_key=True),
    text_column("computed"),
    text_column("written"),
    sqlite_with_rowid=False,
)
