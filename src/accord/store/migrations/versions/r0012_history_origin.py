"""History tells which rule gave which value, also of values that are no more."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what was before, nobody knows."""
    op.add_column("history", sa.Column("origin", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
