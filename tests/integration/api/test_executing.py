"""Executing run profiles, watching what becomes of them, and cancelling."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api_world import work
from asking import client

from accord.app import Server, open_server
from accord.testing.private_api import PrivateApi

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CS = "/api/v1/synchronisation/connected-systems"
PROGRESS = {
    "status", "objectsToProcess", "objectsProcessed", "percentComplete", "estimatedSecondsRemaining",
    "objectsPerSecond", "message", "currentPhase", "currentPhaseNumber", "totalPhases",
}  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, declared_data: Path) -> Iterator[Server]:
    shutil.copytree(declared_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def place(server: Server) -> Callable[[str, str], str]:
    """Return the address to execute a profile of a system, both by name."""
    with server.reading("test") as context:
        numbers = context.store.configurations.ids.read()

    def address(system: str, profile: str) -> str:
        number = numbers["profile", f"{system}\t{profile}"]
        return f"{CS}/{numbers['system', system]}/run-profiles/{number}/execute"

    return address


@pytest.fixture
def imported(admin: httpx.Client, server: Server, place: Callable[[str, str], str]) -> str:
    """The activity of an import that ended, with one bad row."""
    accepted = admin.post(place("people", "Full Import")).json()
    assert work(server) == 1
    return accepted["activityId"]


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json", "Content-Length": "0"}])
def test_a_profile_is_queued_and_answered_at_once(
    admin: httpx.Client, place: Callable[[str, str], str], headers: dict[str, str]
) -> None:
    answer = admin.post(place("people", "Full Import"), headers=headers)
    assert answer.status_code == 202
    body = answer.json()
    assert body.keys() == {"activityId", "taskId", "message", "warnings"}
    assert GUID.fullmatch(body["activityId"])
    assert GUID.fullmatch(body["taskId"])
    assert body["message"] == "Run profile execution queued successfully."
    assert body["warnings"] == []
    assert answer.headers["location"] == f"/api/v1/activities/{body['activityId']}"


def test_what_is_worth_a_warning_is_told(admin: httpx.Client, place: Callable[[str, str], str]) -> None:
    answer = admin.post(place("people", "Delta Import"))
    assert answer.status_code == 202
    assert "everything is read" in answer.json()["warnings"][0]


def test_a_system_that_is_not_fit_is_a_bad_request(admin: httpx.Client, place: Callable[[str, str], str]) -> None:
    answer = admin.post(place("unfit", "Full Import"))
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert "NOWHERE_TO_BE_FOUND" in answer.json()["message"]
    assert admin.get("/api/v1/activities").json()["totalCount"] == 0


@pytest.mark.parametrize("role", ["Reader", "Operator", "Auditor"])
def test_only_an_administrator_executes(
    api: PrivateApi, key_of: Callable[[str], str], place: Callable[[str, str], str], role: str
) -> None:
    with client(api, key_of(role)) as caller:
        answer = caller.post(place("people", "Full Import"))
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        assert "Administrator role required" in answer.json()["message"]
    nobody = api.client.post(place("people", "Full Import"))
    assert (nobody.status_code, nobody.json()["code"]) == (401, "UNAUTHORISED")


def test_a_system_or_profile_that_does_not_exist_is_not_found(
    admin: httpx.Client, place: Callable[[str, str], str]
) -> None:
    people, accounts = place("people", "Full Import"), place("accounts", "Export")
    others = people.rsplit("/", 2)[0] + "/" + accounts.rsplit("/", 2)[1] + "/execute"
    for wrong in (others, f"{CS}/999999/run-profiles/1/execute", f"{CS}/x/run-profiles/1/execute",
                  people.rsplit("/", 2)[0] + "/999999/execute"):  # fmt: skip
        answer = admin.post(wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), wrong


def test_asked_twice_with_one_key_it_is_queued_once(admin: httpx.Client, place: Callable[[str, str], str]) -> None:
    headers = {"Idempotency-Key": "night 7"}
    first, second = (admin.post(place("people", "Full Import"), headers=headers).json() for _ in range(2))
    assert first == second
    assert admin.get("/api/v1/worker-tasks").json()["totalCount"] == 1


def test_the_second_execution_of_a_system_waits_and_says_so(
    admin: httpx.Client, place: Callable[[str, str], str]
) -> None:
    admin.post(place("people", "Full Import"))
    second = admin.post(place("people", "Full Import")).json()
    other = admin.post(place("accounts", "Full Import")).json()
    waiting = admin.get(f"/api/v1/activities/{second['activityId']}/progress").json()
    assert (waiting["status"], waiting["state"]) == ("InProgress", "queued")
    assert "waits for A1" in waiting["message"]
    assert admin.get(f"/api/v1/activities/{other['activityId']}/progress").json()["message"] is None
    task = admin.get(f"/api/v1/worker-tasks/{second['taskId']}").json()
    assert (task["status"], task["activityId"]) == ("Queued", second["activityId"])


def test_progress_has_what_clients_read_and_ends(admin: httpx.Client, imported: str) -> None:
    progress = admin.get(f"/api/v1/activities/{imported}/progress").json()
    assert progress.keys() >= PROGRESS
    assert progress["status"] == "CompleteWithError"
    assert progress["percentComplete"] == 100.0
    assert progress["objectsProcessed"] == 6
    assert progress["totalErrors"] == 1
    assert [phase["key"] for phase in progress["phases"]] == ["import.fetch", "import.process", "import.save"]
    assert {phase["status"] for phase in progress["phases"]} == {"Completed"}


def test_counters_tell_the_run(admin: httpx.Client, imported: str) -> None:
    stats = admin.get(f"/api/v1/activities/{imported}/stats").json()
    assert (stats["totalCsoAdds"], stats["totalObjectErrors"], stats["totalUnchanged"]) == (5, 1, 0)
    detail = admin.get(f"/api/v1/activities/{imported}").json()
    assert detail["executionStats"] == stats
    assert (detail["targetType"], detail["connectedSystemRunType"]) == ("ConnectedSystemRunProfile", "FullImport")
    assert (detail["initiatedByType"], detail["initiatedByName"]) == ("ApiKey", "bootstrap")
    assert detail["connectedSystemId"] > 0
    assert detail["connectedSystemRunProfileId"] > 0
    assert re.fullmatch(r"\d\d:\d\d:\d\d(\.\d{7})?", detail["executionTime"])


def test_items_tell_what_is_wrong_and_can_be_filtered(admin: httpx.Client, imported: str) -> None:
    place = f"/api/v1/activities/{imported}/items"
    page = admin.get(place).json()
    assert page["totalCount"] == 1
    (item,) = page["items"]
    assert (item["externalIdValue"], item["errorType"]) == ("E900", "ImportAttributeValueError")
    assert (item["errorCode"], item["attribute"]) == ("UNPARSEABLE_VALUE", "hire_date")
    assert item["errorMessage"]
    assert admin.get(place, params={"outcome": "error", "errorCode": "UNPARSEABLE_VALUE"}).json()["totalCount"] == 1
    assert admin.get(place, params={"search": "e900"}).json()["totalCount"] == 1
    for other in ({"outcome": "done"}, {"errorCode": "X"}, {"search": "nobody%"}, {"objectType": "group"}):
        assert admin.get(place, params=other).json()["items"] == []


def test_activities_are_listed_newest_first_and_filtered(
    admin: httpx.Client, server: Server, place: Callable[[str, str], str], imported: str
) -> None:
    admin.post(place("accounts", "Full Import"), params={"changeReason": "to see"})
    listed = "/api/v1/activities"
    page = admin.get(listed).json()
    assert [a["targetContext"] for a in page["items"]] == ["accounts", "people"]
    assert page["items"][1]["totalAdded"] == 5
    assert {k: page[k] for k in ("totalCount", "page", "pageSize", "totalPages", "hasNextPage", "hasPreviousPage")} == {
        "totalCount": 2, "page": 1, "pageSize": 25, "totalPages": 1, "hasNextPage": False, "hasPreviousPage": False,
    }  # fmt: skip
    for params, ids in (
        ({"status": "CompleteWithError"}, [imported]), ({"connectedSystem": "people"}, [imported]),
        ({"search": "PEOPLE"}, [imported]), ({"runProfile": "Full Import", "connectedSystem": "people"}, [imported]),
        ({"status": ["Cancelled", "Complete"]}, []), ({"initiatorType": "User"}, []),
        ({"targetType": "Schedule"}, []), ({"hasChildActivities": "true"}, []),
        ({"createdTo": "2020-01-01T00:00:00Z"}, []), ({"operation": "Revert"}, []),
    ):  # fmt: skip
        assert [a["id"] for a in admin.get(listed, params=params).json()["items"]] == ids, params
    assert admin.get(listed, params={"initiatorType": "ApiKey"}).json()["totalCount"] == 2
    assert admin.get(listed, params={"initiatedBy": "bootstrap"}).json()["totalCount"] == 2
    first = admin.get(listed, params={"pageSize": 1}).json()
    rest = admin.get(listed, params={"pageSize": 1, "cursor": first["nextCursor"]}).json()
    assert [a["id"] for a in rest["items"]] == [imported]
    assert [a["id"] for a in admin.get(listed, params={"pageSize": 1, "page": 2}).json()["items"]] == [imported]


@pytest.mark.parametrize(
    "params", [{"status": "Done"}, {"status": "2"}, {"targetType": "x"}, {"page": "0"}, {"cursor": "?"},
               {"createdFrom": "soon"}, {"page": "20000", "pageSize": "100"}],
)  # fmt: skip
def test_what_a_list_does_not_understand_is_a_bad_request(admin: httpx.Client, params: dict[str, str]) -> None:
    assert admin.get("/api/v1/activities", params=params).status_code == 400


def test_what_waits_is_cancelled_at_once(admin: httpx.Client, server: Server, place: Callable[[str, str], str]) -> None:
    accepted = admin.post(place("people", "Full Import")).json()
    task = f"/api/v1/worker-tasks/{accepted['taskId']}"
    cancelled = admin.post(f"{task}/cancel", headers={"Content-Type": "application/json"})
    assert (cancelled.status_code, cancelled.content) == (202, b"")
    assert admin.get(f"/api/v1/activities/{accepted['activityId']}/progress").json()["status"] == "Cancelled"
    assert admin.get(task).status_code == 404
    assert admin.post(f"{task}/cancel").status_code == 404
    assert work(server) == 0
    assert "activity.cancel" in str(admin.get("/api/v1/audit").json())


def test_progress_is_streamed_until_the_end(
    api: PrivateApi, admin: httpx.Client, server: Server, place: Callable[[str, str], str]
) -> None:
    accepted = admin.post(place("people", "Full Import")).json()
    events = []
    with admin.stream("GET", f"/api/v1/activities/{accepted['activityId']}/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("event:"):
                events.append(line.removeprefix("event: "))
                if events == ["progress"]:
                    work(server)
    assert events[0] == "progress"
    assert events[-1] == "end"
    assert len(events) > 2


@pytest.mark.parametrize("wanted", ["", "/progress", "/stats", "/items", "/children", "/stream"])
def test_an_activity_that_does_not_exist_is_not_found(admin: httpx.Client, wanted: str) -> None:
    for name in ("11111111-2222-3333-4444-555555555555", "A77", "x"):
        assert admin.get(f"/api/v1/activities/{name}{wanted}").status_code == 404


def test_activities_tell_which_key_began_them(
    api: PrivateApi, admin: httpx.Client, place: Callable[[str, str], str], key_of: Callable[[str], str]
) -> None:
    with client(api, key_of("Administrator")) as other:
        activity = other.post(place("people", "Full Import")).json()["activityId"]
    [key] = [key["id"] for key in admin.get("/api/v1/apikeys").json()]
    admin.post(place("accounts", "Full Import"))
    listed = "/api/v1/activities"
    for params in ({"initiatedById": key}, {"initiatedBy": "a Administrator"}):
        [found] = admin.get(listed, params=params).json()["items"]
        assert (found["id"], found["initiatedById"], found["initiatedByName"]) == (activity, key, "a Administrator")
    assert admin.get(f"{listed}/{activity}").json()["initiatedById"] == key
    nobody = "0" * 8 + "-0000-4000-8000-" + "0" * 12
    assert admin.get(listed, params={"initiatedById": nobody}).json()["totalCount"] == 0


def test_progress_that_was_read_just_now_is_told_to_nobody_without_a_key(
    api: PrivateApi, admin: httpx.Client, place: Callable[[str, str], str]
) -> None:
    activity = admin.post(place("people", "Full Import")).json()["activityId"]
    address = f"/api/v1/activities/{activity}/progress"
    told = [admin.get(address) for _ in range(5)]
    assert {(answer.status_code, answer.json()["id"]) for answer in told} == {(200, activity)}
    for headers in ({}, {"X-API-Key": "jim_ak_" + "f" * 48}):
        assert httpx.get(api.url + address, headers=headers, trust_env=False).status_code == 401
    cancelled = admin.post(f"/api/v1/worker-tasks/{admin.get('/api/v1/worker-tasks').json()['items'][0]['id']}/cancel")
    assert cancelled.status_code == 202
    # Whoever has changed something reads it anew, however short ago it was read.
    assert admin.get(address).json()["status"] == "Cancelled"
