"""The contract over HTTP: envelopes, documented operations, tolerance, secrets, tokens, owners."""

import copy
import csv
import json
import time
from typing import Any

import httpx
import pytest

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import Server
from accord.operations.keys import KeyTerms, add_key
from accord.testing.private_api import PrivateApi
from offices import HERE, PASSWORD, Office, excel

API = "/GroupIDDataService/api"
ENVELOPE = json.loads((HERE / "create-job-response.json").read_text(encoding="utf-8"))


def get(client: httpx.Client, path: str, body: Any = None, **query: Any) -> Any:
    answer = client.request("GET", API + path, json=body, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def create(client: httpx.Client, body: dict[str, Any]) -> int:
    answer = client.post(f"{API}/DataSyncJobs", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_the_specified_body_is_created_and_answered_as_specified(client: httpx.Client, specified: Any) -> None:
    answer = client.post(f"{API}/DataSyncJobs", json=specified)

    assert list(answer.json()) == list(ENVELOPE)
    assert {**answer.json(), "data": 16} == ENVELOPE
    assert isinstance(answer.json()["data"], int)


def test_the_body_comes_back_as_posted_with_secrets_masked(client: httpx.Client, specified: Any) -> None:
    specified["somethingNew"] = {"kept": [1, None]}
    specified["settings"].append({"key": "Destination.MessagingProviderPassword", "value": "hush", "dataType": "x"})
    job = create(client, specified)

    details = get(client, f"/DataSyncJobs/{job}/Details")

    assert list(details) == ["count", "data", "status", "message"]
    back = details["data"]
    assert back["jobInfo"]["jobId"] == job
    expected = copy.deepcopy(specified)
    expected["fieldsMap"][4]["transform"] = "Static:value=********"
    expected["settings"][-1]["value"] = "********"
    for body in (back, expected):
        for name in ("jobId", "lastOutCome"):
            body["jobInfo"].pop(name)
    assert back == expected
    assert [s["key"] for s in back["settings"]].count("Destination.Type") == 2


def test_keys_in_any_casing_are_understood(client: httpx.Client, specified: Any) -> None:
    def recased(value: Any) -> Any:
        if isinstance(value, dict):
            return {key[0].swapcase() + key[1:]: recased(inner) for key, inner in value.items()}
        return [recased(inner) for inner in value] if isinstance(value, list) else value

    assert create(client, recased(specified)) > 0


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda b: b["jobInfo"].update(name=""), "jobInfo.name"),
        (lambda b: b["fieldsMap"][0].update(transform="Shout:field=First"), "fieldsMap[0].transform"),
        (lambda b: b["fieldsMap"][4].update(options="{"), "fieldsMap[4].options"),
        (lambda b: b.update(fieldsMap="none"), "fieldsMap"),
    ],
)
def test_what_is_wrong_is_said_by_place_in_the_envelope(
    client: httpx.Client, office: Office, specified: Any, change: Any, place: str
) -> None:
    client.post(f"{API}/DataSource/Create", json=excel(office.workbook))
    values = {"Server": "ldaps://127.0.0.1:1", "UserName": "x", "Password": "y"}
    client.post(
        f"{API}/DataSource/Create",
        json={"name": "ADEnt", "providerTypeName": "Active Directory", "configurationValues": values},
    )
    change(specified)

    answer = client.post(f"{API}/DataSyncJobs", json=specified)

    assert answer.status_code == 400
    assert list(answer.json()) == list(ENVELOPE)
    assert answer.json()["status"] == 1
    assert list(answer.json()["exceptionMessagesAttributeWise"]) == [place]


def test_lists_are_filtered_and_paged_by_body_and_by_query(client: httpx.Client, specified: Any) -> None:
    for number in range(1, 13):
        specified["jobInfo"]["name"] = f"Job {number:02}"
        create(client, specified)
    criteria = {"Operator": "and", "Child": [{"operator": "Starts With", "attribute": "Name", "value": "job 1"}]}
    option = {"PageSize": 2, "PageIndex": 2, "SortColumnName": "name", "SortOrder": 1}

    everything = get(client, "/DataSyncJobs")
    by_body = get(client, "/DataSyncJobs", {"filterCriteria": criteria, "SearchOption": option})
    by_query = get(client, "/DataSyncJobs", PageSize=5, PageIndex=3)

    assert (everything["count"], len(everything["data"])) == (12, 10)
    assert (by_body["count"], [job["name"] for job in by_body["data"]]) == (3, ["Job 12"])
    assert [job["name"] for job in by_query["data"]] == ["Job 11", "Job 12"]
    assert {"name": "Sync GAL In Active Directory", "type": "3"} in get(client, "/DataSyncJobs/Names")


