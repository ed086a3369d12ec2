"""What scripts of DataSync jobs wrote is remembered; DataSync jobs have schedules."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=primary_key, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "datasync_staged", _text("object_type", primary_key=True), _text("anchor", primary_key=True),
        _text("attribute", primary_key=True), _text("computed"), _text("written"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "datasync_schedule", sa.Column("id", _Id, primary_key=True, autoincrement=True), _text("name"), _text("body"),
        _text("created_at"), _text("created_by"), _text("modified_at"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("datasync_schedule_name", "datasync_schedule", ["name"], unique=True)
