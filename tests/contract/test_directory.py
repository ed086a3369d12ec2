"""From nothing to accounts in a directory, with what the cmdlets send and nothing else."""

import sys
from pathlib import Path

import pytest
from cmdlets import Cmdlets
from declaring import CS, SR, new_person, new_system, select_all

from accord.app import Server
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import export_folder, import_folder
from accord.testing.private_slapd import PrivateSlapd

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "api"))
from api_world import work

pytestmark = pytest.mark.ldap
PEOPLE = "employee_id,first_name,last_name,status\n1,Ann,Lee,active\n2,Bo,Ek,left\n"


def run(jim: Cmdlets, server: Server, system: int, profile: str) -> dict[str, object]:
    """Start-JIMRunProfile -Wait."""
    number = next(p["id"] for p in jim.get(f"{CS}/{system}/run-profiles") if p["name"] == profile)
    accepted = jim.post(f"{CS}/{system}/run-profiles/{number}/execute", status=202)
    work(server)
    progress = jim.get(f"/activities/{accepted['activityId']}/progress")
    assert progress["status"] == "Complete", progress
    return progress


def new_mapping(jim: Cmdlets, rule: int, target: dict[str, int], source: dict[str, object]) -> None:
    """New-JIMSyncRuleMapping."""
    jim.post(f"{SR}/{rule}/mappings", {**target, "sources": [{"order": 0, **source}]})


@pytest.fixture
def directory_id(jim: Cmdlets, directory: PrivateSlapd) -> int:
    return new_system(
        jim, "Corporate Directory", "JIM LDAP Connector",
        {
            "Host": {"stringValue": "127.0.0.1"},
            "Port": {"intValue": int(directory.ldaps_url.rpartition(":")[2])},
            "Use Secure Connection (LDAPS)?": {"checkboxValue": True},
            "Ca File": {"stringValue": str(directory.ca_file)},
            "Username": {"stringValue": directory.admin_dn},
            "Password": {"stringValue": directory.admin_password},
        },
    )  # fmt: skip


def import_rule(jim: Cmdlets, hr: int, columns: dict[str, int], person: dict[str, int]) -> int:
    rule = jim.post(
        SR, {"name": "HR In", "connectedSystemId": hr, "connectedSystemObjectTypeId": columns[""],
             "metaverseObjectTypeId": person[""], "direction": "Import", "projectToMetaverse": True, "enabled": True},
    )["id"]  # fmt: skip
    pairs = {"Employee ID": "employee_id", "First Name": "first_name", "Last Name": "last_name", "Status": "status"}
    for target, column in pairs.items():
        new_mapping(
            jim, rule, {"targetMetaverseAttributeId": person[target]}, {"connectedSystemAttributeId": columns[column]}
        )
    return int(rule)


def export_rule(jim: Cmdlets, system: int, attributes: dict[str, int], person: dict[str, int], base: str) -> int:
    rule = jim.post(
        SR, {"name": "Directory Out", "connectedSystemId": system, "connectedSystemObjectTypeId": attributes[""],
             "metaverseObjectTypeId": person[""], "direction": "Export", "provisionToConnectedSystem": True,
             "enabled": True, "outboundDeprovisionAction": "Delete"},
    )["id"]  # fmt: skip
    flows: dict[str, dict[str, object]] = {
        "distinguishedName": {"expression": f"'uid=e' || \"Employee ID\" || ',{base}'"},
        "uid": {"expression": "'e' || \"Employee ID\""},
        "cn": {"expression": '"First Name" || \' \' || "Last Name"'},
        "sn": {"metaverseAttributeId": person["Last Name"]},
    }
    for target, source in flows.items():
        new_mapping(jim, rule, {"targetConnectedSystemAttributeId": attributes[target]}, source)
    group = jim.post(f"{SR}/{rule}/scoping-criteria", {"type": "All"})
    jim.post(
        f"{SR}/{rule}/scoping-criteria/{group['id']}/criteria",
        {"metaverseAttributeId": person["Status"], "comparisonType": "Equals", "stringValue": "active"},
    )
    return int(rule)


