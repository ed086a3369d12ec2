"""Covers what is too large to search: a role for each line of the shorter side, and the bound that is proven at once.

The bound is a fooling set of one pair for each line at most: a pair of whoever crosses the line and holds least, so
that hardly any other fits it. Both take time in proportion to the pairs.
"""

from collections.abc import Sequence
from fractions import Fraction

from accord.governance.mining.assignments import Condensed
from accord.governance.mining.reducing import Grant
from accord.governance.mining.searching import Solved, Weighted

_TRIES = 1_000


def cover_by_lines(matrix: Condensed) -> Solved:
    """Return a role for each distinct user or each distinct permission, whichever are fewer, and pairs that prove."""
    if len(matrix.rows) <= len(matrix.columns):
        lines = _fooling(matrix.row_members, matrix.column_members, matrix.columns)
        return Solved(
            grants=tuple(Grant(users=1 << user, permissions=row) for user, row in enumerate(matrix.rows)),
            proof=tuple(Weighted(pair=pair, weight=Fraction(1)) for pair in lines),
        )
    lines = _fooling(matrix.column_members, matrix.row_members, matrix.rows)
    return Solved(
        grants=tuple(Grant(users=users, permissions=1 << at) for at, users in enumerate(matrix.columns)),
        proof=tuple(Weighted(pair=(user, permission), weight=Fraction(1)) for permission, user in lines),
    )


def _fooling(
    lines: Sequence[tuple[int, ...]], crossing: Sequence[tuple[int, ...]], sets: Sequence[int]
) -> list[tuple[int, int]]:
    """Return pairs of a line and what crosses it, no two of which one role could hold; at most one for each line.

    `sets` has the lines that each of `crossing` meets.
    """
    chosen: list[tuple[int, int]] = []
    taken = 0
    met_by_chosen = [0] * len(lines)
    nearest = [sorted(line, key=lambda at: (len(crossing[at]), at))[:_TRIES] for line in lines]
    for line in sorted(range(len(lines)), key=lambda at: (len(crossing[nearest[at][0]]), at)):
        free = next((at for at in nearest[line] if not sets[at] & taken & met_by_chosen[line]), None)
        if free is None:
            continue
        chosen.append((line, free))
        taken |= 1 << line
        for met in crossing[free]:
            met_by_chosen[met] |= 1 << line
    return chosen
