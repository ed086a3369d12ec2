"""The tables of governance: what analyses found, and what people declared for them.

`finding` is used from the data, `governance_document` from the control database.
"""

import sqlalchemy as sa

from accord.store.columns import id_column, metadata, text_column

finding = sa.Table(
    "finding",
    metadata,
    text_column("kind", primary_key=True),
    text_column("id", primary_key=True),
    # 0: about no owner.
    id_column("owner_id"),
    text_column("name"),
    text_column("state"),
    text_column("doc"),
    text_column("first_seen"),
    text_column("closed_at"),
    id_column("changed_by"),
    sa.Index("finding_owner", "owner_id", "kind"),
    sa.Index("finding_state", "kind", "state"),
    sqlite_with_rowid=False,
)

governance_document = sa.Table(
    "governance_document",
    metadata,
    text_column("kind", primary_key=True),
    text_column("id", primary_key=True),
    text_column("doc"),
    text_column("changed_at"),
    text_column("changed_by"),
    sqlite_with_rowid=False,
)
