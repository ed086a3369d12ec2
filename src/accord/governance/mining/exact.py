"""The fewest roles that grant exactly what is held, with a proof that fewer cannot, or with the gap that is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from accord.governance.mining.assignments import Assignments, Condensed, condense
from accord.governance.mining.bits import bits_of, each
from accord.governance.mining.lines import cover_by_lines
from accord.governance.mining.reducing import Grant, extend, open_pairs, reduce
from accord.governance.mining.roles import Certificate, Role, Witness
from accord.governance.mining.searching import CLIQUES, Weighted, search

LARGEST = 1_000_000
"""Of how many distinct pairs the fewest roles are searched; of more, a cover by lines is given with its bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """Roles that grant exactly what is held, and the certificate of how few can do."""

    roles: tuple[Role, ...]
    certificate: Certificate

    @property
    def gap(self) -> int:
        """Return how many roles fewer are not yet ruled out; 0 is proven minimal."""
        return len(self.roles) - self.certificate.bound


def mine_minimum(assignments: Assignments, *, cliques: int = CLIQUES, nodes: int = 10_000) -> Minimum:
    """Find the fewest roles: reduce, search what is left within the limits, and widen each role as far as it goes.

    What is too large to be searched is covered by lines, with the bound that can be proven at once.
    """
    matrix = condense(assignments)
    if sum(len(row) for row in matrix.row_members) > LARGEST:
        found = cover_by_lines(matrix)
        return _minimum(found.grants, list(found.proof), matrix)
    reduced = reduce(matrix)
    solved = search(matrix, open_pairs(reduced), cliques=cliques, nodes=nodes)
    grants = extend([*reduced.grants, *solved.grants], reduced.followers, matrix)
    proof = [*(Weighted(pair=seed, weight=Fraction(1)) for seed in reduced.seeds), *solved.proof]
    return _minimum(grants, proof, matrix)


def _minimum(grants: Sequence[Grant], proof: list[Weighted], matrix: Condensed) -> Minimum:
    roles = sorted(
        (_role(_closed(grant, matrix), matrix) for grant in grants),
        key=lambda role: (-role.users.bit_count() * role.permissions.bit_count(), role.permissions, role.users),
    )
    return Minimum(roles=tuple(roles), certificate=_certificate(proof, matrix))


def _closed(grant: Grant, matrix: Condensed) -> Grant:
    """Give the role every permission that all its users hold, then every user who holds all of these."""
    permissions = _common(grant.users, matrix.rows)
    return Grant(users=_common(permissions, matrix.columns), permissions=permissions)


def _common(wanted: int, lines: tuple[int, ...]) -> int:
    result = -1
    for at in each(wanted):
        result &= lines[at]
    return result


def _role(grant: Grant, matrix: Condensed) -> Role:
    users = [user for at in each(grant.users) for user in matrix.user_groups[at]]
    permissions = [p for at in each(grant.permissions) for p in matrix.permission_groups[at]]
    return Role(users=bits_of(users), permissions=bits_of(permissions))


def _certificate(proof: list[Weighted], matrix: Condensed) -> Certificate:
    whole = lcm(*(w.weight.denominator for w in proof), 1)
    return Certificate(
        whole=whole,
        witnesses=tuple(
            Witness(
                user=matrix.user_groups[w.pair[0]][0],
                permission=matrix.permission_groups[w.pair[1]][0],
                weight=int(w.weight * whole),
            )
            for w in proof
        ),
    )
