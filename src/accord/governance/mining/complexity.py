"""The roles worth having: the description of who holds what that is shortest, with what is left over granted directly.

A role pays for itself when it spares more direct grants than it costs. Chance assignments do not, so they are left as
direct grants (exceptions), and who lacks one thing of a role is not pressed into it but named (suspected missing).
Nothing is granted that is not held.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

import numpy as np

from accord.governance.mining.assignments import Assignments, Condensed, condense
from accord.governance.mining.bits import bits_of, each, members
from accord.governance.mining.roles import Role

_PAIRS = 200_000
_CANDIDATES = 30_000
_SMALLEST = 4
WORK = 6_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a role, a membership, a permission of a role and a direct grant cost."""

    role: float = 1
    membership: float = 1
    permission: float = 1
    direct: float = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Somebody who holds all of a role but this permission: perhaps forgotten; never granted by itself."""

    user: int
    permission: int
    role: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Simplest:
    """Roles, what stays granted directly (per user a set of permissions), and who seems to lack something."""

    roles: tuple[Role, ...]
    direct: tuple[int, ...]
    missing: tuple[Missing, ...]
    cost: float


def mine_simplest(assignments: Assignments, *, weights: Weights | None = None, tolerance: float = 0.15) -> Simplest:
    """Choose roles one by one, each the one that shortens most, until none does.

    `tolerance` is the share of a role that somebody may lack and still be suspected to miss it.
    """
    prices = weights or Weights()
    matrix = condense(assignments)
    state = _State(assignments, matrix, prices)
    state.choose(list(_candidates(matrix)))
    state.drop_needless()
    state.dissolve_fragments(tolerance)
    roles = tuple(state.role(at) for at in sorted(state.chosen, key=lambda at: -state.weigh(at)))
    direct = left_over(assignments, roles)
    return Simplest(
        roles=roles,
        direct=direct,
        missing=tuple(_missing(assignments, roles, direct, tolerance)),
        cost=cost_of(roles, sum(row.bit_count() for row in direct), prices),
    )


def cost_of(roles: Sequence[Role], direct: int, weights: Weights) -> float:
    """Return the weighted structural complexity."""
    return (
        weights.role * len(roles)
        + weights.membership * sum(role.users.bit_count() for role in roles)
        + weights.permission * sum(role.permissions.bit_count() for role in roles)
        + weights.direct * direct
    )


def _candidates(matrix: Condensed) -> Iterator[int]:
    """Yield what two kinds of users have in common, and what each has; the most frequent first, as many as allowed."""
    rows = matrix.rows
    found: dict[int, int] = {}
    for one, other in _partners(len(rows)):
        common = rows[one] & rows[other]
        if common:
            found[common] = found.get(common, 0) + 1
    for row, group in zip(rows, matrix.user_groups, strict=True):
        found[row] = found.get(row, 0) + len(group)
    ranked = sorted(found, key=lambda c: (-found[c] * c.bit_count(), c))
    yield from ranked[:_CANDIDATES]


def _partners(count: int) -> Iterator[tuple[int, int]]:
    """Yield every two where they are few, else a fixed sample that meets everybody equally often."""
    if count * (count - 1) // 2 <= _PAIRS:
        yield from ((one, other) for one in range(count) for other in range(one + 1, count))
        return
    for seed in range(max(1, _PAIRS // count)):
        order = np.random.default_rng(seed).permutation(count)[: _PAIRS + 1].tolist()
        yield from pairwise(order)


class _State:
    """What is not yet explained, per distinct permission the set of all users; and the roles chosen so far."""

    def __init__(self, assignments: Assignments, matrix: Condensed, prices: Weights) -> None:
        self.matrix, self.prices = matrix, prices
        self.sizes = [len(group) for group in matrix.permission_groups]
        self.holders = [
            bits_of([user for at in kinds for user in matrix.user_groups[at]]) for kinds in matrix.column_members
        ]
        self.bare = list(self.holders)
        self.everybody = (1 << len(assignments.users)) - 1
        self.chosen: dict[int, tuple[int, int]] = {}

    def choose(self, candidates: list[int]) -> None:
        """Choose greedily; a gain only falls as others are chosen, so that only the best is looked at again.

        When so much was looked at, whoever comes next is taken where it still spares anything: of very large sets the
        description is good, and not the best that this way could find. Work is counted, not time.
        """
        words = self.everybody.bit_length() // 64
        listed: list[tuple[int, ...]] = []
        queue, work = [], 0
        for candidate in candidates:
            if work >= WORK / 2:
                break
            listed.append(tuple(each(candidate)))
            work += 3 * len(listed[-1]) * (200 + words)
            if (gain := self.value(listed[-1])[0]) > 0:
                queue.append((-gain, len(listed) - 1))
        heapify(queue)
        while queue:
            _, at = heappop(queue)
            gain, users, kept = self.value(listed[at])
            work += 3 * len(listed[at]) * (200 + words)
            if gain <= 0:
                continue
            if queue and gain < -queue[0][0] and work < WORK:
                heappush(queue, (-gain, at))
                continue
            for permission in kept:
                self.bare[permission] &= ~users
            self.chosen[len(self.chosen)] = (users, bits_of(kept))

    def value(self, permissions: tuple[int, ...]) -> tuple[float, int, list[int]]:
        """Return what a role of these permissions would spare, for whom it pays, and which permissions it needs."""
        holding = self.everybody
        for permission in permissions:
            holding &= self.holders[permission]
        users = self._gaining(permissions, holding)
        gain = -self.prices.role - self.prices.membership * users.bit_count()
        kept = []
        for permission in permissions:
            spared = (self.bare[permission] & users).bit_count() * self.prices.direct - self.prices.permission
            if spared > -self.prices.permission:
                gain += spared * self.sizes[permission]
                kept.append(permission)
        return gain, users, kept

    def drop_needless(self) -> None:
        """Drop the roles that cost more than they spare now that all are chosen, the worst first."""
        granting = self._granting()
        worths = {at: self.worth(at, granting) for at in self.chosen}
        while worths:
            worst = min(worths, key=lambda at: (worths[at], at))
            if worths[worst] > 0:
                return
            _, permissions = self.chosen.pop(worst)
            del worths[worst]
            # Whoever grants the same is worth more now.
            near = {at for p in each(permissions) for at in granting[p]} - {worst}
            for permission in each(permissions):
                granting[permission].remove(worst)
            worths |= {at: self.worth(at, granting) for at in sorted(near)}

    def dissolve_fragments(self, tolerance: float) -> None:
        """Drop roles that are a larger role but for a small share, and held by few: they are where it has gaps."""
        granting = self._granting()
        for at, (users, permissions) in list(self.chosen.items()):
            # A larger role grants whatever the fragment does, so that it is found by what fewest grant.
            rarest = min(each(permissions), key=lambda p: len(granting[p]))
            for theirs, granted in [self.chosen[other] for other in granting[rarest] if other in self.chosen]:
                lacking = granted & ~permissions
                if (
                    permissions & ~granted == 0
                    and 0 < lacking.bit_count() <= _gap(granted, tolerance)
                    and users.bit_count() <= theirs.bit_count() * tolerance * 2
                ):
                    del self.chosen[at]
                    break

    def worth(self, at: int, granting: dict[int, list[int]]) -> float:
        """Return what would be granted directly without this role, less what it costs."""
        users, permissions = self.chosen[at]
        spared = 0
        for permission in each(permissions):
            bare = users
            for other in granting[permission]:
                if other != at:
                    bare &= ~self.chosen[other][0]
            spared += bare.bit_count() * self.sizes[permission]
        return spared * self.prices.direct - self.weigh(at)

    def weigh(self, at: int) -> float:
        """Return what a role costs."""
        users, permissions = self.chosen[at]
        held = sum(self.sizes[p] for p in each(permissions))
        return self.prices.role + self.prices.membership * users.bit_count() + self.prices.permission * held

    def role(self, at: int) -> Role:
        """Return a chosen role in all permissions."""
        users, permissions = self.chosen[at]
        return Role(
            users=users,
            permissions=bits_of([p for group in each(permissions) for p in self.matrix.permission_groups[group]]),
        )

    def _granting(self) -> dict[int, list[int]]:
        """Return for each permission the chosen roles that grant it."""
        granting: dict[int, list[int]] = {}
        for at, (_, permissions) in self.chosen.items():
            for permission in each(permissions):
                granting.setdefault(permission, []).append(at)
        return granting

    def _gaining(self, permissions: tuple[int, ...], holding: int) -> int:
        """Return whom the role spares more than the membership costs."""
        needed = int(self.prices.membership // self.prices.direct) + 1 if self.prices.direct else 1
        levels = [0] * needed
        for permission in permissions:
            bare = self.bare[permission] & holding
            for _ in range(min(self.sizes[permission], needed)):
                for level in range(needed - 1, 0, -1):
                    levels[level] |= levels[level - 1] & bare
                levels[0] |= bare
        return levels[-1]


def left_over(assignments: Assignments, roles: Sequence[Role]) -> tuple[int, ...]:
    """Return for each user the permissions that no role grants."""
    left = list(assignments.rows)
    for role in roles:
        for user in members(role.users):
            left[user] &= ~role.permissions
    return tuple(left)


def _missing(
    assignments: Assignments, roles: Sequence[Role], direct: Sequence[int], tolerance: float
) -> Iterator[Missing]:
    """Name who, by what they hold directly, are in a role but for a small share of it."""
    holding: dict[int, list[int]] = {}
    for user, left in enumerate(direct):
        for permission in each(left):
            holding.setdefault(permission, []).append(user)
    for at, role in enumerate(roles):
        limit = _gap(role.permissions, tolerance)
        for user in sorted({user for p in each(role.permissions) for user in holding.get(p, ())}) if limit else ():
            left = direct[user]
            lacking = role.permissions & ~assignments.rows[user]
            if (
                0 < lacking.bit_count() <= limit
                and (left & role.permissions).bit_count() * 2 > role.permissions.bit_count()
            ):
                yield from (Missing(user=user, permission=p, role=at) for p in each(lacking))


def _gap(permissions: int, tolerance: float) -> int:
    """Return how many permissions of a role somebody may lack and still nearly have it."""
    count = permissions.bit_count()
    return max(1, int(count * tolerance)) if count >= _SMALLEST and tolerance else 0
