"""How far roles reach: the share of all pairs that the first so many explain, and who holds what as a picture.

The picture is a grid of bins. Users and permissions are put in the order of the roles they are in, so that roles show
as blocks; a bin tells which share of its pairs is held, and which share of these some role grants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import each, members, transpose
from accord.governance.mining.roles import Role

SHARES = (0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
BINS = 48
_POINTS = 100
_STEP = 1_000

_Shares = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Neighbours in the picture: how many, and the role (by position) that most of them are in, or -1."""

    count: int
    role: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Who holds what: `held` and `granted` are shares from 0 to 1, a row for each bin of users."""

    users: tuple[Bin, ...]
    permissions: tuple[Bin, ...]
    held: _Shares
    granted: _Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`order` has the roles by what each adds; `curve` pairs a count of roles with the share of pairs they explain.

    `needed` says for some shares how many roles they take; a share that is not reached is left out.
    """

    order: tuple[int, ...]
    curve: tuple[tuple[int, float], ...]
    needed: tuple[tuple[float, int], ...]


def find_reach(assignments: Assignments, roles: Sequence[Role]) -> Reach:
    """Return how far the roles reach, the one that explains most first."""
    total = max(1, assignments.count)
    bare, sides = _seen_from_the_cheaper_side(assignments, roles)
    queue = [(-_added(sides[at], bare), at) for at in range(len(roles))]
    heapify(queue)
    order, covered = [], [0]
    while queue:
        stale, at = heappop(queue)
        gain = _added(sides[at], bare)
        # What a role adds only falls while others are taken, so that only the best must be counted anew.
        if -stale > gain and queue and gain < -queue[0][0]:
            heappush(queue, (-gain, at))
            continue
        lines, crossing = sides[at]
        for line in each(lines):
            bare[line] &= ~crossing
        order.append(at)
        covered.append(covered[-1] + gain)
    shares = [count / total for count in covered]
    needed = tuple(
        (share, int(at)) for share in SHARES if (at := int(np.searchsorted(shares, share - 1e-12))) < len(shares)
    )
    points = sorted({*np.linspace(0, len(order), num=min(_POINTS, len(order) + 1), dtype=int).tolist()})
    return Reach(order=tuple(order), curve=tuple((at, round(shares[at], 6)) for at in points), needed=needed)


def draw(assignments: Assignments, roles: Sequence[Role], order: Sequence[int], *, bins: int = BINS) -> Picture:
    """Return the picture; `order` is that of the roles. Who holds nothing, and what nobody holds, is left out."""
    users = _places([roles[at].users for at in order], [u for u, row in enumerate(assignments.rows) if row])
    held_at_all = 0
    for row in set(assignments.rows):
        held_at_all |= row
    permissions = _places([roles[at].permissions for at in order], members(held_at_all))
    of_users, of_permissions = _bins(users, order, bins), _bins(permissions, order, bins)
    if not users:
        return Picture(users=(), permissions=(), held=(), granted=())
    granted = [0] * len(assignments.rows)
    for role in roles:
        for user in each(role.users):
            granted[user] |= role.permissions
    rows = [assignments.rows[user] for user, _ in users]
    told = [assignments.rows[user] & granted[user] for user, _ in users]
    spots = np.full(max(p for p, _ in permissions) + 1, 0, dtype=np.int64)
    spots[[p for p, _ in permissions]] = _spots(len(permissions), len(of_permissions))
    held = _counts(rows, spots, len(of_users), len(of_permissions))
    explained = _counts(told, spots, len(of_users), len(of_permissions))
    area = np.outer([b.count for b in of_users], [b.count for b in of_permissions])
    return Picture(
        users=of_users,
        permissions=of_permissions,
        held=_rounded(held / area),
        granted=_rounded(explained / np.maximum(held, 1)),
    )


def _seen_from_the_cheaper_side(
    assignments: Assignments, roles: Sequence[Role]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Return users or permissions with what each holds or is held by, and the roles' two sets in the same order."""
    by_users = sum(role.users.bit_count() for role in roles) * (_STEP + len(assignments.permissions))
    by_permissions = sum(role.permissions.bit_count() for role in roles) * (_STEP + len(assignments.users))
    if by_users <= by_permissions:
        return list(assignments.rows), [(role.users, role.permissions) for role in roles]
    return transpose(assignments.rows, width=len(assignments.permissions)), [(r.permissions, r.users) for r in roles]


def _added(sides: tuple[int, int], bare: Sequence[int]) -> int:
    lines, crossing = sides
    return sum((crossing & bare[line]).bit_count() for line in each(lines))


def _places(sets: Sequence[int], wanted: Sequence[int]) -> list[tuple[int, int]]:
    """Return the wanted in the order of the first set each is in, then of the others; with the first set, or -1."""
    belongs: dict[int, list[int]] = {}
    for at, found in enumerate(sets):
        for member in each(found):
            belongs.setdefault(member, []).append(at)
    nowhere = [len(sets)]
    ordered = sorted(wanted, key=lambda member: (belongs.get(member, nowhere), member))
    return [(member, belongs[member][0] if member in belongs else -1) for member in ordered]


def _spots(count: int, bins: int) -> npt.NDArray[np.int64]:
    """Return for each of `count` neighbours its bin."""
    spots: npt.NDArray[np.int64] = np.arange(count, dtype=np.int64) * bins // max(1, count)
    return spots


def _bins(places: Sequence[tuple[int, int]], order: Sequence[int], bins: int) -> tuple[Bin, ...]:
    count = min(bins, len(places))
    firsts = np.asarray([first for _, first in places], dtype=np.int64)
    spots = _spots(len(places), count)
    found = []
    for at in range(count):
        own = firsts[spots == at]
        values, times = np.unique(own, return_counts=True)
        first = int(values[np.argmax(times)])
        found.append(Bin(count=len(own), role=order[first] if first >= 0 else -1))
    return tuple(found)


def _counts(rows: Sequence[int], spots: npt.NDArray[np.int64], down: int, across: int) -> npt.NDArray[np.float64]:
    """Return how many pairs lie in each bin; equal rows of one bin are looked at once."""
    times: dict[tuple[int, int], int] = {}
    for at, row in zip(_spots(len(rows), down).tolist(), rows, strict=True):
        times[at, row] = times.get((at, row), 0) + 1
    counts = np.zeros((down, across))
    for (at, row), count in times.items():
        if row:
            counts[at] += count * np.bincount(spots[members(row)], minlength=across)
    return counts


def _rounded(shares: npt.NDArray[np.float64]) -> _Shares:
    return tuple(tuple(round(float(share), 3) for share in row) for row in shares)
