"""Users, groups and contacts of a real Active Directory: references, containers, leavers, refusals."""

import copy
from typing import Any

import pytest

from accord.testing.private_samba import UNIT
from offices import Office

pytestmark = [pytest.mark.samba, pytest.mark.slow]

PEOPLE = [(f"P{n}", "Lee", f"p{n}@example.org", "", "Staff") for n in range(12)]
HEADER = ("First", "Last", "Mail", "Boss", "Unit")


def line(destination: str, source: str = "", transform: str = "", **others: Any) -> dict[str, Any]:
    return {"destinationField": destination, "sourceField": source, "transform": transform, "objectType": 1, **others}


def add_unit(office: Office, name: str) -> str:
    assert office.domain is not None
    dn = f"OU={name},{UNIT}"
    with office.domain.signed_in() as connection:
        connection.add_s(dn, [("objectClass", [b"organizationalUnit"]), ("ou", [name.encode()])])
    return dn


def groups_job(specified: dict[str, Any]) -> dict[str, Any]:
    body = copy.deepcopy(specified)
    body["jobInfo"]["name"] = "Groups"
    body["fieldsMap"] = [
        {**line("cn", "Name"), "objectType": 4, "forCreateOnly": True},
        {**line("sAMAccountName", "Name"), "objectType": 4, "isKey": True},
        {**line("member", "Members"), "objectType": 4, "delimiter": ";"},
    ]
    body["objectsOption"] = [{**body["objectsOption"][0], "objectType": 4, "displayName": "Group"}]
    body["syncQuery"] = [{**query, "objectType": 4} for query in body["syncQuery"]]
    body["syncQuery"][1]["query"] = 'objectClass is exactly "group"'
    return body


def test_members_of_groups_are_found_by_the_member_key_and_never_created(
    branch: Office, specified: dict[str, Any]
) -> None:
    assert branch.domain is not None
    branch.fill([("Ann", "Lee"), ("Bob", "Ray")])
    branch.run(branch.create(specified))
    body = groups_job(specified)
    body["settings"].append({"key": "memberkey", "value": "sAMAccountName"})
    branch.fill([("Sales", "Ann_api_Lee;Bob_api_Ray;Nobody")], ("Name", "Members"))
    job = branch.create(body)

    first = branch.run(job)
    members = branch.domain.entries("member")["Sales"]["member"]
    branch.fill([("Sales", "Bob_api_Ray")], ("Name", "Members"))
    second = branch.run(job)

    assert (first.state, first.counts) == ("Success", {"create done": 1}), branch.results
    assert sorted(members) == [f"CN=Ann_api_Lee,{UNIT}", f"CN=Bob_api_Ray,{UNIT}"]
    assert second.counts == {"update done": 1}
    assert branch.domain.entries("member")["Sales"]["member"] == [f"CN=Bob_api_Ray,{UNIT}"]
    assert branch.run(job).counts == {}
    assert "Nobody" not in branch.domain.names_in_unit()


def test_contacts_are_made_with_a_reference_that_is_resolved(branch: Office, specified: dict[str, Any]) -> None:
    assert branch.domain is not None
    branch.fill([("Ann", "Lee")])
    branch.run(branch.create(specified))
    body = copy.deepcopy(specified)
    body["jobInfo"]["name"] = "Contacts"
    body["fieldsMap"] = [
        line("cn", "Name", isKey=True), line("mail", "Mail"),
        line("manager", transform="Resolve:field=Boss;attribute=sAMAccountName"),
    ]  # fmt: skip
    body["objectsOption"][0]["displayName"] = "Contact"
    body["syncQuery"][1]["query"] = 'objectClass is exactly "contact"'
    branch.fill([("Partner", "p@example.org", "Ann_api_Lee")], ("Name", "Mail", "Boss"))

    run = branch.run(branch.create(body))

    assert run.counts == {"create done": 1}, branch.results
    made = branch.domain.entries("objectClass", "mail", "manager")["Partner"]
    assert "contact" in made["objectClass"]
    assert (made["mail"], made["manager"]) == (["p@example.org"], [f"CN=Ann_api_Lee,{UNIT}"])


def test_accounts_follow_their_container_where_the_job_says_so(branch: Office, specified: dict[str, Any]) -> None:
    assert branch.domain is not None
    staff, board = add_unit(branch, "Staff"), add_unit(branch, "Board")
    body = copy.deepcopy(specified)
    body["objectsOption"][0] |= {
        "containerOption": "3",
        "containerOptionValue": f'DTM.Result = "OU=" & DTM.Source("Unit") & ",{UNIT}"',
    }
    body["settings"].append({"key": "Destination.MoveOnContainerChange", "value": "True"})
    branch.fill([("Ann", "Lee", "Staff"), ("Bob", "Ray", "Staff")], ("First", "Last", "Unit"))
    job = branch.create(body)
    branch.run(job)
    assert sorted(branch.domain.dns()) == [f"CN=Ann_api_Lee,{staff}", f"CN=Bob_api_Ray,{staff}"]

    branch.fill([("Ann", "Lee", "Board"), ("Bob", "Ray", "Staff")], ("First", "Last", "Unit"))
    run = branch.run(job)

    assert run.counts == {"move done": 1}, branch.results
    assert sorted(branch.domain.dns()) == [f"CN=Ann_api_Lee,{board}", f"CN=Bob_api_Ray,{staff}"]
    assert branch.run(job).counts == {}


