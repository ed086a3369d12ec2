"""Reviews: objects that may belong to an identity."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of reviews."""
    op.create_table(
        "review",
        sa.Column("object_id", _ID, autoincrement=False, nullable=False),
        sa.Column("identity_id", _ID, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", "identity_id"),
        sqlite_with_rowid=False,
    )
