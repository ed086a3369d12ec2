"""The least that clears all violations: which terms to revoke from whom, by a search that says how good it is.

Owners are independent, and owners who hold and violate the same need the same, so that each pattern is solved once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from accord.governance.policies.evaluating import Violation
from accord.governance.policies.rules import Policy, PolicyKind

_ALTERNATIVES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What to revoke from one owner; no remedy costs less than `bound`. `open` are policies it cannot clear."""

    owner_id: int
    revoked: tuple[str, ...]
    cost: float
    bound: float
    open: tuple[str, ...] = ()


def find_remedies(
    policies: Sequence[Policy],
    violations: Sequence[Violation],
    *,
    costs: Mapping[str, float] | None = None,
    protected: frozenset[str] = frozenset(),
    nodes: int = 20_000,
) -> tuple[Remedy, ...]:
    """Return the cheapest revocations per owner; `costs` is 1 where not given, what is `protected` is never revoked."""
    by_id = {policy.id: policy for policy in policies if policy.kind is PolicyKind.CONFLICT}
    by_owner: dict[int, list[Violation]] = {}
    for violation in violations:
        if violation.policy in by_id:
            by_owner.setdefault(violation.owner_id, []).append(violation)
    solved: dict[tuple[tuple[str, tuple[str, ...]], ...], Remedy] = {}
    remedies = []
    for owner, own in sorted(by_owner.items()):
        pattern = tuple((v.policy, v.evidence) for v in own)
        if pattern not in solved:
            ways = {v.policy: _ways(by_id[v.policy], v.evidence, protected) for v in own}
            solved[pattern] = _cheapest(ways, costs or {}, nodes)
        found = solved[pattern]
        remedies.append(
            Remedy(owner_id=owner, revoked=found.revoked, cost=found.cost, bound=found.bound, open=found.open)
        )
    return tuple(remedies)


def _ways(policy: Policy, evidence: Sequence[str], protected: frozenset[str]) -> list[frozenset[str]]:
    """Return the smallest revocations that end a violation: of some set, all but too few of what is held."""
    ways: list[frozenset[str]] = []
    for part in policy.sets:
        held = [t for t in part.terms if t in evidence]
        surplus = len(held) - part.needed + 1
        revocable = [t for t in held if t not in protected and not t.startswith(("attribute:", "flag:"))]
        for chosen in combinations(revocable, surplus):
            ways.append(frozenset(chosen))
            if len(ways) >= _ALTERNATIVES:
                return ways
    return ways


def _cheapest(ways: Mapping[str, list[frozenset[str]]], costs: Mapping[str, float], nodes: int) -> Remedy:
    """Search the cheapest union of one way for each policy, the policy of fewest ways first."""
    stuck = tuple(sorted(policy for policy, found in ways.items() if not found))
    todo = sorted((found for found in ways.values() if found), key=len)

    def price(terms: frozenset[str]) -> float:
        return sum(costs.get(term, 1.0) for term in terms)

    best = (
        frozenset().union(*(min(found, key=lambda w: (price(w), sorted(w))) for found in todo)) if todo else frozenset()
    )
    stack: list[tuple[frozenset[str], int]] = [(frozenset(), 0)]
    steps = 0
    while stack and steps < nodes:
        chosen, at = stack.pop()
        steps += 1
        while at < len(todo) and any(way <= chosen for way in todo[at]):
            at += 1
        if price(chosen) >= price(best):
            continue
        if at == len(todo):
            best = chosen
            continue
        stack += [(chosen | way, at + 1) for way in sorted(todo[at], key=lambda w: (-price(w - chosen), sorted(w)))]
    bound = price(best) if not stack else _bound(todo, price)
    return Remedy(owner_id=0, revoked=tuple(sorted(best)), cost=price(best), bound=bound, open=stuck)


def _bound(todo: Sequence[list[frozenset[str]]], price: Callable[[frozenset[str]], float]) -> float:
    """Return what policies that share no term cost at least together."""
    used: set[str] = set()
    total = 0.0
    for found in todo:
        terms = frozenset().union(*found)
        if not terms & used:
            used |= terms
            total += min(price(way) for way in found)
    return total
