"""Who holds what: users times permissions as bitsets, and the same with twins taken together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accord.governance.mining.bits import bits_of, pairs_of, sets_of
from accord.model.errors import UsageError

LARGEST_AREA = 8_000_000_000
"""How many users times permissions at most: a bit each is a gigabyte, held from both sides while roles are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """Users, permissions, and for each user the set of permissions held; all in one fixed order."""

    users: tuple[str, ...]
    permissions: tuple[str, ...]
    rows: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many pairs of user and permission there are."""
        return sum(row.bit_count() for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condensed:
    """Assignments with users of equal permissions taken together, and permissions of equal users.

    `rows[i]` is the set of distinct permissions of distinct user `i`, `columns[j]` the set of distinct users of
    distinct permission `j`; the groups name who and what they stand for. Who holds nothing is left out.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    row_members: tuple[tuple[int, ...], ...]
    column_members: tuple[tuple[int, ...], ...]
    user_groups: tuple[tuple[int, ...], ...]
    permission_groups: tuple[tuple[int, ...], ...]


def from_pairs(pairs: Iterable[tuple[str, str]]) -> Assignments:
    """Return the assignments of these pairs; users and permissions in the order they are first met."""
    users: dict[str, int] = {}
    permissions: dict[str, int] = {}
    rows: list[list[int]] = []
    for user, permission in pairs:
        at = users.setdefault(user, len(users))
        if at == len(rows):
            rows.append([])
        rows[at].append(permissions.setdefault(permission, len(permissions)))
    require_fitting(len(users), len(permissions))
    return Assignments(users=tuple(users), permissions=tuple(permissions), rows=tuple(bits_of(row) for row in rows))


def from_codes(
    users: Sequence[str],
    permissions: Sequence[str],
    user_codes: npt.NDArray[np.integer],
    permission_codes: npt.NDArray[np.integer],
) -> Assignments:
    """Return the assignments of pairs given by position in `users` and `permissions`; set-based, for millions."""
    require_fitting(len(users), len(permissions))
    width = max(1, len(permissions))
    pairs = np.unique(user_codes.astype(np.int64) * width + permission_codes)
    sets = sets_of(pairs // width, pairs % width, count=len(users), width=width)
    known: dict[int, int] = {}
    return Assignments(
        users=tuple(users), permissions=tuple(permissions), rows=tuple(known.setdefault(row, row) for row in sets)
    )


def require_fitting(users: int, permissions: int, *, place: str = "") -> None:
    """Raise UsageError where the sets of so many would not fit into memory."""
    if users * permissions > LARGEST_AREA:
        raise UsageError(
            f"it is too large to mine at once: {users:,} users by {permissions:,} permissions"
            f" (at most {LARGEST_AREA:,} for the product of both)",
            place=place,
            remedy="mine one system, application or department at a time, or leave out what hardly anybody holds",
        )


def condense(assignments: Assignments) -> Condensed:
    """Take equal users together, then equal permissions."""
    user_groups: dict[int, list[int]] = {}
    for user, row in enumerate(assignments.rows):
        if row:
            user_groups.setdefault(row, []).append(user)
    held_by, held = pairs_of(list(user_groups), width=len(assignments.permissions))
    order = np.argsort(held, kind="stable")
    holders = np.split(held_by[order], np.cumsum(np.bincount(held, minlength=len(assignments.permissions)))[:-1])
    permission_groups: dict[bytes, list[int]] = {}
    place = np.full(len(assignments.permissions), -1)
    for permission, users in enumerate(holders):
        if len(users):
            group = permission_groups.setdefault(users.tobytes(), [])
            if not group:
                place[permission] = len(permission_groups) - 1
            group.append(permission)
    # Of twins only the first stays, so that what is left is in ascending order as it was.
    is_first = place[held] >= 0
    held_by, held = held_by[is_first], place[held[is_first]]
    column_members = tuple(tuple(holders[group[0]].tolist()) for group in permission_groups.values())
    ends = np.cumsum(np.bincount(held_by, minlength=len(user_groups)))[:-1]
    return Condensed(
        rows=tuple(sets_of(held_by, held, count=len(user_groups), width=len(permission_groups))),
        columns=tuple(bits_of(users) for users in column_members),
        row_members=tuple(tuple(row.tolist()) for row in np.split(held, ends)) if user_groups else (),
        column_members=column_members,
        user_groups=tuple(tuple(group) for group in user_groups.values()),
        permission_groups=tuple(tuple(group) for group in permission_groups.values()),
    )
