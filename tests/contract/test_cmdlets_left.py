"""What else the cmdlets rely on: pipelines, following, refusals they have words for, guard rails of their client."""

import sys
from pathlib import Path

import pytest
from cmdlets import KEY, Cmdlets
from declaring import CS, SR

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import Server
from accord.testing.private_api import PrivateApi

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "api"))
from api_world import work

Declared = tuple[int, dict[str, int]]


def test_objects_of_the_pipeline_carry_their_ids_as_whole_numbers(jim: Cmdlets, hr: Declared) -> None:
    """Get-JIMRunProfile | Start-JIMRunProfile: [int] ConnectedSystemId and Id, bound by name."""
    for profile in jim.get(f"{CS}/{hr[0]}/run-profiles"):
        assert (type(profile["id"]), profile["connectedSystemId"]) == (int, hr[0])
        assert profile.keys() >= {"name", "runType", "pageSize", "partitionName", "filePath"}


def test_a_pipeline_of_profiles_waits_its_turn_and_says_so(jim: Cmdlets, server: Server, hr: Declared) -> None:
    """Start-JIMRunProfile twice, Get-JIMActivity -Follow: the second waits for the first, by name."""
    profile = next(p["id"] for p in jim.get(f"{CS}/{hr[0]}/run-profiles") if p["runType"] == "FullImport")
    first, second = (jim.post(f"{CS}/{hr[0]}/run-profiles/{profile}/execute", status=202) for _ in range(2))
    waiting = jim.get(f"/activities/{second['activityId']}/progress")
    assert waiting["status"] == "InProgress"
    assert "A1 (Full Import on hr-csv" in waiting["message"]
    tasks = jim.get("/worker-tasks")["items"]
    assert {(t["id"], t["status"]) for t in tasks} == {(first["taskId"], "Queued"), (second["taskId"], "Queued")}
    assert [work(server), work(server)] == [1, 1]
    followed = [jim.get(f"/activities/{a['activityId']}") for a in (first, second)]
    assert [f["status"] for f in followed] == ["Complete", "Complete"]
    assert followed[1]["executed"] >= followed[0]["executed"]


def test_importing_the_schema_again_keeps_what_is_selected_or_drops_what_is_gone(
    jim: Cmdlets, inbound: int, hr: Declared, people: Path
) -> None:
    """Import-JIMConnectedSystemSchema -Preview, none, -RemoveDependents."""
    system, attributes = hr
    people.write_text("employee_id,first_name,mail,status,city\n1,Ann,ann@x.org,active,Ulm\n")
    preview = jim.post(f"{CS}/{system}/import-schema/preview", status=200)
    assert (preview["hasChanges"], preview["addedAttributes"]) == (True, {"person": ["city"]})
    assert preview["removedAttributes"] == {"person": ["last_name"]}
    jim.post(f"{CS}/{system}/import-schema", {"removeDependents": True, "disableDependents": False}, status=200)
    names = {a["name"] for a in jim.get(f"{CS}/{system}/object-types/{attributes['']}")["attributes"]}
    assert names == {"employee_id", "first_name", "mail", "status", "city"}
    assert jim.get(f"{SR}/{inbound}")["enabled"] is True


def test_matching_rules_are_made_on_a_synchronisation_rule(
    jim: Cmdlets, inbound: int, hr: Declared, person: dict[str, int]
) -> None:
    """Switch-JIMMatchingMode, New-JIMSyncRuleMatchingRule."""
    jim.post(f"{CS}/{hr[0]}/matching-mode", {"mode": "SyncRule"}, status=200)
    made = jim.post(
        f"{SR}/{inbound}/matching-rules",
        {
            "connectedSystemObjectTypeId": hr[1][""], "metaverseObjectTypeId": person[""],
            "targetMetaverseAttributeId": person["Email"], "caseSensitive": True,
            "sources": [{"order": 0, "connectedSystemAttributeId": hr[1]["mail"]}],
        },
    )  # fmt: skip
    assert (made["syncRuleId"], made["targetMetaverseAttributeName"], made["order"]) == (inbound, "Email", 0)
    jim.delete(f"{SR}/{inbound}/matching-rules/{made['id']}", changeReason="not unique")
    assert jim.get(f"{SR}/{inbound}/matching-rules") == []


def test_clearing_takes_an_empty_body_and_answers_nothing(jim: Cmdlets, server: Server, hr: Declared) -> None:
    """Clear-JIMConnectedSystem."""
    profile = next(p["id"] for p in jim.get(f"{CS}/{hr[0]}/run-profiles") if p["runType"] == "FullImport")
    jim.post(f"{CS}/{hr[0]}/run-profiles/{profile}/execute", status=202)
    assert work(server) == 1
    assert jim.get(f"{CS}/{hr[0]}/connector-space/count") == 2
    assert jim.post(f"{CS}/{hr[0]}/clear", status=200, deleteChangeHistory="true") is None
    assert jim.get(f"{CS}/{hr[0]}/connector-space/count") == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SR, {"name": "x", "direction": "Inbound"}),
        (SR, {"name": "x", "direction": 1}),
        ("/schedules", {"name": "x", "triggerType": "Sometimes", "steps": []}),
        ("/metaverse/attributes", {"name": "x", "type": "Words", "attributePlurality": "SingleValued"}),
    ],
)
def test_a_word_that_an_enumeration_does_not_have_is_refused(jim: Cmdlets, path: str, body: dict[str, object]) -> None:
    answer = jim.ask("POST", path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["validationErrors"]


def test_who_asks_too_often_is_told_when_to_come_back(server: Server) -> None:
    """The client sleeps for Retry-After, between 1 and 60 seconds, and asks again."""
    with PrivateApi(create_app(server, Settings(bootstrap_key=KEY, rate_anonymous=0, rate_signed_in=2))) as listening:
        first = Cmdlets(listening.url)
        roles = {role["name"]: role["id"] for role in first.get("/security/roles")}
        made = first.post("/apikeys", {"name": "script", "roleIds": [roles["Reader"]]})
        script = Cmdlets(listening.url, made["key"])
        answers = [script.ask("GET", CS) for _ in range(3)]
        refused = answers[-1]
        assert [a.status_code for a in answers] == [200, 200, 429]
        assert refused.json()["code"] == "TOO_MANY_REQUESTS"
        assert 1 <= int(refused.headers["Retry-After"]) <= 61
        # Readers may look and change nothing: the client has a fixed text for that.
        other = Cmdlets(listening.url, first.post("/apikeys", {"name": "b", "roleIds": [roles["Reader"]]})["key"])
        assert other.ask("POST", CS, {"name": "x", "connectorDefinitionId": 1}).status_code == 403
        for client in (first, script, other):
            client.close()
