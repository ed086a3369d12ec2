"""Local administrators sign in with a name and a password."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=primary_key, nullable=False)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "administrator", _text("name", primary_key=True), _text("roles"), _text("salt"), _text("hash"),
        sa.Column("cost", _Id, nullable=False, autoincrement=False), _text("created_at"), _text("created_by"),
    )  # fmt: skip
