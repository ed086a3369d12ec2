"""Find identities and objects by their values, for delta synchronisations."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "lookup",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "identity_waiting",
        "identity",
        ["id"],
        unique=False,
        sqlite_where=sa.text("gone_since is not null"),
        postgresql_where=sa.text("gone_since is not null"),
    )
