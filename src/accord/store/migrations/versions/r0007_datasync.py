"""DataSync jobs: bodies, providers, runs and their results, tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=primary_key, nullable=nullable)


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, _Id, primary_key=primary_key, autoincrement=False, nullable=nullable)


def _sequence() -> sa.Column[int]:
    return sa.Column("id", _Id, primary_key=True, autoincrement=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "datasync_job", _sequence(), _text("kind"), _text("name"), _id("collection", nullable=True), _text("body"),
        _text("created_at"), _text("modified_at", nullable=True), _text("created_by"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("datasync_job_collection", "datasync_job", ["collection"])
    op.create_table(
        "datasync_provider", _sequence(), _text("name"), _text("name_key"), _id("type"), _text("body"),
        _text("created_at"), _text("modified_at"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("datasync_provider_name", "datasync_provider", ["name_key"], unique=True)
    op.create_table(
        "datasync_run", _sequence(), _id("job"), _id("collection_run", nullable=True), _id("activity", nullable=True),
        _text("verb"), _text("actor"), _text("state"), _text("started_at"), _text("ended_at", nullable=True),
        _text("message"), _text("counts"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("datasync_run_job", "datasync_run", ["job"])
    op.create_table(
        "datasync_result", _id("run", primary_key=True), _id("seq", primary_key=True), _text("row"),
        _text("object_type"), _text("key"), _text("action"), _text("outcome"), _text("attribute"), _text("code"),
        _text("message"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "datasync_token", _text("hash", primary_key=True), _text("kind"), _text("caller"), _text("expires_at")
    )
