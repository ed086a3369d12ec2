"""What analyses found, and what people declared for them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=primary_key, nullable=False)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, _Id, nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "finding", _text("kind", primary_key=True), _text("id", primary_key=True), _id("owner_id"), _text("name"),
        _text("state"), _text("doc"), _text("first_seen"), _text("closed_at"), _id("changed_by"),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("finding_owner", "finding", ["owner_id", "kind"])
    op.create_index("finding_state", "finding", ["kind", "state"])
    op.create_table(
        "governance_document", _text("kind", primary_key=True), _text("id", primary_key=True), _text("doc"),
        _text("changed_at"), _text("changed_by"), sqlite_with_rowid=False,
    )  # fmt: skip