def test_who_left_is_disabled_stamped_moved_and_taken_out_of_groups(branch: Office, specified: dict[str, Any]) -> None:
    assert branch.domain is not None
    leavers = add_unit(branch, "Leavers")
    body = copy.deepcopy(specified)
    body["objectsOption"][0]["isDeprovisioning"] = True
    settings = {"Container": leavers, "Stamp": "left on %DATE%", "StripGroups": "True"}
    body["settings"] += [{"key": f"Deprovisioning.{key}", "value": value} for key, value in settings.items()]
    people = [(f"P{n}", "Lee") for n in range(12)]
    branch.fill(people)
    job = branch.create(body)
    branch.run(job)
    branch.fill([("Sales", "P0_api_Lee;P1_api_Lee")], ("Name", "Members"))
    branch.run(branch.create(groups_job(specified)))

    branch.fill(people[1:])
    seen = branch.preview(job)
    assert seen.counts == {"disable planned": 1}, branch.results
    (planned,) = branch.results
    assert "userAccountControl: 512 -> 514" in planned.message
    assert "description: nothing -> left on 20" in planned.message
    assert f"memberOf: CN=Sales,{UNIT} -> nothing" in planned.message
    assert f"dn: CN=P0_api_Lee,{UNIT} -> CN=P0_api_Lee,{leavers}" in planned.message
    assert f"CN=P0_api_Lee,{UNIT}" in branch.domain.dns()
    run = branch.run(job)

    assert run.counts == {"disable done": 1}, branch.results
    gone = branch.domain.entries("userAccountControl", "description")["P0_api_Lee"]
    assert gone["userAccountControl"] == ["514"]
    assert gone["description"][0].startswith("left on 20")
    assert f"CN=P0_api_Lee,{leavers}" in branch.domain.dns()
    assert branch.domain.entries("member")["Sales"]["member"] == [f"CN=P1_api_Lee,{UNIT}"]
    assert branch.run(job).counts == {}

    undone = branch.undo(job, run.id)

    assert undone.counts == {"move done": 1}, branch.results
    back = branch.domain.entries("userAccountControl", "description", "memberOf")["P0_api_Lee"]
    assert back == {"cn": ["P0_api_Lee"], "userAccountControl": ["512"], "memberOf": [f"CN=Sales,{UNIT}"]}
    assert f"CN=P0_api_Lee,{UNIT}" in branch.domain.dns()


def test_each_refusal_of_the_domain_is_the_error_of_its_row(branch: Office, specified: dict[str, Any]) -> None:
    assert branch.domain is not None
    body = copy.deepcopy(specified)
    # The name comes of one column and the account of another, so that the same name may be wanted twice.
    body["fieldsMap"][0] |= {"sourceField": "Name", "transform": ""}
    body["fieldsMap"][2] |= {"sourceField": "Account", "transform": ""}
    header = ("First", "Last", "Name", "Account")
    branch.fill(
        [
            ("A", "B", "Same Name", "one"), ("A", "B", "Same Name", "two"), ("A", "B", "Star", "a*b"),
            ("A", "B", "Long", "x" * 21), ("A", "B", "C" * 70, "six"), ("A", "B", "Fine, indeed", "seven"),
        ],
        header,
    )  # fmt: skip

    job = branch.create(body)
    run = branch.run(job)

    told = {result.row: result.code for result in branch.results if result.outcome in ("failed", "error")}
    contested = dict.fromkeys(("row 2", "row 3"), "NAME_CONTESTED")
    assert told == contested | dict.fromkeys(("row 4", "row 5", "row 6"), "INVALID_NAME"), branch.results
    assert all(result.message for result in branch.results if result.outcome != "done")
    assert (run.counts["create done"], branch.domain.names_in_unit()) == (1, ["Fine, indeed"])

    branch.fill([("A", "B", "Fine, indeed", "seven"), ("A", "B", "Fine, indeed", "eight")], header)
    branch.run(job)
    assert [(r.row, r.code) for r in branch.results] == [("row 3", "NAME_TAKEN")]


def test_a_container_elsewhere_or_nowhere_is_the_error_of_its_row(branch: Office, specified: dict[str, Any]) -> None:
    body = copy.deepcopy(specified)
    body["objectsOption"][0] |= {"containerOption": "2", "containerOptionValue": "Where"}
    branch.fill(
        [
            ("Away", "X", "OU=API,DC=elsewhere,DC=example"), ("Not", "There", f"OU=Nowhere,{UNIT}"),
            ("No", "Name", "anywhere"), ("Good", "Place", UNIT),
        ],
        ("First", "Last", "Where"),
    )  # fmt: skip

    run = branch.run(branch.create(body))

    told = {result.row: result.code for result in branch.results if result.outcome in ("failed", "error")}
    assert told == {"row 2": "PARENT_MISSING", "row 3": "PARENT_MISSING", "row 4": "INVALID_DN_SYNTAX"}
    assert run.counts["create done"] == 1


def test_only_what_changed_since_is_read_by_time_stamp(branch: Office, specified: dict[str, Any]) -> None:
    assert branch.domain is not None
    body = copy.deepcopy(specified)
    body["fieldsMap"].append(line("title", "Title"))
    body["syncQuery"][0] |= {"timeStampField": "Changed", "updateAll": False}
    header = ("First", "Last", "Title", "Changed")
    branch.fill([("Ann", "Lee", "a", "2030-01-01 08:00:00"), ("Bob", "Ray", "b", "2030-01-01 09:00:00")], header)
    job = branch.create(body)
    branch.run(job)

    # Ann's title changed without a new time stamp, Bob's with one; who is not in the sheet is not gone.
    branch.fill([("Ann", "Lee", "x", "2030-01-01 08:00:00"), ("Bob", "Ray", "y", "2030-01-02 09:00:00")], header)
    run = branch.run(job)

    titles = {name: entry.get("title") for name, entry in branch.domain.entries("title").items()}
    assert run.counts == {"update done": 1}
    assert titles == {"Ann_api_Lee": ["a"], "Bob_api_Ray": ["y"]}
