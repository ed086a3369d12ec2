"""What a schedule had begun is found by its schedule, and what a run profile is narrowed to is what runs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from api_world import work

from accord.app import Server, open_server
from accord.operations.schedules import follow

V1 = "/api/v1"
CS = f"{V1}/synchronisation/connected-systems"


@pytest.fixture
def server(tmp_path: Path, declared_data: Path) -> Iterator[Server]:
    shutil.copytree(declared_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def people(admin: httpx.Client) -> int:
    return next(s["id"] for s in admin.get(CS).json()["items"] if s["name"] == "people")


def test_activities_are_found_by_their_schedule(admin: httpx.Client, server: Server, people: int) -> None:
    [profile] = [p["id"] for p in admin.get(f"{CS}/{people}/run-profiles").json() if p["name"] == "Full Import"]
    step = {"stepIndex": 0, "stepType": "RunProfile", "connectedSystemId": people, "runProfileId": profile}
    night, other = (
        admin.post(f"{V1}/schedules", json={"name": name, "triggerType": "Manual", "steps": [step]}).json()["id"]
        for name in ("Night", "Other")
    )
    execution = admin.post(f"{V1}/schedules/{night}/run").json()["executionId"]
    admin.post(f"{CS}/{people}/run-profiles/{profile}/execute")
    with server.writing("schedule") as context:
        for waiting in context.store.timetable.open_executions():
            follow(context, waiting)
    # The two are of one system: one waits for the other.
    assert (work(server), work(server)) == (1, 1)

    [scheduled] = admin.get(f"{V1}/activities", params={"scheduledOnly": "true"}).json()["items"]
    attribution = {
        "scheduleExecutionId": execution, "scheduleStepIndex": 0,
        "scheduledByScheduleId": night, "scheduledByScheduleName": "Night",
    }  # fmt: skip
    assert {name: scheduled[name] for name in attribution} == attribution
    detail = admin.get(f"{V1}/activities/{scheduled['id']}").json()
    assert {name: detail[name] for name in attribution} == attribution
    assert admin.get(f"{V1}/activities", params={"scheduleId": night}).json()["totalCount"] == 1
    assert admin.get(f"{V1}/activities", params={"scheduleId": other}).json()["totalCount"] == 0
    assert admin.get(f"{V1}/activities", params={"scheduleId": "nobody"}).status_code == 404


def test_a_profile_with_a_file_of_its_own_reads_that_file(
    admin: httpx.Client, server: Server, people: int, tmp_path: Path
) -> None:
    own = (server.places.data / "data" / "people.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "monday.csv").write_text("\n".join(own[:3]) + "\n", encoding="utf-8")
    monday = {"name": "Monday", "runType": "FullImport", "filePath": str(tmp_path / "monday.csv")}
    made = admin.post(f"{CS}/{people}/run-profiles", json=monday).json()
    accepted = admin.post(f"{CS}/{people}/run-profiles/{made['id']}/execute")
    assert (accepted.status_code, accepted.json()["warnings"]) == (202, [])
    assert work(server) == 1
    assert admin.get(f"{CS}/{people}/connector-space/count").json() == 2
    accounts = next(s["id"] for s in admin.get(CS).json()["items"] if s["name"] == "unfit")
    refused = admin.post(f"{CS}/{accounts}/run-profiles", json=monday)
    assert (refused.status_code, list(refused.json()["validationErrors"])) == (400, ["filePath"])
