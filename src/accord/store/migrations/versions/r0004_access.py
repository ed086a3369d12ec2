"""API keys, people who signed in, and an audit trail in which every entry seals those before it."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of access, and seal the entries there are."""
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("name", "description", "prefix", "hash", "roles")),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("created_at", "created_by")),
        *(sa.Column(n, sa.Text(), nullable=True) for n in ("expires_at", "last_used_at", "last_used_from")),
        sa.Column("is_enabled", _Id, nullable=False, autoincrement=False),
    )
    op.create_index("api_key_hash", "api_key", ["hash"], unique=True)
    op.create_table(
        "sign_in",
        sa.Column("hash", sa.Text(), primary_key=True),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("subject", "name", "roles", "csrf")),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("created_at", "expires_at")),
    )
    op.add_column("audit", sa.Column("hash", sa.Text(), nullable=False, server_default=""))
    _seal()


def _seal() -> None:
    connection = op.get_bind()
    entries = connection.execute(
        sa.text("select seq, at, actor, action, subject, reason, detail from audit order by seq")
    ).fetchall()
    before = ""
    for number, entry in enumerate(entries, start=1):
        text = json.dumps([before, number, *entry[1:]], ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(
            sa.text("update audit set seq = :number, hash = :hash where seq = :seq"),
            {"number": number, "hash": before, "seq": entry[0]},
        )
