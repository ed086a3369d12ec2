"""Roles and policies looked at before anybody holds them: roles that violate by themselves, policies without sense."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from accord.governance.policies.preventing import is_violated
from accord.governance.policies.rules import Policy, PolicyKind, TermSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to look at: `kind` says what, `subjects` which roles, policies or terms."""

    kind: str
    subjects: tuple[str, ...]
    message: str


def analyse(
    policies: Sequence[Policy], roles: Mapping[str, Collection[str]], known_terms: Collection[str]
) -> tuple[Finding, ...]:
    """Return what is wrong with roles (name -> terms it gives) and policies, in a fixed order."""
    return (
        *_roles_alone(policies, roles),
        *_role_pairs(policies, roles),
        *_missing(policies, set(known_terms) | {t for terms in roles.values() for t in terms}),
        *_subsumed(policies),
        *_contradicting(policies),
    )


def coverage(policies: Sequence[Policy], known_terms: Collection[str]) -> float:
    """Return the share of known entitlements that at least one policy speaks of."""
    entitlements = {t for t in known_terms if t.startswith(("entitlement:", "group:"))}
    spoken = {t for policy in policies for t in policy.terms()}
    return len(entitlements & spoken) / len(entitlements) if entitlements else 0.0


def _roles_alone(policies: Sequence[Policy], roles: Mapping[str, Collection[str]]) -> list[Finding]:
    return [
        Finding(kind="role_violates", subjects=(role, policy.id), message=f"role {role} alone violates {policy.id}")
        for role, terms in sorted(roles.items())
        for policy in policies
        if policy.kind is PolicyKind.CONFLICT and is_violated(_unscoped(policy), {*terms, f"role:{role}"})
    ]


def _role_pairs(policies: Sequence[Policy], roles: Mapping[str, Collection[str]]) -> list[Finding]:
    """Look only at roles that give something a policy speaks of."""
    found = []
    for policy in policies:
        if policy.kind is not PolicyKind.CONFLICT:
            continue
        spoken = set(policy.terms())
        bare = _unscoped(policy)
        near = {name: held for name, terms in sorted(roles.items()) if spoken & (held := {*terms, f"role:{name}"})}
        near = {name: held for name, held in near.items() if not is_violated(bare, held)}
        found += [
            Finding(
                kind="roles_violate", subjects=(one, other, policy.id),
                message=f"roles {one} and {other} together violate {policy.id}",
            )
            for one, other in combinations(near, 2)
            if is_violated(bare, near[one] | near[other])
        ]  # fmt: skip
    return found


def _missing(policies: Sequence[Policy], known: set[str]) -> list[Finding]:
    found = []
    for policy in policies:
        absent = sorted({t for t in policy.terms() if t not in known and not t.startswith(("attribute:", "flag:"))})
        found += [
            Finding(
                kind="missing_reference",
                subjects=(policy.id, term),
                message=f"{policy.id} names {term}, which nobody has",
            )
            for term in absent
        ]
        there = set(policy.terms()) - set(absent)
        if any(len(there & set(part.terms)) < part.needed for part in policy.sets):
            found.append(
                Finding(kind="dead_policy", subjects=(policy.id,), message=f"nobody can ever violate {policy.id}")
            )
    return found


def _subsumed(policies: Sequence[Policy]) -> list[Finding]:
    conflicts = [p for p in policies if p.kind is PolicyKind.CONFLICT and p.scope is None and p.excluded is None]
    return [
        Finding(
            kind="subsumed_policy", subjects=(narrow.id, wide.id),
            message=f"whoever violates {narrow.id} violates {wide.id} as well",
        )
        for narrow in conflicts
        for wide in conflicts
        if narrow.id != wide.id
        and all(any(_implies(own, other) for own in narrow.sets) for other in wide.sets)
        and not (narrow.id < wide.id and _implied_back(narrow, wide))
    ]  # fmt: skip


def _implied_back(narrow: Policy, wide: Policy) -> bool:
    return all(any(_implies(own, other) for own in wide.sets) for other in narrow.sets)


def _implies(one: TermSet, other: TermSet) -> bool:
    """Tell whether whoever holds the one set holds the other: enough of its terms lie in the other whatever is held."""
    outside = len(set(one.terms) - set(other.terms))
    return one.needed - outside >= other.needed


def _contradicting(policies: Sequence[Policy]) -> list[Finding]:
    """Find requirements that nobody can keep without violating a conflict."""
    conflicts = [p for p in policies if p.kind is PolicyKind.CONFLICT]
    found = []
    for policy in policies:
        if policy.kind is not PolicyKind.REQUIREMENT:
            continue
        forced = {t for part in policy.sets if part.needed == len(part.terms) for t in part.terms}
        found += [
            Finding(
                kind="contradicting_policies", subjects=(policy.id, conflict.id),
                message=f"who keeps {policy.id} violates {conflict.id}",
            )
            for conflict in conflicts
            if is_violated(_unscoped(conflict), forced)
        ]  # fmt: skip
    return found


def _unscoped(policy: Policy) -> Policy:
    """Return the policy for whomever it concerns: roles are looked at before it is known who gets them."""
    return Policy(id=policy.id, name=policy.name, kind=policy.kind, sets=policy.sets)