def test_people_of_a_file_get_accounts_and_the_configuration_reads_as_written_by_hand(
    jim: Cmdlets, server: Server, directory_id: int, directory: PrivateSlapd, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    person = new_person(jim, "Employee ID", "First Name", "Last Name", "Status")
    hr = new_system(jim, "HR", "JIM File Connector", {"File Path": {"stringValue": str(tmp_path / "people.csv")}})
    columns = select_all(jim, hr, "person", "employee_id")
    told = jim.post(f"{CS}/{directory_id}/import-hierarchy/preview", status=200)
    assert (told["hasChanges"], jim.get(f"{CS}/{directory_id}/partitions")) == (True, [])
    found = jim.post(f"{CS}/{directory_id}/import-hierarchy", status=200)
    assert found == told
    assert (found["success"], found["totalPartitions"]) == (True, 1)
    jim.post(f"{CS}/{directory_id}/import-schema", status=200)
    types = {t["name"]: t for t in jim.get(f"{CS}/{directory_id}/object-types")}
    wanted = types["inetOrgPerson"]
    jim.put(f"{CS}/{directory_id}/object-types/{wanted['id']}", {"selected": True})
    attributes = {a["name"]: a["id"] for a in wanted["attributes"]} | {"": wanted["id"]}
    jim.put(
        f"{CS}/{directory_id}/object-types/{wanted['id']}/attributes",
        {"attributes": {str(attributes[n]): {"selected": True} for n in ("uid", "cn", "sn", "mail")}},
    )
    base = f"ou=people,{directory.suffix}"
    partition = jim.get(f"{CS}/{directory_id}/partitions")[0]
    container = next(c for c in partition["containers"] if c["name"] == "people")
    assert jim.put(f"{CS}/{directory_id}/containers/{container['id']}", {"selected": True})["selected"] is True
    import_rule(jim, hr, columns, person)
    export_rule(jim, directory_id, attributes, person, base)

    for system, profile in ((hr, "Full Import"), (directory_id, "Full Import"), (hr, "Full Synchronisation")):
        run(jim, server, system, profile)
    waiting = jim.get(f"{CS}/{directory_id}/pending-exports")
    assert [(p["changeType"], p["targetObjectIdentifier"]) for p in waiting["items"]] == [("Create", f"uid=e1,{base}")]
    _check_planned(jim, directory_id, waiting["items"][0]["id"], base)
    run(jim, server, directory_id, "Export")
    run(jim, server, directory_id, "Full Import")
    _check_there(jim, directory_id, wanted["id"], partition["id"])

    people = jim.get("/metaverse/objects", attributes=["Last Name"], search="Lee")["items"]
    assert [p["attributes"]["Last Name"] for p in people] == ["Lee"]
    detail = jim.get(f"/metaverse/objects/{people[0]['id']}")
    assert {v["contributedBySyncRuleName"] for v in detail["attributeValues"]} == {"HR In"}
    assert {o["connectedSystemName"] for o in detail["connectedSystemObjects"]} == {"HR", "Corporate Directory"}
    _check_export(server, tmp_path, directory.admin_password)


def _check_planned(jim: Cmdlets, system: int, export: str, base: str) -> None:
    at = f"{CS}/{system}"
    [planned] = jim.get(f"{at}/connector-space", status="PendingProvisioning", joinType="Provisioned")["items"]
    assert (planned["pendingSecondaryExternalId"], planned["hasPendingExport"]) == (f"uid=e1,{base}", True)
    assert planned["created"]
    assert planned["dateJoined"]
    assert jim.get(f"{at}/connector-space", status="Normal")["totalCount"] == 0
    assert jim.get(f"{at}/connector-space", joinType="Joined")["totalCount"] == 0
    counts = {change: jim.get(f"{at}/pending-exports/count", changeType=change) for change in ("Create", "Delete")}
    assert counts == {"Create": 1, "Delete": 0}
    assert jim.get(f"{at}/pending-exports/count", status="Exported") == 0
    assert jim.get(f"{at}/pending-exports", search="nobody")["totalCount"] == 0
    detail = jim.get(f"/synchronisation/pending-exports/{export}")
    assert {c["attributeName"]: c["stringValue"] for c in detail["attributeChanges"]} == {
        "cn": "Ann Lee", "sn": "Lee", "uid": "e1",
    }  # fmt: skip
    assert (detail["hasUnresolvedReferences"], detail["unresolvedReferences"]) == (False, [])
    assert (detail["connectedSystemName"], detail["lastAttemptedAt"]) == ("Corporate Directory", None)
    assert detail["createdAt"]


def _check_there(jim: Cmdlets, system: int, type_id: int, partition: int) -> None:
    at = f"{CS}/{system}/connector-space"
    [there] = jim.get(at, status="Normal", joinType="Provisioned", objectTypeId=type_id)["items"]
    assert there["secondaryExternalIdAttributeName"] == "distinguishedName"
    assert there["lastUpdated"]
    assert (jim.get(f"{at}/count", partitionId=partition), jim.get(f"{at}/count", objectTypeId=type_id)) == (1, 1)
    detail = jim.get(f"{at}/{there['id']}")
    assert {v["attributeName"]: v["stringValue"] for v in detail["attributeValues"]}["sn"] == "Lee"
    assert detail["metaverseObjectDisplayName"]


def _check_export(server: Server, folder: Path, password: str) -> None:
    with server.writing("test") as context:
        written = export_folder(Desk(context), folder / "first", replace=False)
        import_folder(Desk(context), folder / "first", reason="", drafts=False, dry_run=False)
        export_folder(Desk(context), folder / "second", replace=False)
    first = {name: (folder / "first" / name).read_text() for name in written.files}
    assert first == {name: (folder / "second" / name).read_text() for name in written.files}
    assert "password: secret:corporate-directory-password" in first["systems/corporate-directory.yaml"]
    assert password not in "".join(first.values())
    assert first["rules/hr-in.yaml"] == (
        "rule: hr-in\ntitle: HR In\ndirection: inbound\nsystem: HR\nobject: person\nidentity: Person\nproject: true\n"
        "flows:\n  Employee ID: employee_id\n  First Name: first_name\n  Last Name: last_name\n  Status: status\n"
    )
