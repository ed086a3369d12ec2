"""Makes a given number of roles as simple as can be: fewer memberships and fewer permissions, granting the same.

First every entry that others make needless is dropped, the heaviest first. Then role after role is widened again as
far as it goes and its surroundings are dropped anew in another order; what became no heavier stays.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from accord.governance.mining.assignments import Assignments, Condensed, condense
from accord.governance.mining.bits import bits_of, each
from accord.governance.mining.roles import Role

ROUNDS = 10
WORK = 1_000_000_000
LARGEST = 1_000_000
_Entry = tuple[float, int, int, int]


def trim(assignments: Assignments, roles: Sequence[Role], *, rounds: int = ROUNDS) -> tuple[Role, ...]:
    """Return as many roles that grant the same pairs with few entries; `rounds` is how often each role is tried.

    After so much work it ends with what it has; work is counted, not time. Roles of more than `LARGEST` entries stay
    as they are.
    """
    if complexity(roles) > LARGEST:
        return tuple(roles)
    matrix = condense(assignments)
    first_users = {group[0]: at for at, group in enumerate(matrix.user_groups)}
    first_permissions = {group[0]: at for at, group in enumerate(matrix.permission_groups)}
    state = _State(
        matrix,
        [(_places(role.users, first_users), _places(role.permissions, first_permissions)) for role in roles],
    )
    state.drop(state.entries(range(len(matrix.rows)), range(len(matrix.columns)), np.random.default_rng(0), spread=0))
    for seed in range(rounds):
        random = np.random.default_rng(seed + 1)
        for at in random.permutation(len(roles)).tolist():
            if state.work > WORK:
                break
            state.rework(at, way=int(random.integers(2)), random=random)
    return tuple(
        Role(
            users=bits_of([u for group in each(users) for u in matrix.user_groups[group]]),
            permissions=bits_of([p for group in each(permissions) for p in matrix.permission_groups[group]]),
        )
        for users, permissions in zip(state.sets[0], state.sets[1], strict=True)
    )


def complexity(roles: Iterable[Role], direct: int = 0) -> int:
    """Return the weighted structural complexity at unit weights: roles, memberships, permissions, direct grants."""
    return direct + sum(1 + role.users.bit_count() + role.permissions.bit_count() for role in roles)


def _places(wanted: int, firsts: Mapping[int, int]) -> int:
    """Return the groups of which these are the first."""
    return bits_of([firsts[member] for member in each(wanted) if member in firsts])


class _State:
    """Roles from all sides; side 0 are users, side 1 permissions. Each entry is a line (user, permission) in a role."""

    def __init__(self, matrix: Condensed, roles: list[tuple[int, int]]) -> None:
        self.lines = (matrix.rows, matrix.columns)
        self.work = 0
        self.words = (len(matrix.columns) // 64, len(matrix.rows) // 64)
        self.weights = ([len(g) for g in matrix.user_groups], [len(g) for g in matrix.permission_groups])
        self.sets = ([users for users, _ in roles], [permissions for _, permissions in roles])
        self.holders = ([0] * len(matrix.rows), [0] * len(matrix.columns))
        for side in (0, 1):
            for role, members in enumerate(self.sets[side]):
                for line in each(members):
                    self.holders[side][line] |= 1 << role

    def entries(
        self, users: Iterable[int], permissions: Iterable[int], random: np.random.Generator, *, spread: float
    ) -> list[_Entry]:
        """Return the entries of these lines, to be dropped in this order: the heavier first, as far as chance lets."""
        found = [
            (self.weights[side][line], line, role, side)
            for side, lines in ((0, users), (1, permissions))
            for line in lines
            for role in each(self.holders[side][line])
        ]
        noise = random.random(len(found)).tolist()
        chosen = random.random(len(found)).tolist()
        return sorted(
            (
                (w * (1 + spread * n) if c < 1 / 2 else w + n / 2, line, role, side)
                for (w, line, role, side), n, c in zip(found, noise, chosen, strict=True)
            ),
            reverse=True,
        )

    def drop(self, entries: Iterable[_Entry]) -> list[_Entry]:
        """Drop what others make needless; return it."""
        dropped = []
        for entry in entries:
            _, line, role, side = entry
            crossing = self.sets[1 - side]
            bare = crossing[role]
            others = self.holders[side][line] & ~(1 << role)
            self.work += (8 + self.words[side]) * (1 + others.bit_count())
            for other in each(others):
                bare &= ~crossing[other]
                if not bare:
                    break
            if not bare:
                self._toggle(line, role, side)
                dropped.append(entry)
        return dropped

    def rework(self, role: int, *, way: int, random: np.random.Generator) -> None:
        """Widen one role as far as it goes, drop anew around it, and go back when that made it heavier."""
        wide = [0, 0]
        wide[way] = self.sets[way][role]
        wide[1 - way] = _common(wide[way], self.lines[way])
        added = [(0.0, line, role, side) for side in (0, 1) for line in each(wide[side] & ~self.sets[side][role])]
        if not added:
            return
        for _, line, _, side in added:
            self._toggle(line, role, side)
        dropped = self.drop(self.entries(each(wide[0]), each(wide[1]), random, spread=1.5))
        if self._weigh(dropped) < self._weigh(added):
            for _, line, other, side in (*reversed(dropped), *added):
                self._toggle(line, other, side)

    def _toggle(self, line: int, role: int, side: int) -> None:
        self.holders[side][line] ^= 1 << role
        self.sets[side][role] ^= 1 << line

    def _weigh(self, entries: Iterable[_Entry]) -> int:
        return sum(self.weights[side][line] for _, line, _, side in entries)


def _common(wanted: int, lines: tuple[int, ...]) -> int:
    result = -1
    for at in each(wanted):
        result &= lines[at]
    return result
