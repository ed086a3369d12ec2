"""The default mode: planted roles are found again through noise, and nothing is granted that is not held."""

import numpy as np
import pytest
from matrices import DATA, of_rows, public

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.attributes import Index, core
from accord.governance.mining.bits import bits_of, members
from accord.governance.mining.complexity import Weights, mine_simplest
from accord.governance.mining.drift import EditKind, find_drift
from accord.governance.mining.proposals import KnownRole, keep_names, propose
from accord.governance.mining.roles import Role
from accord.model.errors import UsageError
from accord.testing.planted_roles import plant


@pytest.mark.parametrize("seed", range(3))
def test_nine_of_ten_planted_roles_are_found_exactly_through_one_percent_of_noise(seed: int) -> None:
    planted, assignments = plant(users=1_000, permissions=400, roles=50, noise=0.01, seed=seed)
    found = {role.permissions for role in mine_simplest(assignments).roles}
    assert sum(role in found for role in planted) >= 0.9 * len(planted)


def test_without_noise_every_planted_role_is_found_and_nothing_is_left_over() -> None:
    planted, assignments = plant(users=1_000, permissions=400, roles=50, noise=0.0, seed=1)
    found = mine_simplest(assignments)
    assert {role.permissions for role in found.roles} == set(planted)
    assert not any(found.direct)


@pytest.mark.parametrize("name", ["healthcare", "domino", "firewall1", "apj"])
def test_roles_and_direct_grants_give_exactly_what_is_held(name: str) -> None:
    assignments = public(name)
    found = mine_simplest(assignments)
    granted = list(found.direct)
    for role in found.roles:
        for user in members(role.users):
            granted[user] |= role.permissions
    assert granted == list(assignments.rows)
    assert found.cost < assignments.count


def test_who_lacks_one_thing_of_a_role_is_named_and_not_granted_it() -> None:
    assignments = of_rows(*["111111"] * 9, "111110")
    found = mine_simplest(assignments)
    assert [(m.user, m.permission) for m in found.missing] == [(9, 5)]
    assert not any(role.users >> 9 & 1 and role.permissions >> 5 & 1 for role in found.roles)


def test_dear_roles_are_not_made() -> None:
    assignments = of_rows(*["1111"] * 5)
    assert len(mine_simplest(assignments).roles) == 1
    assert mine_simplest(assignments, weights=Weights(role=100)).roles == ()


def test_roles_are_made_of_columns_and_small_groups_are_left_out() -> None:
    index = Index({"department": ["Sales", "Sales", "IT", None], "title": ["Rep", "Rep", "Admin", "Admin"]})
    groups = index.groups(["department", "title"], minimum_owners=2)
    assert [(g.name, g.owners) for g in groups] == [("sales-rep", 0b11)]
    with pytest.raises(UsageError, match="no attribute colour"):
        index.groups(["colour"])


def test_what_a_group_has_in_common_is_its_core() -> None:
    assignments = of_rows("111", "110", "100")
    assert core(assignments, 0b111) == 0b001
    assert core(assignments, 0b111, share=0.6) == 0b011


def test_a_role_is_explained_by_the_attributes_that_fit_it_best_with_what_they_would_grant_too_much() -> None:
    assignments = of_rows("11", "11", "11", "00")
    index = Index({"department": ["IT", "IT", "IT", "IT"], "title": ["Admin", "Admin", "Boss", "Guest"]})
    found = index.explain(Role(users=0b0011, permissions=0b11), assignments)
    assert found is not None
    assert [(t.attribute, t.value) for t in found.terms] == [("title", "Admin")]
    assert (found.precision, found.recall, found.over_granted) == (1.0, 1.0, 0)
    wide = index.explain(Role(users=0b0111, permissions=0b11), assignments)
    assert wide is not None
    assert (wide.terms[0].value, wide.precision, wide.over_granted) == ("IT", 0.75, 2)


def test_a_role_that_is_largely_what_it_was_keeps_its_id_and_name() -> None:
    before = propose(
        of_rows("1100", "1100", "0011"), [Role(users=0b011, permissions=0b0011), Role(users=0b100, permissions=0b1100)]
    )
    known = [
        KnownRole(id=p.id, name=f"old {p.name}", users=frozenset(p.users), permissions=frozenset(p.permissions))
        for p in before
    ]
    after = propose(
        of_rows("1110", "1110", "0001"), [Role(users=0b011, permissions=0b0111), Role(users=0b100, permissions=0b1000)]
    )
    kept = keep_names(after, known)
    assert kept[0].id == before[0].id
    assert kept[0].name == known[0].name
    assert len({p.id for p in kept}) == len(kept)


def test_what_adopting_a_role_would_newly_grant_is_named() -> None:
    (proposal,) = propose(of_rows("11", "10"), [Role(users=0b11, permissions=0b11)])
    assert proposal.gains == (("u1", "p1"),)
    assert (proposal.covered, proposal.over_granted, proposal.coverage) == (3, 1, 1.0)


@pytest.mark.parametrize(("state", "edits"), [("smallcomp", 29), ("domino", 63), ("university", 103)])
def test_the_fewest_edits_make_drifted_roles_grant_exactly_what_should_be_held(state: str, edits: int) -> None:
    wanted, roles = _maintained(state)
    drift = find_drift(wanted, roles)
    assert len(drift.over_granted) == len(
        (DATA / "rbac_maintenance" / state / "violations.txt").read_text().splitlines()
    )
    assert len(drift.not_granted) == len(
        (DATA / "rbac_maintenance" / state / "exceptions.txt").read_text().splitlines()
    )
    assert (len(drift.edits), drift.bound) == (edits, edits)

    users, permissions = [r.users for r in roles], [r.permissions for r in roles]
    granted = [0] * len(wanted.users)
    for edit in drift.edits:
        match edit.kind:
            case EditKind.ADD_MEMBER | EditKind.REMOVE_MEMBER:
                users[edit.role] ^= 1 << edit.user
            case EditKind.ADD_PERMISSION | EditKind.REMOVE_PERMISSION:
                permissions[edit.role] ^= 1 << edit.permission
            case EditKind.GRANT:
                granted[edit.user] |= 1 << edit.permission
    for holders, held in zip(users, permissions, strict=True):
        for user in members(holders):
            granted[user] |= held
    assert granted == list(wanted.rows)


def _maintained(state: str) -> tuple[Assignments, list[Role]]:
    folder = DATA / "rbac_maintenance" / state

    def lists(name: str) -> dict[int, list[int]]:
        lines = (line.partition(":") for line in (folder / f"{name}.txt").read_text().splitlines() if line.strip())
        return {int(key): [int(n) - 1 for n in values.split()] for key, _, values in lines}

    held, memberships, contents = lists("UPA"), lists("UA"), lists("PA")
    rows = np.zeros((max(held), 1 + max(p for ps in contents.values() for p in ps)), dtype=bool)
    for user, permissions in held.items():
        rows[user - 1, permissions] = True
    for name, is_held in (("exceptions", True), ("violations", False)):
        for line in (folder / f"{name}.txt").read_text().splitlines():
            user, permission = line.split()
            rows[int(user) - 1, int(permission) - 1] = is_held
    assignments = Assignments(
        users=tuple(map(str, range(len(rows)))),
        permissions=tuple(map(str, range(rows.shape[1]))),
        rows=tuple(bits_of(np.flatnonzero(row)) for row in rows),
    )
    roles = [
        Role(
            users=bits_of([u - 1 for u, rs in memberships.items() if role - 1 in rs]), permissions=bits_of(permissions)
        )
        for role, permissions in sorted(contents.items())
    ]
    return assignments, roles
