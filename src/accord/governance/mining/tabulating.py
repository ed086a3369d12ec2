"""Reads pairs of user and permission by columns, where a file is so large that line by line would take minutes.

What it cannot read with certainty it leaves to `parsing`, which reads line by line and names the line that is wrong.
"""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from accord.governance.mining.assignments import Assignments, from_codes

LARGE_BYTES = 4 << 20
_SEPARATORS = ("\t", ";", ",")
_CODES = pa.dictionary(pa.int32(), pa.string())


def tabulate(content: bytes, *, heads: tuple[tuple[str, str], ...]) -> Assignments | None:
    """Return the assignments of a large text of pairs, one a line; None for whatever needs a closer look.

    `heads` are the first lines that only name the columns, in lower case.
    """
    first = content[: content.find(b"\n") + 1].decode("utf-8-sig", errors="replace")
    separator = next((s for s in _SEPARATORS if s in first), None)
    if separator is None or first.startswith("#") or b"\n#" in content:
        return None
    table = _read(content, separator)
    if table is None or not table.num_rows or table.column(0).null_count or table.column(1).null_count:
        return None
    users, user_names = _coded(table.column(0))
    permissions, permission_names = _coded(table.column(1))
    if (user_names[users[0].as_py()].lower(), permission_names[permissions[0].as_py()].lower()) in heads:
        users, user_names = _coded(table.column(0).slice(1))
        permissions, permission_names = _coded(table.column(1).slice(1))
    if not user_names or "" in user_names or "" in permission_names:
        return None
    return from_codes(user_names, permission_names, users.to_numpy(), permissions.to_numpy())


def _read(content: bytes, separator: str) -> pa.Table | None:
    try:
        return csv.read_csv(
            pa.BufferReader(content),
            read_options=csv.ReadOptions(column_names=["user", "permission"]),
            parse_options=csv.ParseOptions(delimiter=separator),
            convert_options=csv.ConvertOptions(column_types={"user": _CODES, "permission": _CODES}, null_values=[]),
        )
    except pa.ArrowInvalid:
        return None


def _coded(column: pa.ChunkedArray) -> tuple[pa.Array, list[str]]:
    """Return for each value the place of its name among all names, without the space around them."""
    whole = column.unify_dictionaries().combine_chunks()
    trimmed = pc.utf8_trim_whitespace(whole.dictionary).dictionary_encode()
    names = trimmed.indices.take(whole.indices).dictionary_encode()
    return names.indices, trimmed.dictionary.take(names.dictionary).to_pylist()
