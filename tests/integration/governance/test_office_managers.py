"""Managers of a real office: late arrivals, leavers, cycles and services; by changes always as a whole run finds."""

from typing import Any

import pytest
from office import Office, group_dn, person, user_dn

pytestmark = pytest.mark.ldap


def managers(office: Office) -> dict[str, dict[str, Any]]:
    return {m["name"]: {"state": m["state"], **m["doc"]} for m in office.ask("/api/v1/managers", first=100)["items"]}


def resolve(office: Office) -> dict[str, dict[str, Any]]:
    """Synchronise, resolve by changes, and require that a whole resolution would find nothing else."""
    office.run("full_sync")
    done = office.run("manager_resolution")
    assert done["status"] == "completed", done
    assert "looked at" in done["message"]
    whole = office.run("manager_resolution", whole=True, preview=True)
    assert whole["counts"] == [], whole["message"]
    return managers(office)


@pytest.mark.slow
def test_late_arrivals_leavers_and_movers_are_resolved_without_looking_at_everybody(office: Office) -> None:
    rows = {n: person(n) for n in range(1, 13)}
    rows[4] |= {"manager": "late.boss@example.org"}
    rows[5] |= {"manager": "Lee6, Ann6"}
    office.write_people(rows.values())
    office.run("full_sync")
    first = office.run("manager_resolution")
    assert "looked at" not in first["message"]
    before = managers(office)
    assert before["ann4@example.org"]["state"] == "unresolved"
    # The service answers to the owner of its group, a person.
    assert before["robot"]["managerName"] == "ann3@example.org"
    assert before["robot"]["approverId"] == before["robot"]["managerId"]
    assert before["robot"]["source"] == "directory.owner of payments"

    # Whom somebody waits for arrives.
    rows[20] = person(20, mail="Late.Boss@example.org", manager="E1")
    office.write_people(rows.values())
    now = resolve(office)
    assert (now["ann4@example.org"]["managerName"], now["ann4@example.org"]["method"]) == (
        "Late.Boss@example.org", "mail",
    )  # fmt: skip
    assert now["ann1@example.org"]["span"] == before["ann1@example.org"]["span"] + 1

    # The boss leaves: the reports keep whom they had no longer; a circle arises, and is told once.
    del rows[20]
    rows[1] |= {"manager": "E0002"}
    office.write_people(rows.values())
    now = resolve(office)
    assert now["ann4@example.org"]["state"] == "unresolved"
    assert {name for name, m in now.items() if m["state"] == "cyclic"} == {"ann1@example.org", "ann2@example.org"}
    cycles = office.ask("/api/v1/managers/cycles")["items"]
    assert [len(c["doc"]["members"]) for c in cycles] == [2]

    # Nothing is said any more: the last good one stays, and is said to be kept.
    rows[1] |= {"manager": ""}
    rows[7] |= {"manager": ""}
    office.write_people(rows.values())
    now = resolve(office)
    assert (now["ann7@example.org"]["managerName"], now["ann7@example.org"]["isKept"]) == ("ann1@example.org", True)


def test_of_two_who_could_be_meant_none_is_guessed_and_a_group_that_changes_hands_moves_its_service(
    local_office: Office,
) -> None:
    import ldap  # noqa: PLC0415 - an optional library

    local_office.run("full_sync")
    local_office.run("manager_resolution")
    local_office.change(group_dn("payments"), [(ldap.MOD_REPLACE, "owner", [user_dn("ann5").encode()])])
    assert resolve(local_office)["robot"]["managerName"] == "ann5@example.org"
    local_office.change(
        group_dn("payments"),
        [(ldap.MOD_REPLACE, "owner", [user_dn("ann5").encode(), user_dn("ann6").encode()])],
    )
    now = resolve(local_office)["robot"]
    # The last good one is kept, and both are candidates.
    assert (now["managerName"], now["isKept"], len(now["candidates"])) == ("ann5@example.org", True, 2)
