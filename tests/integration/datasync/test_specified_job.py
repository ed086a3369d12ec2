"""The specification's very job on a real Active Directory, from a real workbook."""

import copy
from typing import Any

import pytest

from offices import Office

pytestmark = pytest.mark.samba

THREE = [("Ann", "Lee"), ("Bob", "Ray"), ("Cy", "Dee")]
NAMES = ["Ann_api_Lee", "Bob_api_Ray", "Cy_api_Dee"]


def test_the_job_makes_users_who_sign_in_and_then_has_nothing_to_do(branch: Office, specified: dict[str, Any]) -> None:
    branch.fill(THREE)
    job = branch.create(specified)

    preview = branch.preview(job)
    assert (preview.state, preview.counts) == ("Success", {"create planned": 3})
    assert branch.domain.names_in_unit() == []

    run = branch.run(job)
    assert (run.state, run.counts) == ("Success", {"create done": 3})
    entries = branch.domain.entries("givenName", "sn", "sAMAccountName", "userAccountControl")
    assert sorted(entries) == NAMES
    assert entries["Ann_api_Lee"] == {
        "cn": ["Ann_api_Lee"], "givenName": ["Ann"], "sn": ["Lee"], "sAMAccountName": ["Ann_api_Lee"],
        "userAccountControl": ["512"],
    }  # fmt: skip
    assert all(branch.domain.can_sign_in(name, "webdir123R") for name in NAMES)

    again = branch.run(job)
    assert (again.state, again.counts) == ("Success", {})


def test_rows_that_cannot_be_used_are_told_by_row_and_the_others_go_on(
    branch: Office, specified: dict[str, Any]
) -> None:
    branch.fill(THREE)
    job = branch.create(specified)
    branch.run(job)

    branch.fill([*THREE, ("Di", "Fox"), ("Ed", "Gee"), ("Flo", "Hay"), ("ann", "LEE"), ("Gus", "")])
    run = branch.run(job)

    assert (run.state, run.counts) == ("CompletedWithErrors", {"create done": 3, "read error": 2})
    told = {(result.row, result.code) for result in branch.results if result.outcome == "error"}
    assert told == {("row 8", "DUPLICATE_KEY"), ("row 9", "NO_KEY")}
    done = {result.row for result in branch.results if result.outcome == "done"}
    assert done == {"row 5", "row 6", "row 7"}
    assert len(branch.domain.names_in_unit()) == 6


def test_a_truncated_sheet_holds_the_run_and_harms_nobody(branch: Office, specified: dict[str, Any]) -> None:
    branch.fill([(f"P{i}", "Lee") for i in range(20)])
    job = branch.create(specified)
    branch.run(job)

    branch.fill([("P1", "Lee")])
    run = branch.run(job)

    assert run.state == "Held"
    assert "fewer" in run.message or "30" in run.message
    assert len(branch.domain.names_in_unit()) == 20


def test_what_the_domain_refuses_is_told_for_that_row_and_tried_again(
    branch: Office, specified: dict[str, Any]
) -> None:
    branch.fill([("Ann", "Lee"), ("Maximiliane", "Oberhuber")])
    job = branch.create(specified)

    for _ in range(2):
        run = branch.run(job)
        refused = [result for result in branch.results if result.outcome == "failed"]
        assert [(result.row, result.code) for result in refused] == [("row 3", "INVALID_NAME")]
    assert run.counts == {"create failed": 1}
    assert branch.domain.names_in_unit() == ["Ann_api_Lee"]


def test_a_refused_password_leaves_no_account_and_is_in_no_message(branch: Office, specified: dict[str, Any]) -> None:
    weak = copy.deepcopy(specified)
    weak["fieldsMap"][4]["transform"] = "Static:value=onlyletters"
    branch.fill(THREE[:1])

    run = branch.run(branch.create(weak))

    assert [result.code for result in branch.results] == ["PASSWORD_POLICY"]
    assert branch.domain.names_in_unit() == []
    assert "onlyletters" not in str(branch.results) + run.message


def test_passwords_are_in_no_file_of_the_server(branch: Office, specified: dict[str, Any]) -> None:
    made = copy.deepcopy(specified)
    made["fieldsMap"][4]["transform"] = "Static:value=Str0ng-static-password"
    branch.fill(THREE)
    branch.run(branch.create(made))

    assert branch.domain.can_sign_in("Ann_api_Lee", "Str0ng-static-password")
    secrets = [b"Str0ng-static-password", branch.domain.admin_password.encode()]
    files = [path for path in (branch.folder / "data").rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []


def test_accounts_that_are_there_are_recognised_and_not_moved(branch: Office, specified: dict[str, Any]) -> None:
    branch.fill(THREE)
    branch.run(branch.create(specified))

    second = copy.deepcopy(specified)
    second["jobInfo"]["name"] = "Titles"
    second["fieldsMap"].append(
        {"sourceField": "Title", "destinationField": "title", "transform": "", "forCreateOnly": False, "objectType": 1}
    )
    second["objectsOption"][0]["isCreate"] = False
    second["objectsOption"][0]["containerOptionValue"] = "OU=Elsewhere,DC=groupid,DC=lab"
    branch.fill([("Ann", "Lee", "Boss"), ("New", "One", "Clerk")], header=("First", "Last", "Title"))
    run = branch.run(branch.create(second))

    assert run.counts == {"update done": 1}
    assert branch.domain.entries("title")["Ann_api_Lee"]["title"] == ["Boss"]
    assert branch.domain.names_in_unit() == NAMES
