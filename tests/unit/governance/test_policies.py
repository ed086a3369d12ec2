"""Policies: every form, evidence that stays the same, roles looked at beforehand, the least that mends."""

from datetime import UTC, datetime
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.engine.frames import Engine
from accord.governance.policies.analysing import analyse, coverage
from accord.governance.policies.evaluating import FACTS, Violation, find_violations, load_facts
from accord.governance.policies.preventing import Gate, is_violated
from accord.governance.policies.remedying import find_remedies
from accord.governance.policies.rules import Policy, parse_policies, parse_policy
from accord.model.errors import ConfigError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAY, APPROVE, AUDIT = "entitlement:erp/pay", "entitlement:erp/approve", "entitlement:erp/audit"
CONFLICT = {"id": "pay-approve", "severity": "high", "sets": [PAY, {"any": [APPROVE, AUDIT]}]}


def _find(held: dict[int, list[str]], *entries: dict[str, object]) -> list[Violation]:
    policies = parse_policies(list(entries))
    rows = [(owner, term) for owner, terms in held.items() for term in terms]
    facts = pa.table([[o for o, _ in rows], [t for _, t in rows]], schema=FACTS)
    with Engine(has_attempts=False) as engine:
        return find_violations(policies, load_facts(engine, pa.table({"owner_id": list(held)}), facts, policies))


def test_who_holds_both_sides_violates_with_all_the_evidence() -> None:
    found = _find({1: [PAY, APPROVE, AUDIT], 2: [PAY], 3: [APPROVE, AUDIT]}, CONFLICT)
    assert [(v.owner_id, v.evidence) for v in found] == [(1, (APPROVE, AUDIT, PAY))]


def test_an_id_stays_while_the_evidence_stays_and_new_evidence_is_a_new_violation() -> None:
    one, same, more = (_find({1: held}, CONFLICT)[0].id for held in ([PAY, AUDIT], [AUDIT, PAY], [PAY, AUDIT, APPROVE]))
    assert one == same != more


@pytest.mark.parametrize(
    ("part", "violators"),
    [
        ({"all": ["group:a", "group:b", "group:c"]}, [3]),
        ({"any": ["group:a", "group:b", "group:c"]}, [1, 2, 3]),
        ({"at_least": 2, "of": ["group:a", "group:b", "group:c"]}, [2, 3]),
    ],
)
def test_sets_say_all_any_or_at_least_so_many(part: dict[str, object], violators: list[int]) -> None:
    held = {n: [f"group:{g}" for g in "abc"[:n]] for n in range(4)}
    assert [v.owner_id for v in _find(held, {"id": "p", "sets": [part]})] == violators


def test_scope_and_exclusions_say_whom_it_concerns() -> None:
    held = {
        1: [PAY, AUDIT, "attribute:department=Sales"],
        2: [PAY, AUDIT],
        3: [PAY, AUDIT, "attribute:department=Sales", "role:ceo"],
    }
    policy = CONFLICT | {"scope": {"any": ["attribute:department=Sales"]}, "except": "role:ceo"}
    assert [v.owner_id for v in _find(held, policy)] == [1]


def test_a_requirement_is_violated_by_who_lacks_what_is_required() -> None:
    policy = {"id": "mfa", "kind": "requirement", "sets": [PAY, "flag:mfa"]}
    (found,) = _find({1: [PAY], 2: [PAY, "flag:mfa"], 3: []}, policy)
    assert (found.owner_id, found.evidence, found.lacking) == (1, (PAY,), ("flag:mfa",))


def test_too_many_holders_all_violate_and_too_few_are_the_policys_own_violation() -> None:
    held = {n: [PAY] for n in range(1, 4)}
    policy = {"id": "p", "kind": "cardinality", "sets": [PAY]}
    assert [v.owner_id for v in _find(held, policy | {"holders": {"max": 2}})] == [1, 2, 3]
    assert _find(held, policy | {"holders": {"max": 3, "min": 1}}) == []
    assert [(v.owner_id, v.lacking) for v in _find(held, policy | {"holders": {"min": 4}})] == [(0, (PAY,))]


