"""The configuration is kept in the store: files, revisions, public ids, secrets, discoveries."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=primary_key, nullable=nullable)


def _id(name: str, *, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, _Id, primary_key=primary_key, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "document", _text("file", primary_key=True), _text("body"), _id("revision"), sqlite_with_rowid=False
    )
    op.create_table(
        "revision", _id("number", primary_key=True), _text("at"), _text("actor"), _text("action"), _text("subject"),
        _text("reason"),
    )  # fmt: skip
    op.create_table(
        "document_change", _id("revision", primary_key=True), _text("file", primary_key=True),
        _text("body", nullable=True), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("document_change_file", "document_change", ["file", "revision"])
    op.create_table(
        "public_id", sa.Column("id", _Id, primary_key=True, autoincrement=True), _text("kind"), _text("path"),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("public_id_path", "public_id", ["kind", "path"], unique=True)
    op.create_table("secret", _text("name", primary_key=True), _text("sealed"), _text("changed_at"))
    op.create_table(
        "discovery", _text("system", primary_key=True), _text("kind", primary_key=True), _text("at"), _text("body")
    )
