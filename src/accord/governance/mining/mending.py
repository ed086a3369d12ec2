"""The fewest edits that make drifted roles grant what should be held: all of them searched at once, with a bound.

Users of equal wishes and roles need the same edits, and permissions likewise, so that each kind is decided once. A
column says whether a kind of users is in a role, or a role grants a kind of permissions, in the end; what is wanted is
granted by a role of both or directly, and no role holds both sides of what is not wanted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from accord.governance.covering import Demand, meet
from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import each
from accord.governance.mining.editing import Edit, EditKind
from accord.governance.mining.roles import Role

_COLUMNS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """Edits, and how many there must be at least."""

    edits: tuple[Edit, ...]
    bound: int


def least_edits(roles: Sequence[Role], over: Sequence[tuple[int, int]], lacking: Sequence[tuple[int, int]]) -> int:
    """Return how many edits are needed at least, by two matchings.

    Each pair granted too much by a role needs the member or the permission taken out of it; each that is lacking needs
    an edit of its user or of its permission. No edit serves two pairs of a matching, and none both purposes.
    """
    broken = [
        ((user, at), (at, permission))
        for user, permission in over
        for at, role in enumerate(roles)
        if role.users >> user & 1 and role.permissions >> permission & 1
    ]
    return _matched(broken) + _matched([((user, 0), (0, permission)) for user, permission in lacking])


def mend(wanted: Assignments, roles: Sequence[Role], *, nodes: int) -> Mended | None:
    """Search the fewest edits; None when there are too many kinds to decide at once, or the limit finds nothing."""
    model = _Model(wanted, roles)
    if model.size() > _COLUMNS:
        return None
    chosen = meet(model.costs, model.decided, model.demands, nodes=nodes)
    if chosen is None:
        return None
    edits = tuple(model.edits(set(chosen.positions)))
    return Mended(edits=edits, bound=min(len(edits), int(np.ceil(chosen.bound + model.offset - 1e-6))))


def _matched(edges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    if not edges:
        return 0
    left = {side: at for at, side in enumerate(dict.fromkeys(one for one, _ in edges))}
    right = {side: at for at, side in enumerate(dict.fromkeys(other for _, other in edges))}
    rows, columns = [left[one] for one, _ in edges], [right[other] for _, other in edges]
    graph = csr_matrix((np.ones(len(edges), dtype=bool), (rows, columns)), shape=(len(left), len(right)))
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


class _Model:
    """Columns: who is in which role, which role grants what, then what is granted by what; and what they must meet."""

    def __init__(self, wanted: Assignments, roles: Sequence[Role]) -> None:
        self._roles = roles
        columns = [0] * len(wanted.permissions)
        for user, row in enumerate(wanted.rows):
            for permission in each(row):
                columns[permission] |= 1 << user
        self._users = _kinds(wanted.rows, [role.users for role in roles])
        self._permissions = _kinds(columns, [role.permissions for role in roles])
        self._wants = [
            [bool(wanted.rows[users[0]] >> permissions[0] & 1) for permissions in self._permissions]
            for users in self._users
        ]
        self.costs: list[float] = []
        self.demands: list[Demand] = []
        self.offset = 0
        if self.size() > _COLUMNS:
            return
        self._member = [self._decide(self._users, [r.users for r in roles], at) for at in range(len(roles))]
        self._grants = [self._decide(self._permissions, [r.permissions for r in roles], at) for at in range(len(roles))]
        self.decided = len(self.costs)
        self._direct: dict[tuple[int, int], int] = {}
        for user, wishes in enumerate(self._wants):
            for permission, is_wanted in enumerate(wishes):
                self._require(user, permission, is_wanted=is_wanted)

    def size(self) -> int:
        """Return about how many columns there are."""
        wanted = sum(map(sum, self._wants))
        return (wanted + len(self._users) + len(self._permissions)) * max(1, len(self._roles))

    def edits(self, chosen: set[int]) -> Iterator[Edit]:
        """Return the edits that lead to the chosen columns."""
        for at, role in enumerate(self._roles):
            yield from self._changed(at, self._users, role.users, self._member[at], chosen, is_member=True)
            yield from self._changed(at, self._permissions, role.permissions, self._grants[at], chosen, is_member=False)
        for user, wishes in enumerate(self._wants):
            for permission, is_wanted in enumerate(wishes):
                if is_wanted and not any(
                    member[user] in chosen and grants[permission] in chosen
                    for member, grants in zip(self._member, self._grants, strict=True)
                ):
                    for one in self._users[user]:
                        for other in self._permissions[permission]:
                            yield Edit(kind=EditKind.GRANT, user=one, permission=other)

    def _decide(self, kinds: Sequence[Sequence[int]], sets: Sequence[int], role: int) -> list[int]:
        """Make a column for each kind beside a role: to put in costs, to leave out what was in costs as well."""
        first = len(self.costs)
        for kind in kinds:
            was_in = sets[role] >> kind[0] & 1
            self.costs.append(-len(kind) if was_in else len(kind))
            self.offset += len(kind) if was_in else 0
        return list(range(first, len(self.costs)))

    def _require(self, user: int, permission: int, *, is_wanted: bool) -> None:
        pairs = [(member[user], grants[permission]) for member, grants in zip(self._member, self._grants, strict=True)]
        if not is_wanted:
            self.demands += [Demand(columns=pair, factors=(-1, -1), least=-1) for pair in pairs]
            return
        direct = self._column(len(self._users[user]) * len(self._permissions[permission]))
        given = [direct]
        for member, grants in pairs:
            by_role = self._column(0)
            given.append(by_role)
            self.demands.append(Demand(columns=(member, by_role), factors=(1, -1), least=0))
            self.demands.append(Demand(columns=(grants, by_role), factors=(1, -1), least=0))
        self.demands.append(Demand(columns=tuple(given), factors=(1,) * len(given), least=1))

    def _column(self, cost: int) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def _changed(  # noqa: PLR0913 - one side of one role
        self, role: int, kinds: Sequence[Sequence[int]], before: int, columns: Sequence[int], chosen: set[int], *,
        is_member: bool,
    ) -> Iterator[Edit]:  # fmt: skip
        added, removed = (
            (EditKind.ADD_MEMBER, EditKind.REMOVE_MEMBER)
            if is_member
            else (EditKind.ADD_PERMISSION, EditKind.REMOVE_PERMISSION)
        )
        for kind, column in zip(kinds, columns, strict=True):
            was_in, is_in = bool(before >> kind[0] & 1), column in chosen
            if was_in != is_in:
                for one in kind:
                    subject = {"user": one} if is_member else {"permission": one}
                    yield Edit(kind=added if is_in else removed, role=role, **subject)


def _kinds(lines: Sequence[int], sets: Sequence[int]) -> list[list[int]]:
    """Take together who is wanted to hold the same and is in the same roles."""
    roles = [0] * len(lines)
    for at, members in enumerate(sets):
        for member in each(members):
            roles[member] |= 1 << at
    kinds: dict[tuple[int, int], list[int]] = {}
    for at, line in enumerate(lines):
        kinds.setdefault((line, roles[at]), []).append(at)
    return list(kinds.values())
