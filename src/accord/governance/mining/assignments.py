"""Who holds what: users times permissions as bitsets, and the same with twins taken together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accord.governance.mining.bits import bits_of, members


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
    return Assignments(users=tuple(users), permissions=tuple(permissions), rows=tuple(bits_of(row) for row in rows))


def from_codes(
    users: Sequence[str],
    permissions: Sequence[str],
    user_codes: npt.NDArray[np.int64],
    permission_codes: npt.NDArray[np.int64],
) -> Assignments:
    """Return the assignments of pairs given by position in `users` and `permissions`; set-based, for millions."""
    order = np.argsort(user_codes, kind="stable")
    held = permission_codes[order]
    ends = np.searchsorted(user_codes[order], np.arange(1, len(users) + 1))
    rows, start = [], 0
    known: dict[bytes, int] = {}
    for end in ends.tolist():
        piece = np.unique(held[start:end])
        start = end
        key = piece.tobytes()
        if key not in known:
            known[key] = bits_of(piece)
        rows.append(known[key])
    return Assignments(users=tuple(users), permissions=tuple(permissions), rows=tuple(rows))


def condense(assignments: Assignments) -> Condensed:
    """Take equal users together, then equal permissions."""
    user_groups: dict[int, list[int]] = {}
    for user, row in enumerate(assignments.rows):
        if row:
            user_groups.setdefault(row, []).append(user)
    holders: dict[int, list[int]] = {}
    for at, row in enumerate(user_groups):
        for permission in members(row):
            holders.setdefault(permission, []).append(at)
    permission_groups: dict[tuple[int, ...], list[int]] = {}
    for permission in sorted(holders):
        permission_groups.setdefault(tuple(holders[permission]), []).append(permission)
    row_members: list[list[int]] = [[] for _ in user_groups]
    for at, users in enumerate(permission_groups):
        for user in users:
            row_members[user].append(at)
    return Condensed(
        rows=tuple(bits_of(row) for row in row_members),
        columns=tuple(bits_of(users) for users in permission_groups),
        row_members=tuple(tuple(row) for row in row_members),
        column_members=tuple(permission_groups),
        user_groups=tuple(tuple(group) for group in user_groups.values()),
        permission_groups=tuple(tuple(group) for group in permission_groups.values()),
    )
