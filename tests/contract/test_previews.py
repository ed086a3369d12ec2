"""What a change of the configuration would do is told before it is made, and nothing is changed by asking."""

import sys
from pathlib import Path
from typing import Any

import pytest
from cmdlets import Cmdlets
from declaring import CS, SR

from accord.app import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "api"))
from api_world import work

Declared = tuple[int, dict[str, int]]


@pytest.fixture
def settled(jim: Cmdlets, server: Server, inbound: int, hr: Declared, person: dict[str, int]) -> int:
    """The number of a rule by which two people came in."""
    for target, source in (("Employee ID", "employee_id"), ("Email", "mail"), ("Status", "status")):
        jim.post(
            f"{SR}/{inbound}/mappings",
            {
                "targetMetaverseAttributeId": person[target],
                "sources": [{"order": 0, "connectedSystemAttributeId": hr[1][source]}],
            },
        )
    profiles = {p["name"]: p["id"] for p in jim.get(f"{CS}/{hr[0]}/run-profiles")}
    for name in ("Full Import", "Full Synchronisation"):
        jim.post(f"{CS}/{hr[0]}/run-profiles/{profiles[name]}/execute", status=202)
        assert work(server) == 1
    assert jim.get("/metaverse/objects/count") == 2
    return inbound


def previewed(jim: Cmdlets, server: Server, at: str, body: dict[str, Any]) -> dict[str, Any]:
    started = jim.post(f"{at}/preview", body, status=202)
    assert (started["isBlocked"], started["failed"], started["validationFindings"]) == (False, False, [])
    assert jim.get(f"/previews/{started['activityId']}")["isComplete"] is False
    assert work(server) == 1
    preview = jim.get(f"/previews/{started['activityId']}")
    assert (preview["isComplete"], preview["hasFailed"], preview["impactCountsStatus"]) == (True, False, "Complete")
    return dict(preview)


def impact(preview: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(count["area"], count["transitionType"]): count["count"] for count in preview["impactCounts"]}


def test_a_narrower_scope_is_previewed_with_whom_it_would_end(
    jim: Cmdlets, server: Server, settled: int, hr: Declared
) -> None:
    left = {"connectedSystemAttributeId": hr[1]["status"], "comparisonType": "Equals", "stringValue": "active"}
    groups = [{"type": "All", "criteria": [left]}]
    preview = previewed(jim, server, f"{SR}/{settled}/scoping-criteria", {"groups": groups})

    assert impact(preview)["metaverse", "remove"] == 1
    [group] = [g for g in preview["groups"] if g["metaverseObjectTypeName"] == "Person"]
    deltas = jim.get(f"/previews/{preview['activityId']}/deltas", groupId=group["id"])
    assert deltas["totalCount"] == group["objectCount"] == 1
    assert {d["transitionType"] for d in deltas["items"]} == {"remove"}
    assert jim.get(f"{SR}/{settled}/scoping-criteria") == []
    assert jim.get("/metaverse/objects/count") == 2


def test_a_changed_flow_is_previewed_value_by_value(jim: Cmdlets, server: Server, settled: int) -> None:
    [mail] = [m for m in jim.get(f"{SR}/{settled}/mappings") if m["targetMetaverseAttributeName"] == "Email"]
    body = {"mappingId": mail["id"], "change": {"expression": "upper(mail)"}}
    preview = previewed(jim, server, f"{SR}/{settled}/mappings", body)

    assert impact(preview)["metaverse", "update"] == 1
    [delta] = jim.get(f"/previews/{preview['activityId']}/deltas", search="ANN@")["items"]
    assert (delta["attributeName"], delta["oldValue"], delta["newValue"]) == ("Email", "ann@x.org", "ANN@X.ORG")
    assert jim.get(f"{SR}/{settled}/mappings/{mail['id']}")["sources"][0]["connectedSystemAttributeName"] == "mail"


def test_a_rule_switched_off_is_previewed_and_its_plan_is_not_to_be_applied(
    jim: Cmdlets, server: Server, settled: int
) -> None:
    preview = previewed(jim, server, f"{SR}/{settled}/destructive-toggles", {"enabled": False})

    assert preview["planId"]
    assert impact(preview)
    accepted = jim.post(f"/plans/{preview['planId']}/apply", {"reason": "to see"}, status=202)
    assert work(server) == 1
    assert jim.get(f"/activities/{accepted['activityId']}")["status"] == "FailedWithError"
    jim.delete(f"/previews/{preview['activityId']}")
    assert jim.get(f"/plans/{preview['planId']}")["state"] == "discarded"


def test_a_change_that_cannot_be_made_is_blocked_with_the_reason(jim: Cmdlets, settled: int) -> None:
    [mail] = [m for m in jim.get(f"{SR}/{settled}/mappings") if m["targetMetaverseAttributeName"] == "Email"]
    started = jim.post(
        f"{SR}/{settled}/mappings/preview",
        {"mappingId": mail["id"], "change": {"expression": "nothing_of_that_name"}},
        status=202,
    )
    assert started["isBlocked"] is True
    assert "nothing_of_that_name" in started["validationFindings"][0]
    read = jim.get(f"/previews/{started['activityId']}")
    assert (read["hasFailed"], read["validationStatus"]) == (True, "Failed")
    assert jim.ask("POST", f"{SR}/999999/behaviour/preview", {"enabled": False}).status_code == 404
    assert jim.ask("GET", f"/previews/{'0' * 8}-0000-4000-8000-{'0' * 12}").status_code == 404
