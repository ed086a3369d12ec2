"""The fewest roles: the public minima, proofs that hold, and an independent look at small matrices."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrices import EXPECTED, of_rows, public

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import members
from accord.governance.mining.checking import check
from accord.governance.mining.exact import mine_minimum
from accord.governance.mining.roles import Certificate, Role, Witness
from accord.governance.mining.trimming import complexity, trim
from accord.testing.planted_roles import plant

# What the best published covers of the fewest roles weigh, and ours may not exceed.
KNOWN_COMPLEXITY = {"healthcare": 211, "domino": 734, "emea": 7280, "firewall2": 1086, "firewall1": 1994, "apj": 4652,
                    "americas_small": 8698}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_the_public_matrices_need_exactly_the_known_number_of_roles_and_it_is_proven(name: str) -> None:
    assignments = public(name)
    assert len(assignments.users) == EXPECTED[name]["users"]
    assert assignments.count == EXPECTED[name]["assignments"]

    found = mine_minimum(assignments)
    verdict = check(assignments, found.roles, found.certificate)

    assert verdict.is_exact
    assert verdict.faults == ()
    assert len(found.roles) == verdict.bound == EXPECTED[name]["minimum_roles"]


@pytest.mark.parametrize(("name", "known"), KNOWN_COMPLEXITY.items())
def test_the_fewest_roles_are_made_simpler_than_any_published_and_grant_the_same(name: str, known: int) -> None:
    assignments = public(name)
    found = mine_minimum(assignments)
    simple = trim(assignments, found.roles)
    assert len(simple) == len(found.roles)
    assert check(assignments, simple, found.certificate).is_exact
    assert complexity(simple) <= known


def test_mining_twice_gives_the_same_roles() -> None:
    assignments = public("americas_small")
    assert mine_minimum(assignments) == mine_minimum(assignments)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("01", min_size=5, max_size=5), min_size=1, max_size=5))
def test_small_matrices_get_as_few_roles_as_trying_all_of_them(rows: list[str]) -> None:
    assignments = of_rows(*rows)
    found = mine_minimum(assignments)
    assert check(assignments, found.roles, found.certificate).is_exact
    assert len(found.roles) == _fewest_by_trying(assignments)
    assert found.certificate.bound <= len(found.roles)


def test_where_no_fooling_set_is_enough_weights_prove_the_minimum() -> None:
    # A crown: user i lacks only permission i. Five of each need four roles, which no three witnesses prove.
    crown = of_rows(*("".join("0" if at == own else "1" for at in range(5)) for own in range(5)))
    found = mine_minimum(crown)
    verdict = check(crown, found.roles, found.certificate)
    assert verdict.is_exact
    assert verdict.is_sound
    assert len(found.roles) == 4


def test_without_room_to_search_the_best_found_the_bound_and_the_gap_are_given() -> None:
    crown = of_rows(*("".join("0" if at == own else "1" for at in range(7)) for own in range(7)))
    found = mine_minimum(crown, cliques=3, nodes=1)
    verdict = check(crown, found.roles, found.certificate)
    assert verdict.is_exact
    assert verdict.is_sound
    assert found.gap == len(found.roles) - verdict.bound > 0
    assert mine_minimum(crown, cliques=3, nodes=1) == found


@pytest.mark.slow
def test_what_is_too_large_to_search_is_still_covered_exactly_with_a_bound() -> None:
    _, assignments = plant(users=500, permissions=120, roles=40, noise=0.05, seed=3)
    found = mine_minimum(assignments)
    verdict = check(assignments, found.roles, found.certificate)
    assert verdict.is_exact
    assert verdict.is_sound
    assert 0 < verdict.bound <= len(found.roles)


def test_a_role_that_grants_more_or_less_is_caught() -> None:
    held = of_rows("110", "011")
    good = mine_minimum(held)
    wide = (*good.roles, Role(users=0b01, permissions=0b100))
    assert check(held, wide, good.certificate).over_granted == 1
    assert check(held, good.roles[:1], good.certificate).not_granted == 2


@pytest.mark.parametrize(
    ("witnesses", "fault"),
    [
        ([(0, 0, 1), (0, 1, 1)], "one role could hold u0/p0 and u0/p1"),
        ([(0, 2, 1)], "u0/p2 is not held"),
        ([(0, 0, 1), (0, 0, 1)], "a witness stands in it twice"),
        ([(0, 0, 2)], "u0/p0 weighs 2 of 1"),
    ],
)
def test_a_certificate_that_proves_nothing_is_caught(witnesses: list[tuple[int, int, int]], fault: str) -> None:
    held = of_rows("110", "011")
    certificate = Certificate(
        whole=1, witnesses=tuple(Witness(user=u, permission=p, weight=w) for u, p, w in witnesses)
    )
    verdict = check(held, mine_minimum(held).roles, certificate)
    assert fault in verdict.faults[0]
    assert verdict.bound == 0


def test_weights_that_one_role_could_exceed_are_caught() -> None:
    held = public("americas_small")
    found = mine_minimum(held)
    assert found.certificate.whole > 1
    heavier = tuple(
        replace(w, weight=w.weight + (w.weight < found.certificate.whole)) for w in found.certificate.witnesses
    )
    assert check(held, found.roles, replace(found.certificate, witnesses=heavier)).faults


def _fewest_by_trying(assignments: Assignments) -> int:
    rows = [row for row in set(assignments.rows) if row]
    cells = {(u, p) for u, row in enumerate(rows) for p in members(row)}
    bicliques = set()
    for size in range(1, len(rows) + 1):
        for users in combinations(range(len(rows)), size):
            common = -1
            for user in users:
                common &= rows[user]
            bicliques.add(frozenset((u, p) for u in users for p in members(common)))
    for count in range(len(cells) + 1):
        if any(frozenset().union(*chosen) == cells for chosen in combinations(bicliques, count)):
            return count
    raise AssertionError
