"""Existing roles beside what should be held: where they differ, and few edits that mend it.

An edit takes a member or a permission out of a role, puts one in, or grants one permission directly. Each role is
kept; what no longer serves anybody is said by its being empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import bits_of, each
from accord.governance.mining.editing import Edit, EditKind
from accord.governance.mining.mending import least_edits, mend
from accord.governance.mining.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Pairs the roles grant beyond what should be held, pairs they lack, and the edits that mend both.

    Fewer than `bound` edits cannot do.
    """

    over_granted: tuple[tuple[int, int], ...]
    not_granted: tuple[tuple[int, int], ...]
    edits: tuple[Edit, ...]
    bound: int


def find_drift(wanted: Assignments, roles: Sequence[Role], *, nodes: int = 10_000) -> Drift:
    """Compare, and propose the fewest edits after which the roles and direct grants give exactly what is wanted.

    Edits made step by step are kept where a matching proves that fewer cannot do. Else all edits are searched at once,
    within so many nodes; where that is too much the bound says how many fewer could be enough.
    """
    found = _step_by_step(wanted, roles)
    bound = least_edits(roles, found.over_granted, found.not_granted)
    if bound < len(found.edits):
        mended = mend(wanted, roles, nodes=nodes)
        if mended is not None:
            edits = mended.edits if len(mended.edits) < len(found.edits) else found.edits
            return replace(found, edits=edits, bound=min(len(edits), max(bound, mended.bound)))
    return replace(found, bound=bound)


def _step_by_step(wanted: Assignments, roles: Sequence[Role]) -> Drift:
    state = _State(wanted.rows, len(wanted.permissions), roles)
    granted = [state.granted(user) for user in range(len(wanted.rows))]
    over = [(u, p) for u, row in enumerate(granted) for p in each(row & ~wanted.rows[u])]
    lacking = [(u, p) for u, row in enumerate(granted) for p in each(wanted.rows[u] & ~row)]
    for user, permission in over:
        state.take_away(user, permission)
    state.fill()
    return Drift(over_granted=tuple(over), not_granted=tuple(lacking), edits=tuple(state.edits), bound=0)


class _State:
    """The roles as they are being edited."""

    def __init__(self, wanted: Sequence[int], permissions: int, roles: Sequence[Role]) -> None:
        self.wanted = list(wanted)
        columns: list[list[int]] = [[] for _ in range(permissions)]
        for user, row in enumerate(wanted):
            for permission in each(row):
                columns[permission].append(user)
        self.wanting = [bits_of(users) for users in columns]
        self.users = [role.users for role in roles]
        self.permissions = [role.permissions for role in roles]
        self.edits: list[Edit] = []

    def granted(self, user: int) -> int:
        result = 0
        for users, permissions in zip(self.users, self.permissions, strict=True):
            if users >> user & 1:
                result |= permissions
        return result

    def take_away(self, user: int, permission: int) -> None:
        """Break each role that gives somebody what should not be held, on the side that tears less."""
        for role, (users, permissions) in enumerate(zip(self.users, self.permissions, strict=True)):
            if not (users >> user & 1 and permissions >> permission & 1):
                continue
            if self._torn_by_member(role, user) <= self._torn_by_permission(role, permission):
                self.users[role] &= ~(1 << user)
                self.edits.append(Edit(kind=EditKind.REMOVE_MEMBER, role=role, user=user))
            else:
                self.permissions[role] &= ~(1 << permission)
                self.edits.append(Edit(kind=EditKind.REMOVE_PERMISSION, role=role, permission=permission))

    def fill(self) -> None:
        """Give what is lacking by the edit that gives most, again and again, and the rest directly."""
        lacking = {u: row & ~self.granted(u) for u, row in enumerate(self.wanted)}
        lacking = {u: row for u, row in lacking.items() if row}
        while lacking:
            gain, edit = max(self._fillings(lacking), key=lambda found: found[0], default=(0, None))
            if edit is None or gain <= 1:
                break
            self._apply(edit, lacking)
        for user in sorted(lacking):
            for permission in each(lacking[user]):
                self.edits.append(self._single(user, permission))

    def _fillings(self, lacking: dict[int, int]) -> list[tuple[int, Edit]]:
        missing: dict[int, int] = {}
        found = []
        for user, row in lacking.items():
            for permission in each(row):
                missing[permission] = missing.get(permission, 0) | 1 << user
            for role, permissions in enumerate(self.permissions):
                if permissions & ~self.wanted[user] == 0 and permissions & row:
                    edit = Edit(kind=EditKind.ADD_MEMBER, role=role, user=user)
                    found.append(((permissions & row).bit_count(), edit))
        for permission, users in missing.items():
            for role, members in enumerate(self.users):
                if members & users and members & ~self.wanting[permission] == 0:
                    edit = Edit(kind=EditKind.ADD_PERMISSION, role=role, permission=permission)
                    found.append(((members & users).bit_count(), edit))
        return found

    def _apply(self, edit: Edit, lacking: dict[int, int]) -> None:
        self.edits.append(edit)
        if edit.kind is EditKind.ADD_MEMBER:
            self.users[edit.role] |= 1 << edit.user
            lacking[edit.user] &= ~self.permissions[edit.role]
        else:
            self.permissions[edit.role] |= 1 << edit.permission
            for user in each(self.users[edit.role]):
                if user in lacking:
                    lacking[user] &= ~(1 << edit.permission)
        for user in [u for u, row in lacking.items() if not row]:
            del lacking[user]

    def _single(self, user: int, permission: int) -> Edit:
        """Return an edit that gives one pair: by a role where one fits, else directly."""
        for role, (users, permissions) in enumerate(zip(self.users, self.permissions, strict=True)):
            if permissions >> permission & 1 and permissions & ~self.wanted[user] == 0:
                self.users[role] |= 1 << user
                return Edit(kind=EditKind.ADD_MEMBER, role=role, user=user)
            if users >> user & 1 and users & ~self.wanting[permission] == 0:
                self.permissions[role] |= 1 << permission
                return Edit(kind=EditKind.ADD_PERMISSION, role=role, permission=permission)
        return Edit(kind=EditKind.GRANT, user=user, permission=permission)

    def _torn_by_member(self, role: int, user: int) -> int:
        others = 0
        for at, (users, permissions) in enumerate(zip(self.users, self.permissions, strict=True)):
            if at != role and users >> user & 1:
                others |= permissions
        return (self.permissions[role] & self.wanted[user] & ~others).bit_count()

    def _torn_by_permission(self, role: int, permission: int) -> int:
        others = 0
        for at, (users, permissions) in enumerate(zip(self.users, self.permissions, strict=True)):
            if at != role and permissions >> permission & 1:
                others |= users
        return (self.users[role] & self.wanting[permission] & ~others).bit_count()
