"""Activities become jobs: queued, taken in turns, cancelled, resumed; commits are marked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what queues know of an activity, the systems it needs, and the marks of commits."""
    for name, default in (
        ("task", ""), ("queued_at", ""), ("parameters", "{}"), ("key", None), ("cancel_requested_at", ""),
        ("cancel_requested_by", ""),
    ):  # fmt: skip
        op.add_column("activity", sa.Column(name, sa.Text(), nullable=default is None, server_default=default))
    for name in ("beat_at", "attempt"):
        op.add_column("activity", sa.Column(name, _Id, nullable=False, server_default="0"))
    op.create_index("activity_task", "activity", ["task"])
    op.create_index("activity_parent", "activity", ["parent"])
    op.create_index("activity_key", "activity", ["key"], unique=True)
    op.create_table(
        "activity_system",
        sa.Column("activity", _Id, primary_key=True, autoincrement=False),
        sa.Column("system", sa.Text(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("activity_system_system", "activity_system", ["system"])
    op.create_table(
        "committed",
        sa.Column("activity", _Id, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text(), nullable=False),
    )
