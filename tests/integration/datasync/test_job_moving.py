"""Jobs exported, imported, duplicated and made of templates; scheduled; taken back and explained; forms of files."""

import csv
from datetime import timedelta
from typing import Any

import httpx
import pytest

from accord.datasync.timing import read_timing
from accord.jobs.cron import next_due
from accord.model.errors import Invalid
from accord.model.moments import once
from accord.operations.datasync import providers
from accord.operations.datasync.schedules import run_due_schedules, run_start_schedules
from accord.store.times import utc_now
from offices import Office, excel, table_job, text_file

API = "/GroupIDDataService/api"
HEADER = ("First", "Last", "No")


def post(client: httpx.Client, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(f"{API}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def job(client: httpx.Client, office: Office) -> int:
    with office.server.writing("Administrator") as context:
        providers.create_provider(context, excel(office.workbook))
        providers.create_provider(context, text_file(office.folder / "out.csv"))
    office.fill([("Ann", "Lee", "1"), ("Bob", "Ray", "2")], HEADER)
    body = table_job()
    body["settings"].append({"key": "Destination.MessagingProviderPassword", "value": "hush"})
    return int(post(client, "/DataSyncJobs", body)["data"])


def test_an_export_is_sealed_and_imported_under_a_name_of_its_own(client: httpx.Client, job: int) -> None:
    exported = post(client, f"/DataSyncJobs/{job}/Export", {"password": "long enough"})
    assert "hush" not in str(exported)
    assert "fieldsMap" not in str(exported)

    refused = post(client, "/DataSyncJobs/Import", {"export": exported, "password": "wrong"}, 400)
    taken = post(client, "/DataSyncJobs/Import", {"export": exported, "password": "long enough"})["data"]

    assert "cannot be opened" in refused["message"]
    details = get(client, f"/DataSyncJobs/{taken}/Details")["data"]
    assert details["jobInfo"]["name"] == "ToTable2"
    assert details["settings"][0]["value"] == "********"
    assert post(client, f"/DataSyncJobs/{job}/Export", {"password": "short"}, 400)["errorCode"] == "VALIDATION_ERROR"


def test_a_template_has_no_providers_and_makes_jobs(client: httpx.Client, job: int) -> None:
    template = post(client, f"/DataSyncJobs/{job}/SaveAsTemplate", {"name": "Pattern"})["data"]
    names = get(client, "/DataSyncJobs/Names")
    assert {"name": "Pattern", "type": "3"} in names
    assert get(client, "/DataSyncJobs/Templates")["data"][0]["sourceProvider"] == ""

    info = {"name": "Made", "sourceProvider": "ExcelOne", "destinationProvider": "Out"}
    made = post(client, f"/DataSyncJobs/Templates/{template}/Create", info)["data"]

    assert post(client, f"/DataSyncJobs/{made}/Run?wait=true")["data"]["statistics"] == {"create done": 2}
    assert get(client, f"/DataSyncJobs/{made}/Details")["data"]["jobInfo"]["templateId"] == template
    assert post(client, f"/DataSyncJobs/{made}/Duplicate")["data"] > made


def test_a_run_is_explained_and_taken_back(client: httpx.Client, office: Office, job: int) -> None:
    run = post(client, f"/DataSyncJobs/{job}/Run?wait=true")["data"]
    explained = get(client, f"/DataSyncJobs/{job}/Explain", key="1", attribute="Name")["data"]
    assert explained["values"][0]["attribute"] == "Name"
    assert "Ann Lee" in str(explained)

    undone = post(client, f"/DataSyncJobs/{job}/Runs/{run['runId']}/Undo?wait=true", {"reason": "a mistake"})["data"]

    assert (undone["outcome"], undone["statistics"]) == ("Success", {"delete done": 2})
    assert list(csv.DictReader((office.folder / "out.csv").read_text(encoding="utf-8").splitlines())) == []


def test_a_schedule_starts_its_jobs_once_when_they_are_due(client: httpx.Client, office: Office, job: int) -> None:
    body = {"name": "Often", "jobs": [job], "triggers": [{"type": "Every", "minutes": 1}]}
    schedule = post(client, "/DataSyncJobs/Schedules", body)["data"]
    assert get(client, f"/DataSyncJobs/{job}/Details")["data"]["jobInfo"]["schedule"] == str(schedule)
    assert get(client, f"/DataSyncJobs/{job}/Details")["data"]["jobInfo"]["nextRun"]
    assert post(client, "/DataSyncJobs/Schedules", body, 409)["errorCode"] == "CONFLICT"

    moment = utc_now()
    with office.server.writing("clock") as context:
        object.__setattr__(context, "clock", lambda: moment)
        assert run_due_schedules(context) == ()
        object.__setattr__(context, "clock", lambda: moment + timedelta(minutes=1))
        started = [run_due_schedules(context), run_due_schedules(context)]

    assert [len(runs) for runs in started] == [1, 0]
    assert started[0][0].actor.endswith("Administrator")
    assert len(post(client, f"/DataSyncJobs/Schedules/{schedule}/Run")["data"]) == 1
    assert client.delete(f"{API}/DataSyncJobs/Schedules/{schedule}").json()["type"] == 7
    assert get(client, "/DataSyncJobs/Schedules")["count"] == 0


def test_one_moment_is_due_once_and_a_start_is_no_moment(client: httpx.Client, office: Office, job: int) -> None:
    at = utc_now() + timedelta(minutes=5)
    for name, trigger in (("Then", {"type": "Once", "at": at.isoformat()}), ("Begin", {"type": "AtStart"})):
        post(client, "/DataSyncJobs/Schedules", {"name": name, "jobs": [job], "triggers": [trigger]})
    then, begin = get(client, "/DataSyncJobs/Schedules")["data"]
    assert (then["nextRun"], begin["nextRun"]) == (at.isoformat(), None)

    started = []
    with office.server.writing("clock") as context:
        for minutes in (0, 4, 5, 6, 60):
            object.__setattr__(context, "clock", lambda late=minutes: at + timedelta(minutes=late - 5))
            started.append(len(run_due_schedules(context)))
        assert [run.job for run in run_start_schedules(context)] == [job]

    assert started == [0, 0, 1, 0, 0]
    assert next_due((once(at),), after=at) is None


@pytest.mark.parametrize(
    ("trigger", "cron"),
    [
        ({"type": "Daily", "at": "02:30"}, "30 2 * * *"),
        ({"type": "Daily", "at": "02:30", "every": 3}, "30 2 */3 * *"),
        ({"type": "Weekly", "days": ["Monday", "Friday"], "at": "18:00"}, "0 18 * * 1,5"),
        ({"type": "Monthly", "days": [1, 15], "months": [3], "at": "0:05"}, "5 0 1,15 3 *"),
        ({"type": "Every", "minutes": 120}, "0 */2 * * *"),
        ({"expression": "*/5 * * * *"}, "*/5 * * * *"),
        ({"type": "Once", "at": "2026-12-01T03:30:00+01:00"}, "@once 2026-12-01T02:30:00+00:00"),
        ({"type": "AtStart"}, "@start"),
    ],
)
def test_triggers_are_cron_expressions(trigger: dict[str, Any], cron: str) -> None:
    assert read_timing({"name": "x", "jobs": [1], "triggers": [trigger]}).crons == (cron,)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "jobs": [1]},
        {"name": "x"},
        {"name": "x", "jobs": [1], "triggers": [{"type": "Hourly"}]},
        {"name": "x", "jobs": [1], "triggers": [{"type": "Daily", "at": "25:00"}]},
        {"name": "x", "jobs": [1], "triggers": [{"expression": "every day"}]},
    ],
)
def test_what_is_no_schedule_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read_timing(body)


def test_files_and_their_forms_are_told(client: httpx.Client, office: Office, job: int) -> None:
    assert job
    form = get(client, "/DataSource/GetFileServerMetaDataByType", fileServerType="LocalServer")
    files = get(client, "/DataSource/GetFilesNameByType", type=1, folder=str(office.folder))
    cloud = client.get(f"{API}/DataSource/GetFileServerMetaDataByType", params={"fileServerType": "OneDrive"})

    assert form["configurations"][0]["name"] == "FilePath"
    assert files == ["people.xlsx"]
    assert (cloud.status_code, cloud.json()["errorCode"]) == (400, "BAD_REQUEST")
