"""The counts a page shows: the latest there are, so that nobody waits for a big population to be counted."""

from typing import cast

from fastapi import Request

from accord.app import Context
from accord.operations.counting import Counter, LatestCounts


def latest_counts(request: Request, context: Context) -> LatestCounts:
    """Return the counts for a page; it tells its reader when they are not of this moment."""
    return cast("Counter", request.app.state.counter).look(context)
