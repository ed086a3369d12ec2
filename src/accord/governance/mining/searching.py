"""Solves what reduction leaves open: each connected part by itself, exactly where its bicliques can be listed.

Where a part has too many, a pool of greedy bicliques is made from many orders and the best cover of the pool is
taken; the bound is then what a packing of pairs that fit no other proves, and the gap is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from accord.governance.covering import cover, pack, pack_fractionally
from accord.governance.mining.assignments import Condensed
from accord.governance.mining.bits import bits_of, each
from accord.governance.mining.reducing import Grant, Pair

CLIQUES = 60_000
_PART = 5_000
_OPEN = 200_000
_POOL_ROUNDS = 40
_POOL_WORK = 20_000
_TRIES = 8
_DENOMINATORS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 60, 840, 27720)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """A pair with its weight: no role can hold pairs of more than 1 in sum."""

    pair: Pair
    weight: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Roles that cover a part, and weights that prove how many it needs."""

    grants: tuple[Grant, ...]
    proof: tuple[Weighted, ...]


def search(matrix: Condensed, pairs: Sequence[Pair], *, cliques: int = CLIQUES, nodes: int = 10_000) -> Solved:
    """Cover the open pairs with as few roles as can be found, part by part."""
    grants: list[Grant] = []
    proof: list[Weighted] = []
    if len(pairs) > _OPEN:
        return Solved(grants=tuple(_by_lines(matrix, pairs)), proof=())
    for part in _parts(matrix, pairs):
        if len(part) > _PART:
            grants += _by_lines(matrix, part)
            continue
        fits = _fitting(matrix, part)
        listed = _maximal_cliques(fits, cliques)
        if listed is None:
            chosen, weights = _by_pool(fits, nodes)
        else:
            chosen, weights = _by_listing(listed, len(part), nodes)
        grants += [_grant(part, clique) for clique in chosen]
        proof += [Weighted(pair=part[at], weight=weight) for at, weight in weights.items()]
    return Solved(grants=tuple(grants), proof=tuple(proof))


def _by_lines(matrix: Condensed, part: Sequence[Pair]) -> list[Grant]:
    """Cover a part too large to search: whoever holds least that is bare gets a role of it, with all who hold it."""
    bare: dict[int, int] = {}
    for user, permission in part:
        bare[user] = bare.get(user, 0) | 1 << permission
    found = []
    for user in sorted(bare, key=lambda u: (bare[u].bit_count(), u)):
        wanted = bare[user]
        if not wanted:
            continue
        users = -1
        for permission in each(wanted):
            users &= matrix.columns[permission]
        for other in each(users):
            if other in bare:
                bare[other] &= ~wanted
        found.append(Grant(users=users, permissions=wanted))
    return found


def _grant(part: Sequence[Pair], clique: Sequence[int]) -> Grant:
    return Grant(users=bits_of([part[at][0] for at in clique]), permissions=bits_of([part[at][1] for at in clique]))