def test_a_policy_counts_in_its_window_only_and_when_active() -> None:
    policy = parse_policy(CONFLICT | {"valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-02-01T00:00:00Z"})
    assert policy.counts_at(NOW)
    assert not policy.counts_at(datetime(2025, 12, 31, tzinfo=UTC))
    assert not policy.counts_at(datetime(2026, 2, 1, tzinfo=UTC))
    assert not parse_policy(CONFLICT | {"active": False}).counts_at(NOW)


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        ({"id": "p"}, "policies[0].sets", "at least one set"),
        ({"sets": [PAY]}, "policies[0]", "no id"),
        ({"id": "p", "sets": ["pay"]}, "policies[0].sets[0]", "no term"),
        (
            {"id": "p", "sets": [{"at_least": 3, "of": [PAY, AUDIT]}]},
            "policies[0].sets[0].at_least",
            "can never be held",
        ),
        ({"id": "p", "sets": [{"any": [PAY], "all": [PAY]}]}, "policies[0].sets[0]", "any, all, or at_least"),
        ({"id": "p", "sets": [PAY], "kind": "x"}, "policies[0].kind", "none of them"),
        ({"id": "p", "sets": [PAY], "kind": "cardinality"}, "policies[0].holders", "min, max or both"),
        ({"id": "p", "sets": [PAY], "kind": "requirement"}, "policies[0].sets", "two sets"),
        ({"id": "p", "sets": [PAY], "valid_from": "soon"}, "policies[0].valid_from", "no time"),
        ({"id": "p", "sets": [PAY], "colour": 1}, "policies[0]", "no key"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_at_its_place(entry: dict[str, object], place: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        parse_policies([entry])
    assert refused.value.place == place


def test_two_policies_of_one_id_are_refused() -> None:
    with pytest.raises(ConfigError, match="used twice"):
        parse_policies([CONFLICT, CONFLICT])


def test_roles_are_looked_at_before_anybody_holds_them_and_policies_for_their_sense() -> None:
    policies = parse_policies([
        CONFLICT,
        {"id": "narrow", "sets": [PAY, APPROVE]},
        {"id": "dead", "sets": [PAY, "group:gone"]},
        {"id": "needs", "kind": "requirement", "sets": [PAY, AUDIT]},
    ])  # fmt: skip
    roles = {"clerk": [PAY], "chief": [APPROVE], "god": [PAY, APPROVE]}
    found = {(f.kind, f.subjects) for f in analyse(policies, roles, [PAY, APPROVE, AUDIT])}
    assert found == {
        ("role_violates", ("god", "pay-approve")),
        ("role_violates", ("god", "narrow")),
        ("roles_violate", ("chief", "clerk", "pay-approve")),
        ("roles_violate", ("chief", "clerk", "narrow")),
        ("missing_reference", ("dead", "group:gone")),
        ("dead_policy", ("dead",)),
        ("subsumed_policy", ("narrow", "pay-approve")),
        ("contradicting_policies", ("needs", "pay-approve")),
    }
    assert coverage(policies, [PAY, APPROVE, AUDIT, "entitlement:erp/read"]) == 0.75


def test_a_change_is_stopped_for_what_it_would_newly_violate() -> None:
    gate = Gate(parse_policies([CONFLICT, {"id": "mfa", "kind": "requirement", "sets": [PAY, "flag:mfa"]}]))
    assert [p.policy for p in gate.ask([AUDIT, "flag:mfa"], [PAY], now=NOW)] == ["pay-approve"]
    assert gate.ask([PAY, AUDIT, "flag:mfa"], [APPROVE], now=NOW) == ()
    assert [p.policy for p in gate.ask([PAY, "flag:mfa"], [], ["flag:mfa"], now=NOW)] == ["mfa"]


def test_the_cheapest_revocations_clear_everything_and_spare_what_is_protected() -> None:
    policies = parse_policies([CONFLICT, {"id": "second", "sets": [PAY, "group:x"]}])
    violations = _find({1: [PAY, APPROVE, AUDIT, "group:x"]}, CONFLICT, {"id": "second", "sets": [PAY, "group:x"]})
    (cheapest,) = find_remedies(policies, violations)
    assert (cheapest.revoked, cheapest.cost, cheapest.bound) == ((PAY,), 1.0, 1.0)
    (other,) = find_remedies(policies, violations, protected=frozenset({PAY}))
    assert other.revoked == (APPROVE, AUDIT, "group:x")
    (dear,) = find_remedies(policies, violations, costs={PAY: 10.0})
    assert (dear.revoked, dear.cost) == ((APPROVE, AUDIT, "group:x"), 3.0)


def test_what_cannot_be_cleared_is_said() -> None:
    violations = _find({1: [PAY, AUDIT]}, CONFLICT)
    (stuck,) = find_remedies(parse_policies([CONFLICT]), violations, protected=frozenset({PAY, AUDIT}))
    assert (stuck.revoked, stuck.open) == ((), ("pay-approve",))


_TERMS = [f"group:{name}" for name in "abcd"]
_SETS = st.builds(
    lambda terms, n: {"at_least": min(n, len(terms)), "of": terms},
    st.lists(st.sampled_from(_TERMS), min_size=1, max_size=3, unique=True),
    st.integers(1, 3),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(_SETS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_all_owners_at_once_are_judged_as_each_alone_and_remedies_are_the_smallest(
    sets: list[list[dict[str, object]]],
) -> None:
    entries: list[dict[str, object]] = [{"id": f"p{at}", "sets": s} for at, s in enumerate(sets)]
    policies = parse_policies(entries)
    held = {
        at + 1: [t for t, has in zip(_TERMS, bits, strict=True) if has]
        for at, bits in enumerate(product([0, 1], repeat=4))
    }
    found = _find(held, *entries)
    alone = {(p.id, owner) for p in policies for owner, terms in held.items() if is_violated(p, terms)}
    assert {(v.policy, v.owner_id) for v in found} == alone
    for remedy in find_remedies(policies, found):
        terms = held[remedy.owner_id]
        assert not _violated(policies, set(terms) - set(remedy.revoked))
        assert remedy.cost == remedy.bound == _fewest(policies, terms)


def _violated(policies: tuple[Policy, ...], terms: set[str]) -> bool:
    return any(is_violated(policy, terms) for policy in policies)


def _fewest(policies: tuple[Policy, ...], terms: list[str]) -> int:
    choices = (set(np.array(terms)[np.array(bits, dtype=bool)]) for bits in product([0, 1], repeat=len(terms)))
    return min(len(terms) - len(kept) for kept in choices if not _violated(policies, kept))