def test_jobs_are_deleted_by_repeated_ids_all_or_none(client: httpx.Client, specified: Any) -> None:
    one, two = create(client, specified), create(client, specified)

    missing = client.delete(f"{API}/DataSyncJobs", params={"jobids": [one, 999]})
    assert (missing.status_code, missing.json()["status"]) == (404, 1)
    answer = client.delete(f"{API}/DataSyncJobs?jobids={one}&jobids={two}")

    assert (answer.json()["type"], answer.json()["data"]) == (7, None)
    assert get(client, "/DataSyncJobs")["count"] == 0


def test_a_collection_has_copies_of_its_jobs(client: httpx.Client, specified: Any) -> None:
    original = create(client, specified)
    job = get(client, f"/DataSyncJobs/{original}/Details")["data"]
    body = {"isTemplate": False, "notifyWhen": 3, "jobCollectionInfo": {"id": 0, "name": "Nightly"}, "jobs": [job]}

    answer = client.post(f"{API}/DataSyncJobs/Collections", json=body)
    collection = answer.json()["data"]
    details = get(client, f"/DataSyncJobs/Collections/{collection}/Details")

    assert (answer.json()["type"], details["count"]) == (6, 1)
    copied = details["data"]["jobs"][0]["jobInfo"]
    assert (copied["type"], copied["collectionId"]) == (2, collection)
    assert copied["jobId"] != original
    assert get(client, "/DataSyncJobs/Collections")["data"][0]["totalJobs"] == 1
    assert get(client, "/DataSyncJobs/Collections/Details", {"jobCollectionId": collection})["count"] == 1
    renamed = {**details["data"], "jobCollectionInfo": {**details["data"]["jobCollectionInfo"], "name": "Daily"}}
    assert client.patch(f"{API}/DataSyncJobs/Collections", json=renamed).json()["data"] == collection
    assert client.delete(f"{API}/DataSyncJobs/Collections?jobids={collection}").json()["type"] == 7
    assert get(client, f"/DataSyncJobs/{original}/Details")["data"]["jobInfo"]["name"] == "DataSyncJob"


def test_data_sources_are_registered_shown_without_secrets_and_kept_while_used(
    client: httpx.Client, office: Office, specified: Any
) -> None:
    office.fill([("Ann", "Lee")])
    number = client.post(f"{API}/DataSource/Create", json=excel(office.workbook)).json()["data"]
    values = {"Server": "ldaps://127.0.0.1:1", "UserName": "x", "Password": "hush"}
    store = {"name": "ADEnt", "providerTypeName": "Active Directory", "configurationValues": values}
    second = client.post(f"{API}/DataSource/Create", json=store).json()["data"]
    create(client, specified)

    assert [one["name"] for one in get(client, "/DataSource/GetAll")] == ["ExcelOne", "ADEnt"]
    assert get(client, f"/DataSource/{second}")["data"]["configurationValues"]["Password"] == "********"
    assert get(client, f"/DataSource/GetDataSourceParameter/{number}")[0]["columnNames"] == ["First", "Last"]
    assert get(client, "/DataSource/Get", name="excelone")["data"][0]["id"] == number
    answer = client.request("GET", f"{API}/DataSource/ValidateServerConnectivity", json=excel(office.workbook))
    assert (answer.json()["type"], answer.json()["message"]) == (5, "Connection Succeeded")
    assert client.delete(f"{API}/DataSource/{number}").status_code == 409
    assert client.put(f"{API}/DataSource/Update", json={**store, "id": second}).json()["data"] is True


def test_a_job_from_a_sheet_to_a_file_runs_and_tells_what_became_of_each_row(
    client: httpx.Client, office: Office
) -> None:
    office.fill([("Ann", "Lee", "7"), ("Bob", "Ray", "8"), ("", "", "9"), ("Cy", "Dee", "10")], ("First", "Last", "No"))
    target = office.folder / "out.csv"
    client.post(f"{API}/DataSource/Create", json=excel(office.workbook))
    file = {"name": "Out", "providerTypeName": "Text", "type": 4, "configurationValues": {"File": str(target)}}
    client.post(f"{API}/DataSource/Create", json=file)
    job = create(client, to_file())

    preview = client.post(f"{API}/DataSyncJobs/{job}/Preview?wait=true").json()
    assert not target.exists()
    run = client.post(f"{API}/DataSyncJobs/{job}/Run?wait=30").json()

    assert preview["data"]["statistics"] == {"create planned": 2}
    assert run["data"]["statistics"] == {"create done": 2}
    rows = sorted(csv.DictReader(target.read_text(encoding="utf-8").splitlines()), key=lambda row: row["No"])
    assert rows == [
        {"No": "8", "Name": "Bob Ray", "Short": "B", "Middle": "ob"},
        {"No": "9", "Name": "", "Short": "", "Middle": ""},
    ]
    detail = get(client, f"/DataSyncJobs/{job}/Runs/{run['data']['runId']}")["data"]
    assert [result["row"] for result in detail["results"]] == ["row 3", "row 4"]
    assert get(client, f"/DataSyncJobs/{job}/Status")["data"]["outcome"] == "Success"
    assert get(client, "/DataSyncJobs")["data"][0]["timesRun"] == 1


