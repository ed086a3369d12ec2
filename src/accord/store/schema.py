"""The tables of the data. Documents and values are text no database looks into; references are rows of their own.

Rows of one system lie together and ids are given in order, so that bulk loads append. Other tables stand in the modules
`schema_NOUN`; `migrations` must sum up to exactly all of them (a test compares them on both databases).
"""

import sqlalchemy as sa

from accord.store.columns import id_column as _id
from accord.store.columns import metadata
from accord.store.columns import sequence_column as _sequence
from accord.store.columns import text_column as _text

# --- connector space -------------------------------------------------------------------------------------------

object_ = sa.Table(
    "object",
    metadata,
    _id("id", primary_key=True),
    _text("system"),
    _text("type"),
    _text("anchor", nullable=True),
    _text("dn", nullable=True),
    # The dn in lower case, made by `keys.dn_key` alone: the databases' own lower() disagree beyond ASCII.
    _text("dn_key", nullable=True),
    _id("hash", nullable=True),
    _text("doc", nullable=True),
    _id("created_by"),
    _id("changed_by"),
    # Names lead, so that a name is found without knowing its system.
    sa.Index(
        "object_anchor",
        "anchor",
        "type",
        "system",
        unique=True,
        sqlite_where=sa.text("anchor is not null"),
        postgresql_where=sa.text("anchor is not null"),
    ),
    # Most systems have no dns, and an entry for nothing costs as much as any.
    sa.Index(
        "object_dn",
        "dn_key",
        "system",
        sqlite_where=sa.text("dn_key is not null"),
        postgresql_where=sa.text("dn_key is not null"),
    ),
    # Rows of one system in the order they lie in the table: reading a system is a scan, not a million look-ups.
    sa.Index("object_system", "system"),
)

edge = sa.Table(
    "edge",
    metadata,
    _id("src", primary_key=True),
    _text("attr", primary_key=True),
    _text("dst", primary_key=True),
    # As a database writes it without case; asked for by `keys.spellings`, since databases disagree beyond ASCII.
    sa.Index("edge_dst", sa.text("lower(dst)")),
    sqlite_with_rowid=False,
)

# --- metaverse -------------------------------------------------------------------------------------------------

identity = sa.Table(
    "identity",
    metadata,
    _id("id", primary_key=True),
    _text("type"),
    _text("doc"),
    _id("origin"),
    _id("gone_since", nullable=True),
    _id("created_by"),
    _id("changed_by"),
)

identity_edge = sa.Table(
    "identity_edge",
    metadata,
    _id("src", primary_key=True),
    _text("attr", primary_key=True),
    _id("dst", primary_key=True),
    sa.Index("identity_edge_dst", "dst", "attr"),
    sqlite_with_rowid=False,
)

origin = sa.Table("origin", metadata, _id("id", primary_key=True), _text("doc"))

link = sa.Table(
    "link",
    metadata,
    _id("object_id", primary_key=True),
    _id("identity_id"),
    _text("rule"),
    _text("how"),
    _id("created_by"),
    sa.Index("link_identity", "identity_id"),
)

# --- pending exports -------------------------------------------------------------------------------------------

pending = sa.Table(
    "pending",
    metadata,
    _id("object_id", primary_key=True),
    _id("identity_id", nullable=True),
    _text("system"),
    _text("type"),
    _text("rule", nullable=True),
    _text("operation"),
    _text("dn", nullable=True),
    _text("new_dn", nullable=True),
    _text("before", nullable=True),
    _text("after", nullable=True),
    _text("reason", nullable=True),
    _text("state"),
    _id("attempts"),
    _id("due_at", nullable=True),
    _text("code"),
    _text("message"),
    _id("planned_by"),
    _id("sent_by", nullable=True),
    # The order of sending, see `places`.
    _id("place"),
    sa.Index("pending_place", "system", "state", "place", "object_id"),
    # Deletions are few and everybody asks how many.
    sa.Index(
        "pending_delete",
        "system",
        sqlite_where=sa.text("operation = 'delete'"),
        postgresql_where=sa.text("operation = 'delete'"),
    ),
)

pending_edge = sa.Table(
    "pending_edge",
    metadata,
    _id("object_id", primary_key=True),
    _text("attr", primary_key=True),
    _text("change", primary_key=True),
    # 0 and '' stand for none: parts of a key cannot be null.
    _id("dst_object", primary_key=True),
    _text("dst_text", primary_key=True),
    _text("state"),
    sqlite_with_rowid=False,
)

journal = sa.Table(
    "journal",
    metadata,
    _sequence(),
    _id("activity"),
    _id("object_id"),
    _text("system"),
    _text("operation"),
    _text("state"),
    _text("anchor", nullable=True),
    _text("code"),
    _text("message"),
    sa.Index("journal_activity", "activity", "object_id"),
    sa.Index(
        "journal_sending",
        "object_id",
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    ),
)

# --- plans -----------------------------------------------------------------------------------------------------

plan = sa.Table(
    "plan",
    metadata,
    _text("id", primary_key=True),
    _text("kind"),
    _text("state"),
    _text("system"),
    _text("created_at"),
    _text("created_by"),
    _text("digest"),
    _text("rules_digest"),
    _text("versions"),
    _text("counts"),
    _text("verdict"),
    _text("released_by"),
    _text("release_reason"),
    _id("applied_by", nullable=True),
)

plan_frame = sa.Table(
    "plan_frame",
    metadata,
    _text("plan_id", primary_key=True),
    _text("name", primary_key=True),
    _id("part", primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# --- what happened ---------------------------------------------------------------------------------------------

history = sa.Table(
    "history",
    metadata,
    _sequence(),
    _id("activity"),
    _text("kind"),
    _id("subject"),
    _text("operation"),
    # The document as it was before; additions are not told here but by `created_by` of the subject.
    _text("before", nullable=True),
    _text("before_dn", nullable=True),
    _text("system", nullable=True),
    _text("type", nullable=True),
    _text("anchor", nullable=True),
    # Of an edge: attribute and destination. Of a link: rule and identity.
    _text("attr", nullable=True),
    _text("dst", nullable=True),
    _id("gone_since", nullable=True),
    _id("created_by", nullable=True),
    # Of an identity: which rule gave which value, as it was before.
    _id("origin", nullable=True),
    sa.Index("history_subject", "kind", "subject"),
    sa.Index("history_activity", "activity"),
)

# --- coordination ----------------------------------------------------------------------------------------------

version = sa.Table("version", metadata, _text("scope", primary_key=True), _id("n"))

lease = sa.Table(
    "lease",
    metadata,
    _text("system", primary_key=True),
    _id("epoch"),
    _text("owner"),
    # Microseconds of the epoch, UTC.
    _id("until"),
)

meta = sa.Table("meta", metadata, _text("key", primary_key=True), _text("value"))

# Which activities committed their plan: written in the very transaction, so that a crash leaves no doubt.
committed = sa.Table("committed", metadata, _id("activity", primary_key=True), _text("at"))
