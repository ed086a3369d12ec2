"""Find references to a name in whatever case they are written."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew."""
    op.drop_index("edge_dst", "edge")
    op.create_index("edge_dst", "edge", [sa.text("lower(dst)")], unique=False)
