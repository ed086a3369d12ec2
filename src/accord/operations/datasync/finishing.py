"""The last events of every row: RowFinishing and RowFinished, or RowFailed for one that failed before it was sent."""

from collections.abc import Iterable, Sequence

from accord.datasync.events import JobEvents, Subject, rows_as_calls
from accord.datasync.reading import JobSource
from accord.datasync.rows import PLACE
from accord.store.datasync import RowResult

_CHUNK = 5_000


def finish_rows(
    events: JobEvents, source: JobSource, object_types: Iterable[str], results: Sequence[RowResult]
) -> None:
    """Fire the events that end rows; whose write was refused was told so at once."""
    failed = {result.row: result for result in results if result.outcome in ("error", "failed", "unknown")}
    if events.has("RowFailed"):
        lost = [result for result in failed.values() if result.outcome == "error"]
        events.told("RowFailed", [Subject(place=r.row, row={}, staging={}, error=r.message) for r in lost])
    if not events.has("RowFinishing", "RowFinished"):
        return
    for object_type in object_types:
        rows = source.rows_of(object_type)
        for start in range(0, rows.num_rows, _CHUNK):
            part = rows.slice(start, _CHUNK)
            places = part[PLACE].to_pylist()
            subjects = [
                Subject(place=str(place), row=row, staging={})
                for place, row in zip(places, rows_as_calls(part), strict=True)
                if place not in failed
            ]
            for event in ("RowFinishing", "RowFinished"):
                events.told(event, subjects)
