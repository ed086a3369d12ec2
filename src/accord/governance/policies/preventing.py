"""What a change would violate before it is made: only the policies that speak of what is asked for are looked at."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accord.governance.policies.rules import Policy, PolicyKind, TermSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevented:
    """A policy that the change would violate, with the terms that would be held then."""

    policy: str
    severity: str
    evidence: tuple[str, ...]


class Gate:
    """Policies by the terms they speak of; made once, asked often."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies = tuple(policies)
        self._by_term: dict[str, list[Policy]] = {}
        for policy in self.policies:
            if policy.kind is not PolicyKind.CARDINALITY:
                for term in set(policy.terms()):
                    self._by_term.setdefault(term, []).append(policy)

    def ask(
        self, held: Collection[str], requested: Collection[str], removed: Collection[str] = (), *, now: datetime
    ) -> tuple[Prevented, ...]:
        """Return what an owner would violate, of what counts at this time, who does not violate it now."""
        before, after = set(held), (set(held) | set(requested)) - set(removed)
        concerned: Mapping[str, Policy] = {
            policy.id: policy for term in (*requested, *removed) for policy in self._by_term.get(term, ())
        }
        return tuple(
            Prevented(policy=policy.id, severity=policy.severity, evidence=tuple(sorted(after & _said(policy))))
            for _, policy in sorted(concerned.items())
            if policy.counts_at(now) and is_violated(policy, after) and not is_violated(policy, before)
        )


def is_violated(policy: Policy, held: Collection[str]) -> bool:
    """Tell whether somebody who holds exactly these terms violates a conflict or requirement."""
    if policy.scope is not None and not _has(held, policy.scope):
        return False
    if policy.excluded is not None and _has(held, policy.excluded):
        return False
    has = [_has(held, part) for part in policy.sets]
    return has[0] and not all(has) if policy.kind is PolicyKind.REQUIREMENT else all(has)


def _has(held: Collection[str], part: TermSet) -> bool:
    return sum(term in held for term in part.terms) >= part.needed


def _said(policy: Policy) -> set[str]:
    return {term for part in policy.sets for term in part.terms}
