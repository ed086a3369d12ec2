"""Entity synchronisations on a real directory and a real database: counted, repeatable, guarded, by changes too."""

from typing import Any

import pytest
from office import Office, group_dn, person, user_dn

pytestmark = pytest.mark.ldap

EVERYTHING = ("account_sync", "application_sync", "full_sync", "incremental_sync")


def records(job: dict[str, Any]) -> tuple[int, int, int]:
    return job["records_created"], job["records_updated"], job["records_deleted"]


def counted(job: dict[str, Any], area: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for count in job["counts"]:
        if count["area"] == area:
            key = (count["entity"], count["operation"])
            found[key] = found.get(key, 0) + count["count"]
    return found


def test_groups_and_applications_come_from_a_real_directory_and_database_and_again_nothing_is_written(
    office: Office,
) -> None:
    groups = office.run("group_sync")
    assert groups["steps"] == ["Processing directory", "Deciding"]
    assert counted(groups, "connector space") == {("group", "add"): 3}
    assert counted(groups, "relations") == {("member", "add"): 18, ("owner", "add"): 1}
    accounts = office.run("account_sync")
    assert counted(accounts, "connector space") == {("user", "add"): 13}
    applications = office.run("application_sync")
    assert counted(applications, "metaverse") == {("application", "add"): 3}
    whole = office.run("full_sync")
    assert counted(whole, "metaverse") == {("person", "add"): 12}
    for job_type in EVERYTHING:
        again = office.run(job_type)
        assert (again["status"], records(again), again["counts"]) == ("completed", (0, 0, 0), []), job_type
    assert [g["name"] for g in office.ask("/api/v1/groups")["items"]] == ["ledger-read", "ledger-write", "payments"]
    assert [a["name"] for a in office.ask("/api/v1/applications", search="pay")["items"]] == ["Payments"]


def test_what_an_incremental_synchronisation_did_a_whole_one_finds_done(local_office: Office) -> None:
    local_office.run("full_sync")
    local_office.run("incremental_sync")
    local_office.write_people([person(1), person(2, title="head"), *(person(n) for n in range(4, 14))])
    local_office.write_applications([("A1", "Ledger", "E0002"), ("A2", "Pay desk", "E0003"), ("A4", "Shop", "")])
    local_office.join(group_dn("payments"), user_dn("ann5"))
    local_office.leave(group_dn("ledger-read"), user_dn("ann7"))
    changed = local_office.run("incremental_sync")
    assert changed["status"] == "completed", changed
    assert counted(changed, "connector space") == {
        ("person", "add"): 1, ("person", "update"): 1, ("person", "remove"): 1, ("group", "update"): 2,
        ("application", "add"): 1, ("application", "update"): 1, ("application", "remove"): 1,
    }  # fmt: skip
    assert counted(changed, "relations") == {("member", "add"): 1, ("member", "remove"): 1}
    whole = local_office.run("full_sync")
    assert (records(whole), whole["counts"]) == ((0, 0, 0), [])


@pytest.mark.slow
def test_each_kind_of_entity_is_read_alone_and_all_of_them_are_what_a_whole_synchronisation_finds(
    local_office: Office,
) -> None:
    local_office.run("full_sync")
    local_office.run("full_sync")
    local_office.write_people([person(1), person(2, title="head"), *(person(n) for n in range(4, 14))])
    local_office.write_applications([("A1", "Ledger", "E0002"), ("A2", "Pay desk", "E0003"), ("A4", "Shop", "")])
    local_office.join(group_dn("payments"), user_dn("ann5"))
    local_office.add_groups(["stewards"], user_dn("ann1"))
    seen = {}
    for job_type in ("account_sync", "group_sync", "application_sync", "owner_sync"):
        done = local_office.run(job_type)
        assert (done["status"], done["message"]) == ("completed", ""), done
        seen[job_type] = set(counted(done, "connector space"))
        again = local_office.run(job_type)
        assert (records(again), again["counts"]) == ((0, 0, 0), []), job_type
    assert seen == {
        "account_sync": set(),
        "group_sync": {("group", "add"), ("group", "update")},
        "application_sync": {("application", "add"), ("application", "update"), ("application", "remove")},
        "owner_sync": {("person", "add"), ("person", "update"), ("person", "remove")},
    }
    whole = local_office.run("full_sync")
    assert (records(whole), whole["counts"]) == ((0, 0, 0), [])


def test_a_source_that_looks_empty_is_held_before_anything_is_written(local_office: Office) -> None:
    local_office.run("full_sync")
    before = local_office.ask("/api/v1/owners", first=100)["items"]
    local_office.write_people([])
    for job_type in ("owner_sync", "full_sync"):
        held = local_office.run(job_type)
        assert (held["status"], held["is_held"], records(held)) == ("failed", True, (0, 0, 0))
        assert local_office.ask(f"/api/v1/plans/{held['plan']}")["state"] == "held"
    assert local_office.ask("/api/v1/owners", first=100)["items"] == before


def test_groups_that_vanish_by_the_dozen_are_held(local_office: Office) -> None:
    local_office.add_groups([f"team{n}" for n in range(40)], user_dn("ann1"))
    local_office.run("full_sync")
    local_office.drop_groups([f"team{n}" for n in range(40)])
    held = local_office.run("group_sync")
    assert (held["status"], held["is_held"], records(held)) == ("failed", True, (0, 0, 0))
    assert len(local_office.ask("/api/v1/groups", first=100)["items"]) == 43
