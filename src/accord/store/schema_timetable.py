"""The table of the clock: up to when each schedule was looked at, by whichever worker."""

import sqlalchemy as sa

from accord.store.columns import metadata, text_column

schedule_clock = sa.Table(
    "schedule_clock",
    metadata,
    text_column("schedule", primary_key=True),
    # What it was then: times that are new do not reach back.
    text_column("crons"),
    text_column("checked_at"),
)
