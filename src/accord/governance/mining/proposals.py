"""What a role would mean if it were adopted: what it covers, who would gain, what nobody may lose sight of.

Ids and names are stable between runs: a role that is largely what an older one was keeps its id and name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from scipy.optimize import linear_sum_assignment

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.attributes import Explanation, Index
from accord.governance.mining.bits import bits_of, each
from accord.governance.mining.roles import Role

_NAMED = 2
_SAME = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A role by names, with `coverage` (pairs it explains, share of all), and what adopting it would change.

    `gains` names pairs that members would newly hold, `loses` pairs of those who were in the role and would not be.
    `explanation` is how attributes tell it.
    """

    id: str
    name: str
    users: tuple[str, ...]
    permissions: tuple[str, ...]
    covered: int
    coverage: float
    over_granted: int
    gains: tuple[tuple[str, str], ...]
    loses: tuple[tuple[str, str], ...] = ()
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRole:
    """A role of an earlier run or of the organisation."""

    id: str
    name: str
    users: frozenset[str]
    permissions: frozenset[str]


def propose(
    assignments: Assignments, roles: Sequence[Role], *, index: Index | None = None, names: Sequence[str] = ()
) -> tuple[Proposal, ...]:
    """Return what each role means, in the given order; `names` are theirs where they have any."""
    told = [(role, index.explain(role, assignments) if index else None, 0) for role in roles]
    return _proposed(assignments, told, names)


def propose_by_attributes(assignments: Assignments, roles: Sequence[Role], index: Index) -> tuple[Proposal, ...]:
    """Return the roles with whom an expression over attributes finds as members, where one fits them well enough.

    A role that no expression tells stays as it is.
    """
    told: list[tuple[Role, Explanation | None, int]] = []
    for role in roles:
        explanation = index.explain(role, assignments)
        if explanation is None or explanation.score < _SAME:
            told.append((role, explanation, 0))
            continue
        users = index.having(explanation.terms)
        told.append((Role(users=users, permissions=role.permissions), explanation, role.users & ~users))
    return _proposed(assignments, told)


def _proposed(
    assignments: Assignments, told: Sequence[tuple[Role, Explanation | None, int]], names: Sequence[str] = ()
) -> tuple[Proposal, ...]:
    """Return proposals for roles with what tells them and who would leave them."""
    total = max(1, assignments.count)
    found = []
    for at, (role, explanation, leaving) in enumerate(told):
        permissions = tuple(sorted(assignments.permissions[p] for p in each(role.permissions)))
        gains = tuple(_pairs(assignments, role.users, role.permissions, is_held=False))
        covered = role.users.bit_count() * role.permissions.bit_count() - len(gains)
        name = names[at] if names else _name(permissions, explanation)
        found.append(
            Proposal(
                id=_id(permissions, name if names else ""),
                name=name,
                users=tuple(sorted(assignments.users[u] for u in each(role.users))),
                permissions=permissions,
                covered=covered,
                coverage=covered / total,
                over_granted=len(gains),
                gains=gains,
                loses=tuple(_pairs(assignments, leaving, role.permissions, is_held=True)),
                explanation=explanation,
            )
        )
    return _unique(found)


def keep_names(proposals: Sequence[Proposal], known: Sequence[KnownRole]) -> tuple[Proposal, ...]:
    """Give each proposal the id and name of the known role it resembles most, one to one, where it is half the same."""
    if not proposals or not known:
        return tuple(proposals)
    likeness = np.zeros((len(proposals), len(known)))
    for at, proposal in enumerate(proposals):
        users, permissions = frozenset(proposal.users), frozenset(proposal.permissions)
        for place, role in enumerate(known):
            # Members are many: they are compared only where sizes and permissions leave it open.
            same = _jaccard(permissions, role.permissions)
            if same + _most_jaccard(users, role.users) >= 2 * _SAME:
                likeness[at, place] = (same + _jaccard(users, role.users)) / 2
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    kept = {int(r): known[int(c)] for r, c in zip(rows, columns, strict=True) if likeness[r, c] >= _SAME}
    return _unique(
        [replace(p, id=kept[at].id, name=kept[at].name) if at in kept else p for at, p in enumerate(proposals)],
        first=[at in kept for at in range(len(proposals))],
    )


def role_of(assignments: Assignments, users: Sequence[str], permissions: Sequence[str]) -> Role:
    """Return a role given by names; unknown names are left out."""
    user_at = {name: at for at, name in enumerate(assignments.users)}
    permission_at = {name: at for at, name in enumerate(assignments.permissions)}
    return Role(
        users=bits_of([user_at[u] for u in users if u in user_at]),
        permissions=bits_of([permission_at[p] for p in permissions if p in permission_at]),
    )


def with_names(assignments: Assignments, users: Sequence[str], permissions: Sequence[str]) -> Assignments:
    """Return the assignments with these users and permissions among theirs; who is new holds nothing."""
    there, known = set(assignments.users), set(assignments.permissions)
    new_users = tuple(name for name in dict.fromkeys(users) if name not in there)
    return Assignments(
        users=(*assignments.users, *new_users),
        permissions=(*assignments.permissions, *(p for p in dict.fromkeys(permissions) if p not in known)),
        rows=(*assignments.rows, *([0] * len(new_users))),
    )


def _pairs(assignments: Assignments, users: int, permissions: int, *, is_held: bool) -> Iterator[tuple[str, str]]:
    """Yield the pairs of these users and permissions that are held, or those that are not."""
    for user in each(users):
        row = assignments.rows[user] if is_held else ~assignments.rows[user]
        for permission in each(permissions & row):
            yield assignments.users[user], assignments.permissions[permission]


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def _most_jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return what the Jaccard index can be at most, by sizes alone."""
    larger = max(len(one), len(other))
    return min(len(one), len(other)) / larger if larger else 1.0


def _id(permissions: Sequence[str], salt: str) -> str:
    text = "\x1f".join((salt, *permissions))
    return "role-" + sha256(text.encode()).hexdigest()[:12]


def _name(permissions: Sequence[str], explanation: Explanation | None) -> str:
    if explanation is not None and explanation.score >= _SAME:
        return " and ".join(term.value for term in explanation.terms)
    head = ", ".join(permissions[:_NAMED])
    return f"{head} and {len(permissions) - _NAMED} more" if len(permissions) > _NAMED else head


def _unique(proposals: Sequence[Proposal], first: Sequence[bool] = ()) -> tuple[Proposal, ...]:
    """Make ids and names different from each other; those that are kept come first to theirs."""
    order = sorted(range(len(proposals)), key=lambda at: (not first[at], at) if first else (False, at))
    taken: set[str] = set()
    names: set[str] = set()
    result = list(proposals)
    for at in order:
        proposal = proposals[at]
        result[at] = replace(proposal, id=_free(proposal.id, taken, "-"), name=_free(proposal.name, names, " "))
    return tuple(result)


def _free(wanted: str, taken: set[str], joint: str) -> str:
    found, count = wanted, 1
    while found in taken:
        count += 1
        found = f"{wanted}{joint}{count}"
    taken.add(found)
    return found