def _parts(matrix: Condensed, pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Take pairs apart that no chain of fitting pairs connects; in a fixed order."""
    at_row: dict[int, list[Pair]] = {}
    for pair in pairs:
        at_row.setdefault(pair[0], []).append(pair)
    left, parts = dict.fromkeys(pairs), []
    while left:
        stack = [next(iter(left))]
        del left[stack[0]]
        part = []
        while stack:
            user, permission = stack.pop()
            part.append((user, permission))
            for near in each(matrix.columns[permission]):
                for pair in at_row.get(near, ()):
                    if pair in left and matrix.rows[user] >> pair[1] & 1:
                        del left[pair]
                        stack.append(pair)
        parts.append(sorted(part))
    return parts


def _fitting(matrix: Condensed, part: Sequence[Pair]) -> list[int]:
    """Return for each pair the set of others that one role could hold with it."""
    in_column: dict[int, int] = {}
    in_row: dict[int, int] = {}
    for at, (user, permission) in enumerate(part):
        in_row[user] = in_row.get(user, 0) | 1 << at
        in_column[permission] = in_column.get(permission, 0) | 1 << at
    of_user = {u: _gather(in_column, matrix.rows[u]) for u in in_row}
    of_permission = {p: _gather(in_row, matrix.columns[p]) for p in in_column}
    return [of_user[u] & of_permission[p] & ~(1 << at) for at, (u, p) in enumerate(part)]


def _gather(sets: dict[int, int], wanted: int) -> int:
    result = 0
    for key, found in sets.items():
        if wanted >> key & 1:
            result |= found
    return result


def _maximal_cliques(fits: Sequence[int], limit: int) -> list[tuple[int, ...]] | None:
    """List the maximal sets of pairs that all fit each other; None when there are more than `limit`."""
    found: list[tuple[int, ...]] = []
    stack: list[tuple[tuple[int, ...], int, int]] = [((), (1 << len(fits)) - 1, 0)]
    steps = 0
    while stack:
        clique, candidates, done = stack.pop()
        steps += 1
        if not candidates and not done:
            found.append(clique)
        if len(found) > limit or steps > limit * 4:
            return None
        if not candidates:
            continue
        pivot = max(each(candidates | done), key=lambda at: (fits[at] & candidates).bit_count())
        for at in each(candidates & ~fits[pivot]):
            stack.append(((*clique, at), candidates & fits[at], done & fits[at]))
            candidates &= ~(1 << at)
            done |= 1 << at
    return found


def _by_listing(
    cliques: list[tuple[int, ...]], pairs: int, nodes: int
) -> tuple[list[tuple[int, ...]], dict[int, Fraction]]:
    chosen = cover(cliques, pairs, nodes=nodes)
    packed = pack(cliques, pairs, nodes=nodes)
    weights = {at: Fraction(1) for at in packed.positions}
    if len(weights) < len(chosen.positions):
        fractional = _exact_weights(cliques, pack_fractionally(cliques, pairs))
        if ceil(sum(fractional.values())) > len(weights):
            weights = fractional
    return [cliques[at] for at in chosen.positions], weights


def _exact_weights(cliques: Sequence[Sequence[int]], found: Sequence[float]) -> dict[int, Fraction]:
    """Return the weights as fractions that keep every limit exactly; the denominator of the best bound."""
    best: dict[int, Fraction] = {}
    for denominator in _DENOMINATORS:
        shares = np.floor(np.asarray(found) * denominator + 1e-6).astype(np.int64)
        if any(sum(int(shares[at]) for at in clique) > denominator for clique in cliques):
            continue
        weights = {at: Fraction(int(s), denominator) for at, s in enumerate(shares) if s}
        if sum(weights.values()) > sum(best.values()):
            best = weights
    return best


def _by_pool(fits: Sequence[int], nodes: int) -> tuple[list[tuple[int, ...]], dict[int, Fraction]]:
    pool: dict[tuple[int, ...], None] = {}
    for seed in range(max(2, min(_POOL_ROUNDS, _POOL_WORK // len(fits)))):
        pool.update(dict.fromkeys(_greedy_cover(fits, seed)))
    cliques = list(pool)
    chosen = cover(cliques, len(fits), nodes=nodes)
    packed = max((_greedy_packing(fits, seed) for seed in range(_TRIES)), key=len)
    return [cliques[at] for at in chosen.positions], {at: Fraction(1) for at in packed}


def _greedy_cover(fits: Sequence[int], seed: int) -> list[tuple[int, ...]]:
    """Grow maximal cliques from the pairs of least company, each by whatever covers most that is still bare."""
    noise = np.random.default_rng(seed).random(len(fits))
    bare = (1 << len(fits)) - 1
    order = sorted(range(len(fits)), key=lambda at: fits[at].bit_count() * (1 + (noise[at] if seed else 0)))
    found = []
    for start in order:
        if not bare >> start & 1:
            continue
        clique, candidates = [start], fits[start]
        while candidates:
            wanted = candidates & bare or candidates
            at = max(each(wanted), key=lambda c: ((fits[c] & candidates & bare).bit_count(), noise[c]))
            clique.append(at)
            candidates &= fits[at]
        bare &= ~bits_of(clique)
        found.append(tuple(sorted(clique)))
    return found


def _greedy_packing(fits: Sequence[int], seed: int) -> list[int]:
    """Choose pairs that fit none chosen before, those of least company first."""
    noise = np.random.default_rng(seed).random(len(fits))
    free, chosen = (1 << len(fits)) - 1, []
    while free:
        at = min(each(free), key=lambda c: ((fits[c] & free).bit_count() + (noise[c] if seed else 0), c))
        chosen.append(at)
        free &= ~(fits[at] | 1 << at)
    return chosen
