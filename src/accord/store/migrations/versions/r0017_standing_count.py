"""Keep how many there are of everything beside it, and begin with what there is now."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and fill it."""
    op.create_table(
        "standing_count",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "system", "name"),
    )
    for counted in (
        "select 'object', system, type, count(*) from object where hash is not null group by system, type",
        "select 'identity', '', type, count(*) from identity group by type",
        "select 'pending', system, state, count(*) from pending group by system, state",
    ):
        op.execute(f"insert into standing_count (kind, system, name, n) {counted}")
