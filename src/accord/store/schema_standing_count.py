"""The table of how many there are: kept by whatever changes it, so that nobody counts a big population to show it."""

import sqlalchemy as sa

from accord.store.columns import id_column as _id
from accord.store.columns import metadata
from accord.store.columns import text_column as _text

standing_count = sa.Table(
    "standing_count",
    metadata,
    # `object` of a system by type, `identity` by type (of no system), `pending` of a system by state.
    _text("kind", primary_key=True),
    _text("system", primary_key=True),
    _text("name", primary_key=True),
    _id("n"),
)
