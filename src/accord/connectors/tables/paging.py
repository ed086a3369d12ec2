"""Batches of at most so many rows."""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from accord.connectors.base import ReadBatch
from accord.model.errors import RowError


def pages(object_type: str, rows: pa.RecordBatch, errors: tuple[RowError, ...], page_rows: int) -> Iterator[ReadBatch]:
    """Yield the rows in pages without copying them; the errors, now of that type, come with the first page."""
    errors = tuple(replace(error, object_type=object_type) for error in errors)
    for start in range(0, rows.num_rows or len(errors[:1]), page_rows):
        yield ReadBatch(object_type=object_type, rows=rows.slice(start, page_rows), errors=errors if start == 0 else ())
