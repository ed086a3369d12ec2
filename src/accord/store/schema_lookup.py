"""The tables of delta synchronisation: by which values identities and objects are found."""

import sqlalchemy as sa

from accord.store.columns import metadata
from accord.store.schema import identity

lookup = sa.Table(
    "lookup",
    metadata,
    # What the value is of is part of the hash. Rows are added and never changed: a stale one finds one too many.
    sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Who waits for deletion is looked at by every delta synchronisation; they are few.
sa.Index(
    "identity_waiting",
    identity.c.id,
    sqlite_where=sa.text("gone_since is not null"),
    postgresql_where=sa.text("gone_since is not null"),
)
