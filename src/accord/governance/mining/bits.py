"""Sets of small numbers as the bits of one integer: union, intersection and inclusion are one operation each."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

_FEW = 64
_SOME = 24
_NARROW_BITS = 4096
_BLOCK = 1 << 24

_Numbers = npt.NDArray[np.integer]


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


def sets_of(owners: _Numbers, members: _Numbers, *, count: int, width: int) -> list[int]:
    """Return the set of each owner 0..count-1 from pairs in ascending order of owners; members are below `width`."""
    step = max(1, _BLOCK // max(1, width))
    ends = np.searchsorted(owners, np.arange(0, count + step, step))
    found = []
    for at, first in enumerate(range(0, count, step)):
        piece = slice(ends[at], ends[at + 1])
        mask = np.zeros((min(step, count - first), width), dtype=np.uint8)
        mask[owners[piece] - first, members[piece]] = 1
        found += [int.from_bytes(row.tobytes(), "little") for row in np.packbits(mask, axis=1, bitorder="little")]
    return found


def pairs_of(sets: Sequence[int], *, width: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the pairs of owner and member, ascending; what `sets_of` makes sets of."""
    size = (width + 7) // 8
    step = max(1, _BLOCK // max(1, size))
    owners, members = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for first in range(0, len(sets), step):
        raw = b"".join(one.to_bytes(size, "little") for one in sets[first : first + step])
        packed = np.frombuffer(raw, dtype=np.uint8)
        places = np.flatnonzero(packed)
        which, bit = np.nonzero(np.unpackbits(packed[places, None], axis=1, bitorder="little"))
        places = places[which]
        owners.append(places // size + first)
        members.append(places % size * 8 + bit)
    return np.concatenate(owners), np.concatenate(members)


def transpose(sets: Sequence[int], *, width: int) -> list[int]:
    """Return for each member below `width` the set of those whose set it is in."""
    owners, members = pairs_of(sets, width=width)
    order = np.argsort(members, kind="stable")
    return sets_of(members[order], owners[order], count=width, width=len(sets))
