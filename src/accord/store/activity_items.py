"""Items: the objects of an activity worth telling one by one."""

from collections.abc import Sequence

import pyarrow as pa

from accord.model.errors import RowError
from accord.model.frames import Frame


class ActivityItems(Frame):
    """Objects of an activity worth telling one by one: errors, and the outcomes of exports."""

    SCHEMA = pa.schema(
        [
            ("object_type", pa.string()), ("object_id", pa.int64()), ("identity_id", pa.int64()),
            ("anchor", pa.string()), ("at", pa.string()), ("operation", pa.string()), ("outcome", pa.string()),
            ("attribute", pa.string()), ("code", pa.string()), ("message", pa.string()), ("remedy", pa.string()),
        ]
    )  # fmt: skip


class NumberedItems(Frame):
    """Items as they are stored: `seq` counts from 1 within the activity."""

    SCHEMA = pa.schema([("seq", pa.int64()), *ActivityItems.SCHEMA])


def items_of_errors(errors: Sequence[RowError], *, operation: str) -> ActivityItems:
    """Return the row errors as items with the outcome `error`."""
    rows = [
        {
            "object_type": error.object_type, "anchor": error.anchor, "at": error.at, "operation": operation,
            "outcome": "error", "attribute": error.attribute, "code": error.code, "message": error.message,
            "remedy": error.remedy,
        }
        for error in errors
    ]  # fmt: skip
    return ActivityItems(pa.Table.from_pylist(rows, schema=ActivityItems.SCHEMA))
