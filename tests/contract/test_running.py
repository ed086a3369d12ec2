"""Each cmdlet that runs something or watches it, request by request, and exactly the fields it reads."""

import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from cmdlets import KEY, Cmdlets
from declaring import CS

from accord.app import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "api"))
from api_world import work

Declared = tuple[int, dict[str, int]]
ENDED = {"Complete", "CompleteWithWarning", "CompleteWithError", "FailedWithError", "Cancelled"}
WAITED_FOR = {
    "status", "objectsToProcess", "objectsProcessed", "percentComplete", "estimatedSecondsRemaining",
    "objectsPerSecond", "message", "currentPhase", "currentPhaseNumber", "totalPhases",
}  # fmt: skip
LISTED = {
    "id", "created", "status", "targetType", "targetOperationType", "targetName", "initiatedByType",
    "initiatedByName", "objectsToProcess", "objectsProcessed", "executionTime", "connectedSystemRunType",
    "totalAdded", "totalUpdated", "totalDeleted", "totalErrors", "childActivityCount",
}  # fmt: skip


@pytest.fixture
def profiles(jim: Cmdlets, hr: Declared) -> dict[str, int]:
    """Get-JIMRunProfile -ConnectedSystemId: a bare array, of which id and name are read."""
    return {profile["name"]: profile["id"] for profile in jim.get(f"{CS}/{hr[0]}/run-profiles")}


def start(jim: Cmdlets, system: int, profile: int) -> dict[str, Any]:
    """Start-JIMRunProfile -PassThru."""
    accepted = jim.post(f"{CS}/{system}/run-profiles/{profile}/execute", status=202)
    assert accepted.keys() == {"activityId", "taskId", "message", "warnings"}
    return dict(accepted)


def test_connecting_asks_for_health_and_version_and_then_who_one_is(jim: Cmdlets) -> None:
    assert jim.get("/health")["status"] == "healthy"
    assert jim.get("/health/version").keys() >= {"product", "version"}
    me = jim.get("/userinfo")
    assert (me["authorised"], me["isAdministrator"], me["roles"]) == (True, True, ["Administrator"])
    assert jim.ask("GET", "/auth/config").status_code == 503
    stranger = Cmdlets(jim.base_url, "jim_ak_" + "f" * 48)
    assert stranger.ask("GET", CS).status_code == 401
    assert stranger.ask("GET", CS).json()["message"]
    stranger.close()


def test_a_profile_is_started_by_the_names_of_system_and_profile(
    jim: Cmdlets, server: Server, hr: Declared, profiles: dict[str, int]
) -> None:
    first = jim.get(CS, page=1, pageSize=100)
    assert first["totalCount"] == len(first["items"])
    [system] = [s["id"] for s in first["items"] if s["name"] == "HR CSV"]
    [profile] = [p["id"] for p in jim.get(f"{CS}/{system}/run-profiles") if p["name"] == "Full Import"]
    accepted = start(jim, system, profile)
    assert (system, profile) == (hr[0], profiles["Full Import"])
    assert work(server) == 1
    assert jim.get(f"/activities/{accepted['activityId']}/progress")["status"] == "Complete"


def test_waiting_reads_progress_until_one_of_five_words(
    jim: Cmdlets, server: Server, hr: Declared, profiles: dict[str, int]
) -> None:
    accepted = start(jim, hr[0], profiles["Full Import"])
    waiting = jim.get(f"/activities/{accepted['activityId']}/progress")
    assert waiting.keys() >= WAITED_FOR
    # What -Timeout runs into: it has not ended, and says nothing of a percentage it cannot know.
    assert (waiting["status"], waiting["percentComplete"]) == ("InProgress", None)
    assert work(server) == 1
    done = jim.get(f"/activities/{accepted['activityId']}/progress")
    assert done["status"] in ENDED
    assert (done["objectsProcessed"], done["percentComplete"], done["operationCounts"]) == (
        2, 100.0, {"connector space: add": 2},
    )  # fmt: skip


def test_a_run_that_is_cancelled_ends_its_wait(jim: Cmdlets, hr: Declared, profiles: dict[str, int]) -> None:
    accepted = start(jim, hr[0], profiles["Full Import"])
    assert jim.get("/worker-tasks")["items"][0]["id"] == accepted["taskId"]
    assert jim.post(f"/worker-tasks/{accepted['taskId']}/cancel", status=202) is None
    assert jim.get(f"/activities/{accepted['activityId']}/progress")["status"] == "Cancelled"
    assert jim.get("/worker-tasks")["items"] == []