def test_a_queued_run_is_the_activity_that_was_answered(client: httpx.Client, office: Office) -> None:
    office.fill([("Bob", "Ray", "8")], ("First", "Last", "No"))
    target = office.folder / "out.csv"
    client.post(f"{API}/DataSource/Create", json=excel(office.workbook))
    file = {"name": "Out", "providerTypeName": "Text", "type": 4, "configurationValues": {"File": str(target)}}
    client.post(f"{API}/DataSource/Create", json=file)
    job = create(client, to_file())

    accepted = client.post(f"{API}/DataSyncJobs/{job}/Run").json()["data"]
    ended = wait_for(client, job)

    assert accepted["outcome"] in ("Queued", "Running", "Success")
    assert (ended["outcome"], ended["runId"]) == ("Success", accepted["runId"])
    assert (accepted["activity"], accepted["ended"]) == (ended["activity"], None)
    assert "Bob Ray" in target.read_text(encoding="utf-8")


def test_others_see_a_job_and_only_its_owner_changes_it(client: httpx.Client, office: Office, specified: Any) -> None:
    job = create(client, specified)
    with office.server.writing("setup") as context:
        key = add_key(context, KeyTerms(name="operator", roles=("Operator",))).secret
    other = {"Authorization": f"Bearer {key}"}

    assert client.get(f"{API}/DataSyncJobs/{job}/Details", headers=other).status_code == 200
    refused = client.delete(f"{API}/DataSyncJobs?jobids={job}", headers=other)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "FORBIDDEN")
    assert client.get(f"{API}/DataSyncJobs", headers={"Authorization": "Bearer accord_at_wrong"}).status_code == 401


def test_tokens_are_refreshed_once_and_refused_without_the_password(client: httpx.Client, office: Office) -> None:
    url, grant = "/GroupIDSecurityService/connect/token", {"grant_type": "password", "username": "Administrator"}
    refused = client.post(url, data={**grant, "password": "wrong"})
    issued = client.post(url, data={**grant, "password": PASSWORD}).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (issued["token_type"], issued["expires_in"]) == ("Bearer", 1200)
    assert client.post(url, data=refresh).status_code == 200
    assert client.post(url, data=refresh).status_code == 400
    assert isinstance(office.server, Server)


def wait_for(client: httpx.Client, job: int) -> Any:
    deadline = time.monotonic() + 30
    while (status := get(client, f"/DataSyncJobs/{job}/Status")["data"])["ended"] is None:
        assert time.monotonic() < deadline, status
    return status


def to_file() -> dict[str, Any]:
    def line(destination: str, transform: str, **others: Any) -> dict[str, Any]:
        return {"destinationField": destination, "transform": transform, "objectType": 9, **others}

    return {
        "jobInfo": {"name": "ToFile", "sourceProvider": "ExcelOne", "destinationProvider": "Out"},
        "fieldsMap": [
            line("No", "", sourceField="No", isKey=True),
            line("Name", "Join:field=First;separator= ;field=Last"),
            line("Short", "Left:field=First;length=1"),
            line("Middle", "Substring:field=First;start=1;length=2"),
        ],
        "objectsOption": [{"objectType": 9, "displayName": "Object", "isCreate": True, "isSelected": True}],
        "syncQuery": [
            {
                "objectType": 9, "isSource": True, "queryType": "SQL", "updateAll": True,
                "query": "SELECT * FROM [TTSheet1$] WHERE [No] in ('8', '9') ORDER BY Last",
            }
        ],
    }  # fmt: skip


def test_the_first_key_gets_a_token_as_well(office: Office) -> None:
    key = "jim_ak_" + "a" * 32
    with PrivateApi(create_app(office.server, Settings(bootstrap_key=key))) as api:
        asked = {"grant_type": "password", "username": "me"}
        wrong = api.client.post("/GroupIDSecurityService/connect/token", data=asked | {"password": key + "x"})
        given = api.client.post("/GroupIDSecurityService/connect/token", data=asked | {"password": key}).json()
        signed = {"Authorization": f"Bearer {given['access_token']}"}
        listed = api.client.get("/GroupIDDataService/api/DataSyncJobs", headers=signed)
    assert (wrong.status_code, listed.status_code) == (400, 200)
