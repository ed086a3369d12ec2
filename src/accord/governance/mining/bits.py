"""Sets of small numbers as the bits of one integer: union, intersection and inclusion are one operation each."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

_FEW = 64
_SOME = 24
_NARROW_BITS = 4096


def bits_of(members: Sequence[int] | npt.NDArray[np.int64]) -> int:
    """Return the set of these numbers."""
    if len(members) <= _FEW:
        bits = 0
        for member in members:
            bits |= 1 << int(member)
        return bits
    mask = np.zeros(int(max(members)) + 1, dtype=np.uint8)
    mask[np.asarray(members)] = 1
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def members(bits: int) -> list[int]:
    """Return the numbers of the set, ascending."""
    return list(each(bits))


def each(bits: int) -> Iterator[int]:
    """Yield the numbers of the set, ascending."""
    if bits.bit_length() > _NARROW_BITS and bits.bit_count() > _SOME:
        raw = np.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), dtype=np.uint8)
        yield from np.flatnonzero(np.unpackbits(raw, bitorder="little")).tolist()
        return
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def union(sets: Iterable[int]) -> int:
    """Return what is in any of the sets."""
    result = 0
    for one in sets:
        result |= one
    return result
