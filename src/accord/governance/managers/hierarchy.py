"""The shape of who reports to whom: cycles, levels, spans, and who can act for an absent manager.

Everybody has at most one manager, so that jumping twice as far at each step reaches every top in some twenty steps,
however large or deep the organisation is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """The shape, for each owner by position.

    `cycle` is the lowest position of the cycle they are in, or NOBODY; `level` counts from 0 at a top; `span` is how
    many report directly; `approver` the first active manager upwards, NOBODY where there is none.
    `breaks` is for each cycle whose tie to sever: the least sure, of equal ones the newest, of these the last.
    """

    cycle: Numbers
    level: Numbers
    span: Numbers
    approver: Numbers
    breaks: dict[int, int]


def find_hierarchy(
    manager: Numbers, *, confidence: npt.NDArray[np.float64], since: Numbers, is_active: npt.NDArray[np.bool_]
) -> Hierarchy:
    """Return the shape; `manager` is a position or NOBODY. Cycles are severed for levels and approvers."""
    cycle = _cycles(manager)
    breaks = _breaks(cycle, confidence, since)
    severed = manager.copy()
    severed[list(breaks.values())] = NOBODY
    return Hierarchy(
        cycle=cycle,
        level=_levels(severed),
        span=np.bincount(manager[manager != NOBODY], minlength=len(manager)),
        approver=_approvers(severed, is_active),
        breaks=breaks,
    )


def _cycles(manager: Numbers) -> Numbers:
    """After as many steps as there are owners, everybody is at a top or on a cycle; the cycles are what is reached."""
    count = len(manager)
    jump = np.append(np.where(manager == NOBODY, count, manager), count)
    lowest = np.append(np.minimum(np.arange(count), np.where(manager == NOBODY, count, manager)), count)
    for _ in range(max(1, count.bit_length())):
        lowest = np.minimum(lowest, lowest[jump])
        jump = jump[jump]
    reached = np.zeros(count + 1, dtype=bool)
    reached[jump] = True
    on_cycle = reached[:count] & (manager != NOBODY)
    return np.where(on_cycle, lowest[:count], NOBODY)


def _breaks(cycle: Numbers, confidence: npt.NDArray[np.float64], since: Numbers) -> dict[int, int]:
    members = np.flatnonzero(cycle != NOBODY)
    order = members[np.lexsort((-members, -since[members], confidence[members]))]
    breaks: dict[int, int] = {}
    for member in order.tolist():
        breaks.setdefault(int(cycle[member]), member)
    return dict(sorted(breaks.items()))


def _levels(manager: Numbers) -> Numbers:
    count = len(manager)
    jump = np.append(np.where(manager == NOBODY, count, manager), count)
    level = np.append((manager != NOBODY).astype(np.int64), 0)
    for _ in range(max(1, count.bit_length())):
        level = level + level[jump]
        jump = jump[jump]
    return level[:count]


def _approvers(manager: Numbers, is_active: npt.NDArray[np.bool_]) -> Numbers:
    """Jump over whoever is not active, twice as far at each step."""
    count = len(manager)
    above = np.append(np.where(manager == NOBODY, count, manager), count)
    absent = np.append(~is_active, False)
    skip = np.where(absent, above, np.arange(count + 1))
    for _ in range(max(1, count.bit_length())):
        skip = skip[skip]
    found = skip[above[:count]]
    return np.where(found == count, NOBODY, found)
