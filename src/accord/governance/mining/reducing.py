"""Takes away what needs no search: pairs that follow from another, and roles that no minimum can do without.

A pair is one distinct user holding one distinct permission; two pairs fit when one role may hold both. After Ene,
Horne, Milosavljevic, Rao, Schreiber and Tarjan (2008), without ever building the graph of pairs:

* a pair whose company contains that of another it fits is *dominated*: it joins whatever role the other gets;
* a pair whose company all fits each other is a *seed*: its company is a role, and no role of another seed can hold it.

So each seed is also a step of the proof: seeds fit no other seed, and as many roles as seeds are needed.
"""

from dataclasses import dataclass

from accord.governance.mining.assignments import Condensed
from accord.governance.mining.bits import each, members, union

Pair = tuple[int, int]
STEPS = 4_000_000
WORDS = 4_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """All pairs of these users and permissions join each role that holds `pair`."""

    pair: Pair
    users: int
    permissions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role in the making: a set of distinct users and a set of distinct permissions, each holding all."""

    users: int
    permissions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """What is decided, and the open pairs (per distinct user, a set of distinct permissions) that need a search."""

    seeds: tuple[Pair, ...]
    grants: tuple[Grant, ...]
    followers: tuple[Follows, ...]
    open_rows: tuple[int, ...]


def reduce(matrix: Condensed, *, steps: int = STEPS) -> Reduced:
    """Reduce until nothing follows any more, or until so many pairs, and words of their sets, were looked at."""
    state = _State(matrix)
    pairs = sorted(
        ((u, p) for u, row in enumerate(matrix.row_members) for p in row),
        key=lambda pair: (len(matrix.row_members[pair[0]]) * len(matrix.column_members[pair[1]]), pair),
    )
    has_changed = True
    while has_changed:
        has_changed = False
        steps -= len(pairs)
        for user, permission in pairs[: max(0, steps + len(pairs))]:
            if state.words > WORDS:
                break
            if state.open_rows[user] >> permission & 1 and state.settle(user, permission):
                has_changed = True
        is_over = steps <= 0 or state.words > WORDS
        pairs = [] if is_over else [(u, p) for u, p in pairs if state.open_rows[u] >> p & 1]
    return Reduced(
        seeds=tuple(state.seeds),
        grants=tuple(state.grants),
        followers=tuple(state.followers),
        open_rows=tuple(state.open_rows),
    )


def extend(grants: list[Grant], followers: tuple[Follows, ...], matrix: Condensed) -> list[Grant]:
    """Let the pairs that follow join the roles of whom they follow, the last decided first."""
    of_user = _turned([grant.users for grant in grants], len(matrix.rows))
    of_permission = _turned([grant.permissions for grant in grants], len(matrix.columns))
    for step in reversed(followers):
        user, permission = step.pair
        roles = of_user[user] & of_permission[permission]
        for joining in each(step.users):
            of_user[joining] |= roles
        for joining in each(step.permissions):
            of_permission[joining] |= roles
    users, permissions = _turned(of_user, len(grants)), _turned(of_permission, len(grants))
    return [Grant(users=u, permissions=p) for u, p in zip(users, permissions, strict=True)]


def _turned(sets: list[int], count: int) -> list[int]:
    """Return for each of `count` members in which of the sets it is."""
    turned = [0] * count
    for at, found in enumerate(sets):
        for member in each(found):
            turned[member] |= 1 << at
    return turned


class _State:
    """The open pairs from both sides, and what was decided so far."""

    def __init__(self, matrix: Condensed) -> None:
        self.rows, self.columns = matrix.rows, matrix.columns
        self.row_members, self.column_members = matrix.row_members, matrix.column_members
        self.open_rows, self.open_columns = list(matrix.rows), list(matrix.columns)
        self.row_words = 1 + len(matrix.columns) // 64
        self.column_words = 1 + len(matrix.rows) // 64
        self.words = 0
        self.seeds: list[Pair] = []
        self.grants: list[Grant] = []
        self.followers: list[Follows] = []

    def settle(self, user: int, permission: int) -> bool:
        """Take away what follows from this pair, and itself when it is a seed; tell whether anything went."""
        across = len(self.row_members[user]) * (4 + self.column_words)
        down = len(self.column_members[permission]) * (4 + self.row_words)
        self.words += min(across, down)
        if across <= down:
            permissions, users, is_seed = _company(
                self.row_members[user], self.columns[permission], self.columns, self.open_columns
            )
        else:
            users, permissions, is_seed = _company(
                self.column_members[permission], self.rows[user], self.rows, self.open_rows
            )
        if is_seed:
            self.seeds.append((user, permission))
            self.grants.append(Grant(users=users, permissions=permissions))
            self._close(users, permissions)
            return True
        kept = 1 << permission
        self.open_rows[user] ^= kept
        self.open_columns[permission] ^= 1 << user
        touched = self._close(users, permissions)
        self.open_rows[user] |= kept
        self.open_columns[permission] |= 1 << user
        if not touched:
            return False
        self.followers.append(Follows(pair=(user, permission), users=touched, permissions=permissions))
        return True

    def _close(self, users: int, permissions: int) -> int:
        """Take the open pairs of these users and permissions away; return the users that had any."""
        touched = 0
        for permission in each(permissions):
            gone = self.open_columns[permission] & users
            if gone:
                touched |= gone
                self.open_columns[permission] ^= gone
        for user in each(touched):
            self.open_rows[user] &= ~permissions
        return touched


def _company(
    line: tuple[int, ...], other: int, crossing: tuple[int, ...], open_crossing: list[int]
) -> tuple[int, int, bool]:
    """Return which of `line`, and which of those crossing it, all of a pair's company fits; and whether that is all.

    `line` is one user's permissions (or one permission's users), `other` the other side of the pair, `crossing` the
    set of users of each permission (or the reverse).
    """
    near = [at for at in line if open_crossing[at] & other]
    far = other & union(open_crossing[at] for at in near)
    fitting, mask, is_seed = far, 0, True
    for at in near:
        column = crossing[at]
        fitting &= column
        if far & column == far:
            mask |= 1 << at
        else:
            is_seed = False
    return mask, fitting, is_seed


def open_pairs(reduced: Reduced) -> list[Pair]:
    """Return the pairs that need a search."""
    return [(user, permission) for user, row in enumerate(reduced.open_rows) for permission in members(row)]
