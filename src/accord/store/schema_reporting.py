"""The table of manager resolution: by which names owners are found, and which they call their manager by."""

import sqlalchemy as sa

from accord.store.columns import metadata

reporting_name = sa.Table(
    "reporting_name",
    metadata,
    # 0: a name the owner has; 1: a name the owner's manager is called by. Rows are added, and never changed until all
    # are replaced: a stale one finds one too many.
    sa.Column("side", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("owner_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("reporting_name_owner", "owner_id", "side"),
    sqlite_with_rowid=False,
)