def test_activities_are_listed_filtered_and_looked_at(
    jim: Cmdlets, server: Server, hr: Declared, profiles: dict[str, int], people: Path
) -> None:
    people.write_text(people.read_text() + ",No,Number,,active\n")
    accepted = start(jim, hr[0], profiles["Full Import"])
    assert work(server) == 1
    listed = jim.get(
        "/activities", page=1, pageSize=20, status=["Complete", "CompleteWithError"],
        targetType="ConnectedSystemRunProfile", hasChildActivities="false", createdFrom="2020-01-01T00:00:00.0000000Z",
    )  # fmt: skip
    assert [activity["id"] for activity in listed["items"]] == [accepted["activityId"]]
    assert listed["items"][0].keys() >= LISTED
    assert jim.ask("GET", "/activities", status="Done").status_code == 400
    detail = jim.get(f"/activities/{accepted['activityId']}")
    assert (detail["status"], detail["connectedSystemId"], detail["connectedSystemRunProfileId"]) == (
        "CompleteWithError", hr[0], profiles["Full Import"],
    )  # fmt: skip
    items = jim.get(f"/activities/{accepted['activityId']}/items", page=1, pageSize=100)
    assert [(i["errorType"], i["connectedSystemObjectType"]) for i in items["items"]] == [
        ("MissingExternalIdAttributeValue", "person")
    ]
    assert items["totalCount"] == 1
    stats = jim.get(f"/activities/{accepted['activityId']}/stats")
    assert (stats["totalCsoAdds"], stats["totalObjectErrors"], stats["totalUnchanged"]) == (2, 1, 0)
    assert jim.get(f"/activities/{accepted['activityId']}/children", page=1, pageSize=100)["items"] == []


def test_activities_are_found_by_outcome_and_listed_in_the_order_asked_for(
    jim: Cmdlets, server: Server, hr: Declared, profiles: dict[str, int], person: dict[str, int]
) -> None:
    started = [start(jim, hr[0], profiles[name])["activityId"] for name in ("Full Import", "Full Synchronisation")]
    assert (work(server), work(server)) == (1, 1)

    def ids(**asked: str) -> list[str]:
        return [activity["id"] for activity in jim.get("/activities", **asked)["items"]]

    assert (ids(outcome="Added"), ids(outcome="Errors")) == (started[:1], [])
    assert ids(sortBy="targetName", sortDirection="asc") == started
    assert ids(sortBy="targetName", sortDirection="desc") == started[::-1]
    assert ids(sortBy="created", sortDescending="false") == started
    for wrong in ({"outcome": "Improved"}, {"sortBy": "weather"}):
        assert jim.ask("GET", "/activities", **wrong).status_code == 400
    anchors = [o["externalIdValue"] for o in jim.get(f"{CS}/{hr[0]}/connector-space", sortBy="externalIdValue",
                                                     sortDescending="true")["items"]]  # fmt: skip
    assert len(anchors) == 2
    assert anchors == sorted(anchors, reverse=True)
    names = [t["name"] for t in jim.get("/metaverse/attributes", sortBy="name", sortDirection="desc")["items"]]
    assert len(names) == len(person) - 1
    assert names == sorted(names, key=str.casefold, reverse=True)
    assert jim.ask("GET", "/metaverse/attributes", sortBy="weather").status_code == 400


def test_a_system_tells_what_changed_since_the_last_full_synchronisation(
    jim: Cmdlets, server: Server, hr: Declared, profiles: dict[str, int], inbound: int
) -> None:
    def drift() -> dict[str, Any]:
        return dict(jim.get(f"{CS}/{hr[0]}")["configurationDrift"])

    never = drift()
    assert (never["hasPendingChanges"], never["neverFullySynchronised"], never["lastFullSynchronisation"]) == (
        True, True, None,
    )  # fmt: skip
    start(jim, hr[0], profiles["Full Synchronisation"])
    assert work(server) == 1
    since = drift()
    assert (since["hasPendingChanges"], since["changeCount"], since["neverFullySynchronised"]) == (False, 0, False)
    jim.put(f"/synchronisation/sync-rules/{inbound}", {"description": "another"})
    again = drift()
    assert (again["hasPendingChanges"], again["changeCount"]) == (True, 1)
    assert again["mostRecentChange"] > again["lastFullSynchronisation"]


def test_metrics_count_runs_and_requests_for_those_who_may_read(
    jim: Cmdlets, server: Server, hr: Declared, profiles: dict[str, int]
) -> None:
    start(jim, hr[0], profiles["Full Import"])
    assert work(server) == 1
    told = httpx.get(f"{jim.base_url}/metrics", headers={"X-API-Key": KEY}, trust_env=False).text
    [runs] = [line for line in told.splitlines() if line.startswith("accord_runs_total{")]
    assert ('profile="Full Import"' in runs, runs.rpartition(" ")[2]) == (True, "1.0")
    assert (
        'accord_http_requests_total{method="POST",route="/api/v1/synchronisation/connected-systems",status="201"}'
        in told
    )
    assert httpx.get(f"{jim.base_url}/metrics", trust_env=False).status_code == 401


def test_what_is_no_run_has_no_counters_and_says_so_by_its_number(jim: Cmdlets) -> None:
    plan = jim.post("/plans", status=202)
    answer = jim.ask("GET", f"/activities/{plan['activityId']}/stats")
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


def test_errors_carry_what_the_client_shows(jim: Cmdlets, hr: Declared) -> None:
    missing = jim.ask("GET", f"{CS}/999999")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    assert missing.json()["message"]
    wrong = jim.ask("POST", f"{CS}/{hr[0]}/run-profiles", {"name": "", "runType": "Sometimes"})
    assert wrong.status_code == 400
    assert all(isinstance(texts, list) for texts in wrong.json()["validationErrors"].values())
    for slashed in ("/activities/", f"{CS}/"):
        assert jim.ask("GET", slashed).status_code == 404, "a redirect is never followed"
