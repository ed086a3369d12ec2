"""How rows are found and lie: names without case, ids in order, exports in the order of sending."""

from collections.abc import Sequence
from itertools import product

import pyarrow as pa
import pyarrow.compute as pc


def dn_key(dn: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return the dns as they are compared: in lower case."""
    return pc.utf8_lower(dn)


def dn_key_of(dn: str) -> str:
    """Return one dn as it is compared."""
    return str(dn_key(pa.array([dn]))[0].as_py())


def spellings(names: Sequence[str] | pa.Array | pa.ChunkedArray) -> list[str]:
    """Return how databases may write these names in lower case, some of whom leave alone what is not ASCII.

    Beyond six letters that are not ASCII: all small, all large, and as they are.
    """
    texts = names.to_pylist() if isinstance(names, pa.Array | pa.ChunkedArray) else names
    return sorted({spelling for name in texts for spelling in _spellings(name)})


def _spellings(name: str) -> set[str]:
    choices = [{c.lower()} if c.isascii() else _cases(c) for c in name]
    if sum(len(c) > 1 for c in choices) > _MOST_LETTERS:
        return {_ascii_lower(name), _ascii_lower(name.upper()), name.lower()}
    return {"".join(letters) for letters in product(*choices)}


def _cases(letter: str) -> set[str]:
    """Return the letter small and large; what becomes several letters has one form only."""
    return {c for c in (letter, letter.lower(), letter.upper()) if len(c) == 1}


def _ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def send_places(pending: pa.Table) -> pa.ChunkedArray:
    """Return where each pending export comes when sending: smaller first.

    Creates, changes of values, renames, references alone, deletes. A parent's dn is the end of its children's and
    so is shorter: parents are created before and deleted after their children.
    """
    operation = pending["operation"]
    is_valued = pc.or_(pc.is_valid(pending["before"]), pc.is_valid(pending["after"]))
    ranks = {
        1: pc.equal(operation, "create"),
        3: pc.equal(operation, "rename"),
        5: pc.equal(operation, "delete"),
        2: pc.or_(is_valued, pc.is_valid(pending["new_dn"])),
    }
    values = [pa.scalar(rank, pa.int64()) for rank in (*ranks, REFERENCES_RANK)]
    rank = pc.case_when(pc.make_struct(*ranks.values()), *values)
    length = pc.cast(pc.fill_null(pc.utf8_length(pending["dn"]), 0), pa.int64())
    depth = pc.if_else(pc.equal(operation, "delete"), pc.negate(length), length)
    return pc.add(pc.multiply(rank, RANK), depth)


RANK = 10_000_000
"""How far apart the kinds of operation are: more than any dn is long."""

REFERENCES_RANK = 4
_MOST_LETTERS = 6
