"""How rows are found and lie: names without case, ids in order, exports in the order of sending."""

import pyarrow as pa
import pyarrow.compute as pc


def dn_key(dn: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return the dns as they are compared: in lower case."""
    return pc.utf8_lower(dn)


def dn_key_of(dn: str) -> str:
    """Return one dn as it is compared."""
    return str(dn_key(pa.array([dn]))[0].as_py())


def by_id(rows: pa.Table, column: str = "id") -> pa.Table:
    """Return the rows in order of id, as they are when they are so already."""
    ids = rows[column]
    if pc.all(pc.less(ids.slice(0, max(len(ids) - 1, 0)), ids.slice(1))).as_py() is not False:
        return rows
    return rows.sort_by(column)


def send_places(pending: pa.Table) -> pa.ChunkedArray:
    """Return where each pending export comes when sending: smaller first.

    Creates, updates, renames, references alone, deletes. A parent's dn is the end of its children's and so is
    shorter: parents are created before and deleted after their children.
    """
    operation = pending["operation"]
    has_values = pc.or_(
        pc.or_(pc.is_valid(pending["before"]), pc.is_valid(pending["after"])), pc.is_valid(pending["new_dn"])
    )
    rank = pc.case_when(
        pc.make_struct(
            pc.equal(operation, "create"),
            pc.and_(pc.equal(operation, "update"), has_values),
            pc.equal(operation, "rename"),
            pc.equal(operation, "update"),
        ),
        *(pa.scalar(rank, pa.int64()) for rank in (1, 2, 3, REFERENCES_RANK, 5)),
    )
    length = pc.cast(pc.fill_null(pc.utf8_length(pending["dn"]), 0), pa.int64())
    depth = pc.if_else(pc.equal(operation, "delete"), pc.negate(length), length)
    return pc.add(pc.multiply(rank, RANK), depth)


RANK = 10_000_000
"""How far apart the kinds of operation are: more than any dn is long."""

REFERENCES_RANK = 4
