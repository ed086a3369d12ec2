"""The one way names are compared without case, whatever the database."""

import pyarrow as pa
import pyarrow.compute as pc


def dn_key(dn: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return the dns as they are compared: in lower case."""
    return pc.utf8_lower(dn)


def dn_key_of(dn: str) -> str:
    """Return one dn as it is compared."""
    return str(dn_key(pa.array([dn]))[0].as_py())
