"""Plans over HTTP: made, looked at, decided about by a named caller for a reason, applied exactly; runs taken back."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api_world import work
from asking import client

from accord.app import Server, open_server
from accord.cli.plain import plain
from accord.operations.status import read_status
from accord.testing.private_api import PrivateApi

PLANS = "/api/v1/plans"


@pytest.fixture
def server(tmp_path: Path, declared_data: Path) -> Iterator[Server]:
    shutil.copytree(declared_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def plan(admin: httpx.Client, server: Server) -> str:
    """A plan that gives four people an account each."""
    with server.reading("test") as context:
        numbers = context.store.configurations.ids.read()
    for system in ("people", "accounts"):
        number = numbers["profile", f"{system}\tFull Import"]
        place = f"/api/v1/synchronisation/connected-systems/{numbers['system', system]}/run-profiles/{number}/execute"
        assert admin.post(place).status_code == 202
    accepted = admin.post(PLANS)
    assert accepted.status_code == 202
    assert work(server) == 3
    return admin.get(accepted.headers["location"]).json()["planId"]


def test_a_plan_tells_every_change_riskiest_first(admin: httpx.Client, plan: str) -> None:
    found = admin.get(f"{PLANS}/{plan}").json()
    assert (found["id"], found["state"], found["kind"]) == (plan, "ready", "sync")
    whole = admin.get(f"{PLANS}/{plan}/changes").json()
    assert whole["totalCount"] == found["changeTotal"] == len(whole["changes"])
    exports = admin.get(f"{PLANS}/{plan}/changes", params={"area": "export", "first": 1}).json()
    assert exports["changes"][0]["operation"] == "create"
    rest = admin.get(f"{PLANS}/{plan}/changes", params={"area": "export", "cursor": exports["nextCursor"]}).json()
    assert len(rest["changes"]) == exports["totalCount"] - 1
    one = admin.get(f"{PLANS}/{plan}/changes", params={"search": "ANNA", "area": "export"}).json()
    assert all("nna" in str(change) for change in one["changes"])
    assert [listed["id"] for listed in admin.get(PLANS, params={"state": "ready"}).json()["items"]] == [plan]
    assert admin.get(PLANS, params={"state": "held"}).json()["items"] == []


def test_a_plan_is_applied_exactly_and_once(admin: httpx.Client, server: Server, plan: str) -> None:
    applied = admin.post(f"{PLANS}/{plan}/apply", json={"reason": "looked at"})
    assert applied.status_code == 202
    assert work(server) == 1
    activity = admin.get(applied.headers["location"]).json()
    assert (activity["status"], activity["changeReason"]) == ("Complete", "looked at")
    assert admin.get(f"{PLANS}/{plan}/summary").json()["state"] == "applied"
    explained = admin.get("/api/v1/explain", params={"object": "1001", "attribute": "department"}).json()
    assert explained["values"][0]["attribute"] == "department"
    assert explained["values"][0]["contributions"][0]["rule"] == "person-from-people"
    assert admin.get("/api/v1/history", params={"object": "1001"}).status_code == 200
    again = admin.post(f"{PLANS}/{plan}/apply", json={"reason": "again"})
    assert work(server) == 1
    assert admin.get(again.headers["location"]).json()["status"] == "FailedWithError"


def test_what_was_applied_is_taken_back_by_a_plan(admin: httpx.Client, server: Server, plan: str) -> None:
    applied = admin.post(f"{PLANS}/{plan}/apply", json={"reason": "looked at"}).json()
    work(server)
    undoing = admin.post(f"/api/v1/activities/{applied['activityId']}/undo", json={"reason": "too early"})
    assert undoing.status_code == 202
    assert work(server) == 1
    found = admin.get(undoing.headers["location"]).json()
    back = admin.get(f"{PLANS}/{found['planId']}").json()
    assert (back["kind"], back["state"]) == ("sync", "ready")
    assert back["changeTotal"] > 0


def test_a_plan_is_discarded_for_a_reason_by_a_named_caller(
    api: PrivateApi, admin: httpx.Client, key_of: Callable[[str], str], plan: str
) -> None:
    assert admin.post(f"{PLANS}/{plan}/discard", json={}).status_code == 400
    assert admin.post(f"{PLANS}/{plan}/release", json={"reason": "it is not held"}).status_code == 400
    with client(api, key_of("Reader")) as reader:
        assert reader.post(f"{PLANS}/{plan}/discard", json={"reason": "x"}).status_code == 403
    with client(api, key_of("Operator")) as operator:
        assert operator.post(f"{PLANS}/{plan}/apply", json={"reason": "x"}).status_code == 403
        assert operator.post(f"{PLANS}/{plan}/discard", json={"reason": "not today"}).json()["state"] == "discarded"
    with client(api, key_of("Auditor")) as auditor:
        trail = auditor.get("/api/v1/audit").json()
        assert auditor.get("/api/v1/audit/verification").json()["entries"] == len(trail)
    told = [e for e in trail if e["action"] == "plan.discard"]
    assert [(e["actor"], e["subject"], e["reason"]) for e in told] == [("key:a Operator", plan, "not today")]


@pytest.mark.parametrize("wanted", ["", "/changes", "/summary"])
def test_a_plan_that_does_not_exist_is_not_found(admin: httpx.Client, wanted: str) -> None:
    assert admin.get(f"{PLANS}/P77{wanted}").status_code == 404


def test_where_everything_stands_is_told_as_on_the_command_line(admin: httpx.Client, server: Server, plan: str) -> None:
    told = admin.get("/api/v1/status").json()
    with server.reading("test") as context:
        found = plain(read_status(context))
    assert told["metaverse"] == found["metaverse"]
    verdicts = {}
    for one, other in zip(told["systems"], found["systems"], strict=True):
        assert admin.get(f"/api/v1/status/systems/{one['name']}").json() == one
        last, told_last = other.pop("last"), one.pop("last")
        assert told_last == (last and {name: last[name] for name in told_last})
        assert one == other
        verdicts[one["name"]] = one["health"]["verdict"]
    assert (verdicts["people"], verdicts["accounts"]) == ("healthy", "healthy")
    assert "never_run" in verdicts.values()
    assert admin.get("/api/v1/status/systems/nobody").status_code == 404


def test_the_cycle_a_system_and_what_ran_before_are_run_by_name(
    admin: httpx.Client, server: Server, key_of: Callable[[str], str], api: PrivateApi
) -> None:
    with client(api, key_of("Operator")) as operator:
        assert operator.post("/api/v1/cycles").status_code == httpx.codes.FORBIDDEN
    read = admin.post("/api/v1/systems/people/run/full-import", params={"changeReason": "to see"})
    assert read.status_code == httpx.codes.ACCEPTED
    assert work(server) == 1
    activity = admin.get(read.headers["location"]).json()
    assert (activity["targetName"], activity["changeReason"]) == ("full-import", "to see")
    again = admin.post(f"/api/v1/activities/{read.json()['activityId']}/again")
    assert (again.status_code, work(server)) == (httpx.codes.ACCEPTED, 1)
    cycle = admin.post("/api/v1/cycles", params={"delta": True})
    assert cycle.status_code == httpx.codes.ACCEPTED
    assert admin.post("/api/v1/systems/people/run/backwards").status_code == httpx.codes.BAD_REQUEST


def test_a_rule_is_written_checked_and_tried_before_it_is_saved(admin: httpx.Client) -> None:
    place = "/api/v1/configuration/rules/person-from-people"
    text = admin.get(place).json()["text"]
    [mistake] = admin.post(f"{place}/check", json={"text": text + "colour: blue\n"}).json()
    assert "colour" in mistake["shown"]
    assert admin.put(place, json={"text": text + "colour: blue\n"}).status_code == httpx.codes.BAD_REQUEST
    tried = admin.post(f"{place}/preview", json={"text": text}).json()
    assert admin.get(f"{PLANS}/{tried['planId']}").json()["kind"] == "sync"
    assert (
        admin.put(place, json={"text": f"# looked at\n{text}", "changeReason": "a note"}).status_code == httpx.codes.OK
    )
    assert "a note" in admin.get("/api/v1/configuration/revisions").text


def test_who_signs_in_by_password_is_let_in_and_out(admin: httpx.Client) -> None:
    place = "/api/v1/administrators"
    person = {"name": "ruth", "password": "correct horse battery", "roles": ["Reader"]}
    assert admin.post(place, json={**person, "password": "short"}).status_code == httpx.codes.BAD_REQUEST
    made = admin.post(place, json=person)
    assert (made.status_code, made.json()["roles"]) == (httpx.codes.CREATED, ["Reader"])
    assert "password" not in made.text
    assert [p["name"] for p in admin.get(place).json()] == ["ruth"]
    assert admin.delete(f"{place}/ruth").status_code == httpx.codes.NO_CONTENT
    assert admin.get(place).json() == []
