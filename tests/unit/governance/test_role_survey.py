"""How far roles reach: the curve against counting anew, and the picture against the assignments themselves."""

from collections.abc import Sequence

import pytest
from matrices import of_rows

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.attributes import Index
from accord.governance.mining.bits import union
from accord.governance.mining.exact import mine_minimum
from accord.governance.mining.proposals import propose_by_attributes
from accord.governance.mining.roles import Role
from accord.governance.mining.surveying import draw, find_reach
from accord.testing.planted_roles import plant


@pytest.fixture(scope="module")
def planted() -> tuple[Assignments, tuple[Role, ...]]:
    _, assignments = plant(users=120, permissions=60, roles=8, noise=0.02, seed=1)
    return assignments, mine_minimum(assignments).roles


def test_the_curve_tells_what_the_first_roles_explain_and_the_best_come_first(
    planted: tuple[Assignments, tuple[Role, ...]],
) -> None:
    assignments, roles = planted
    reach = find_reach(assignments, roles)
    assert sorted(reach.order) == list(range(len(roles)))
    for count, share in reach.curve:
        explained = _granted(assignments, [roles[at] for at in reach.order[:count]])
        assert share == pytest.approx(explained / assignments.count, abs=1e-6)
    shares = [share for _, share in reach.curve]
    assert (shares[0], shares[-1]) == (0, 1)
    assert shares == sorted(shares)
    assert dict(reach.needed)[1.0] == len(roles)
    first = _granted(assignments, [roles[reach.order[0]]])
    assert first == max(_granted(assignments, [role]) for role in roles)


def test_the_picture_holds_every_pair_once(planted: tuple[Assignments, tuple[Role, ...]]) -> None:
    assignments, roles = planted
    half = roles[: len(roles) // 2]
    picture = draw(assignments, half, find_reach(assignments, half).order, bins=10)
    areas = [[u.count * p.count for p in picture.permissions] for u in picture.users]
    held = [[share * n for share, n in zip(row, ns, strict=True)] for row, ns in zip(picture.held, areas, strict=True)]
    assert sum(map(sum, held)) == pytest.approx(assignments.count, rel=0.01)
    granted = sum(
        share * n for row, ns in zip(picture.granted, held, strict=True) for share, n in zip(row, ns, strict=True)
    )
    assert granted == pytest.approx(_granted(assignments, half), rel=0.02)
    assert sum(u.count for u in picture.users) == sum(1 for row in assignments.rows if row)


def test_roles_show_as_blocks() -> None:
    # Two roles, users and permissions interleaved: the picture puts what belongs together side by side.
    assignments = of_rows("1010", "0101", "1010", "0101")
    roles = [Role(users=0b0101, permissions=0b0101), Role(users=0b1010, permissions=0b1010)]
    picture = draw(assignments, roles, (0, 1), bins=2)
    assert picture.held == ((1.0, 0.0), (0.0, 1.0))
    assert [band.role for band in picture.users] == [0, 1]


def test_without_anything_held_there_is_an_empty_picture() -> None:
    assignments = of_rows("00", "00")
    assert find_reach(assignments, ()).curve == ((0, 0.0),)
    assert draw(assignments, (), ()).held == ()


def test_a_role_told_by_attributes_names_who_gains_and_who_loses() -> None:
    # Users 0-3 are in sales; 0-2 and 4 hold both things. The rule "sales" takes 3 in and leaves 4 out.
    assignments = of_rows("11", "11", "11", "10", "11")
    index = Index({"department": ["sales", "sales", "sales", "sales", "it"]})
    (proposal,) = propose_by_attributes(assignments, [Role(users=0b10111, permissions=0b11)], index)
    assert proposal.users == ("u0", "u1", "u2", "u3")
    assert proposal.gains == (("u3", "p1"),)
    assert proposal.loses == (("u4", "p0"), ("u4", "p1"))
    assert proposal.explanation is not None
    assert (proposal.explanation.precision, proposal.explanation.recall) == (0.75, 0.75)
    assert proposal.explanation.over_granted == proposal.over_granted == 1


def _granted(assignments: Assignments, roles: Sequence[Role]) -> int:
    return sum(
        (row & union(role.permissions for role in roles if role.users >> user & 1)).bit_count()
        for user, row in enumerate(assignments.rows)
    )
