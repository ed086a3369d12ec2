"""Find owners by what they, or their managers, are called, for incremental manager resolutions."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "reporting_name",
        sa.Column("side", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("side", "hash", "owner_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("reporting_name_owner", "reporting_name", ["owner_id", "side"], unique=False)
