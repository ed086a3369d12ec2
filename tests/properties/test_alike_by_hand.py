"""Accounts that are alike: engine and oracle agree, and decide what the documents say."""

from accord.model.joins import Comparison, JoinKey, JoinRule, Likeness
from accord.model.rules import DeletionRule, DeletionTrigger
from oracle import State
from oracle import meaning as m
from oracle.state import Decision
from properties.by_hand import decided, disagreements, flows, identity, outbound, person_type, rules, user

ALIKE = JoinRule(
    keys=(JoinKey(expression="level", attribute="level"),),
    fuzzy=Likeness(comparisons=(Comparison(expression="sn", attribute="a"),), review=0.8, join=0.9),
)
OUT = outbound("out", joins=(ALIKE,), provisions=True, dn=m.joined(m.constant("cn="), "code"), flows=flows(uid="code"))
RULES = rules(OUT, person=person_type(DeletionRule(trigger=DeletionTrigger.MANUAL)))


def world(*names: str, accounts: dict[str, str]) -> State:
    """Return persons of these names and accounts of those, nobody linked."""
    objects = {
        n: user(anchor, f"cn={anchor}", sn=name, level="1") for n, (anchor, name) in enumerate(accounts.items(), 1)
    }
    people = {n: identity(code=f"p{n}", a=name, level="1") for n, name in enumerate(names, 1)}
    return State(objects=objects, identities=people, next_object=len(objects) + 1, next_identity=len(people) + 1)


def test_who_is_alike_beyond_doubt_is_joined_and_who_is_not_gets_an_account() -> None:
    state = world("Bob Stone", "Zoe Quist", accounts={"u1": "bob stone"})
    found = decided(state, RULES)
    assert {o: (k.identity_id, k.how) for o, k in found.links.items()} == {
        1: (1, "joined by join 1"), 2: (2, "provisioned"),
    }  # fmt: skip
    assert found.reviews == set()
    assert disagreements(state, RULES) == []


def test_an_account_like_two_people_waits_for_a_person_and_nobody_gets_a_second() -> None:
    state = world("Eva Lund", "Eva Lunde", accounts={"u1": "Eva Lund"})
    found = decided(state, RULES)
    assert found.links == {}
    assert {(r.object_id, r.identity_id, r.score) for r in found.reviews} == {(1, 1, 1.0), (1, 2, 0.977778)}
    assert disagreements(state, RULES) == []


def test_below_the_threshold_somebody_looks_and_a_pair_that_never_matches_is_no_candidate() -> None:
    state = world("Anna Meyer", accounts={"u1": "Anne Meier"})
    assert {(r.object_id, r.identity_id) for r in decided(state, RULES).reviews} == {(1, 1)}
    assert disagreements(state, RULES) == []
    state.decisions.add(Decision(1, 1, "never"))
    found = decided(state, RULES)
    assert (found.reviews, [k.how for k in found.links.values()]) == (set(), ["provisioned"])
    assert disagreements(state, RULES) == []


def test_an_account_in_review_is_left_alone_by_later_joins() -> None:
    by_name = JoinRule(keys=(JoinKey(expression="sn", attribute="b"),))
    out = outbound("out", joins=(ALIKE, by_name), provisions=True, dn=OUT.dn, flows=OUT.flows)
    state = world("Anna Meyer", "Somebody", accounts={"u1": "Anne Meier"})
    state.identities[2].values["b"] = "Anne Meier"  # type: ignore[index]  # values of a world by hand may change
    given = rules(out, person=person_type(DeletionRule(trigger=DeletionTrigger.MANUAL)))
    assert {(r.object_id, r.identity_id) for r in decided(state, given).reviews} == {(1, 1)}
    assert {k.identity_id for k in decided(state, given).links.values()} == {2}
    assert disagreements(state, given) == []


def test_more_than_two_hundred_candidates_are_a_problem_of_the_identity() -> None:
    state = world("Bob Stone", accounts={f"u{n}": "bob stone" for n in range(201)})
    found = decided(state, RULES)
    assert [(p.code, p.identity_id) for p in found.problems] == [("JOIN_TOO_MANY", 1)]
    assert (found.links, found.reviews) == ({}, set())
    assert disagreements(state, RULES) == []
