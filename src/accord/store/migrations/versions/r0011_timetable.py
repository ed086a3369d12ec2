"""Schedules are looked at by a clock."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "schedule_clock",
        sa.Column("schedule", sa.Text(), primary_key=True),
        sa.Column("crons", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.Text(), nullable=False),
    )
