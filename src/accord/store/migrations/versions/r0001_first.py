"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "activity",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("parent", _ID, autoincrement=False, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("phases", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("activity_guid", "activity", ["guid"], unique=True)
    op.create_index("activity_state", "activity", ["state"], unique=False)
    op.create_table(
        "activity_item",
        sa.Column("activity", _ID, autoincrement=False, nullable=False),
        sa.Column("seq", _ID, autoincrement=False, nullable=False),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_id", _ID, autoincrement=False, nullable=True),
        sa.Column("identity_id", _ID, autoincrement=False, nullable=True),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("attribute", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("activity", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("seq", _ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "edge",
        sa.Column("src", _ID, autoincrement=False, nullable=False),
        sa.Column("attr", sa.Text(), nullable=False),
        sa.Column("dst", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("src", "attr", "dst"),
        sqlite_with_rowid=False,
    )
    op.create_index("edge_dst", "edge", ["dst"], unique=False)
    op.create_table(
        "history",
        sa.Column("seq", _ID, autoincrement=True, nullable=False),
        sa.Column("activity", _ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", _ID, autoincrement=False, nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("before_dn", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("attr", sa.Text(), nullable=True),
        sa.Column("dst", sa.Text(), nullable=True),
        sa.Column("gone_since", _ID, autoincrement=False, nullable=True),
        sa.Column("created_by", _ID, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("history_activity", "history", ["activity"], unique=False)
    op.create_index("history_subject", "history", ["kind", "subject"], unique=False)
    op.create_table(
        "identity",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.Column("origin", _ID, autoincrement=False, nullable=False),
        sa.Column("gone_since", _ID, autoincrement=False, nullable=True),
        sa.Column("created_by", _ID, autoincrement=False, nullable=False),
        sa.Column("changed_by", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_edge",
        sa.Column("src", _ID, autoincrement=False, nullable=False),
        sa.Column("attr", sa.Text(), nullable=False),
        sa.Column("dst", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("src", "attr", "dst"),
        sqlite_with_rowid=False,
    )
    op.create_index("identity_edge_dst", "identity_edge", ["dst", "attr"], unique=False)
    op.create_table(
        "journal",
        sa.Column("seq", _ID, autoincrement=True, nullable=False),
        sa.Column("activity", _ID, autoincrement=False, nullable=False),
        sa.Column("object_id", _ID, autoincrement=False, nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("journal_activity", "journal", ["activity", "object_id"], unique=False)
    op.create_index(
        "journal_sending",
        "journal",
        ["object_id"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_table(
        "lease",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("epoch", _ID, autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("system"),
    )
    op.create_table(
        "link",
        sa.Column("object_id", _ID, autoincrement=False, nullable=False),
        sa.Column("identity_id", _ID, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("created_by", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("object_id"),
    )
    op.create_index("link_identity", "link", ["identity_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "object",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("dn", sa.Text(), nullable=True),
        sa.Column("dn_key", sa.Text(), nullable=True),
        sa.Column("hash", _ID, autoincrement=False, nullable=True),
        sa.Column("doc", sa.Text(), nullable=True),
        sa.Column("created_by", _ID, autoincrement=False, nullable=False),
        sa.Column("changed_by", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "object_anchor",
        "object",
        ["anchor", "type", "system"],
        unique=True,
        sqlite_where=sa.text("anchor is not null"),
        postgresql_where=sa.text("anchor is not null"),
    )
    op.create_index(
        "object_dn",
        "object",
        ["dn_key", "system"],
        unique=False,
        sqlite_where=sa.text("dn_key is not null"),
        postgresql_where=sa.text("dn_key is not null"),
    )
    op.create_index("object_system", "object", ["system"], unique=False)
    op.create_table(
        "origin",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pending",
        sa.Column("object_id", _ID, autoincrement=False, nullable=False),
        sa.Column("identity_id", _ID, autoincrement=False, nullable=True),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("dn", sa.Text(), nullable=True),
        sa.Column("new_dn", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", _ID, autoincrement=False, nullable=False),
        sa.Column("due_at", _ID, autoincrement=False, nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("planned_by", _ID, autoincrement=False, nullable=False),
        sa.Column("sent_by", _ID, autoincrement=False, nullable=True),
        sa.Column("place", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("object_id"),
    )
    op.create_index("pending_place", "pending", ["system", "state", "place", "object_id"], unique=False)
    op.create_table(
        "pending_edge",
        sa.Column("object_id", _ID, autoincrement=False, nullable=False),
        sa.Column("attr", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("dst_object", _ID, autoincrement=False, nullable=False),
        sa.Column("dst_text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("object_id", "attr", "change", "dst_object", "dst_text"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rules_digest", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("release_reason", sa.Text(), nullable=False),
        sa.Column("applied_by", _ID, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "plan_frame",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("part", _ID, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "name", "part"),
    )
    op.create_table(
        "version",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("n", _ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
