"""Jobs by their contract: every type works, filters and cursors, progress, cancelling, who may, and what they give."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_world import work
from asking import client

from accord.app import Server, open_server
from accord.testing.private_api import PrivateApi

FIELDS = {"id", "job_type", "status", "progress", "start_time", "end_time", "duration_ms", "records_created",
          "records_updated", "records_deleted"}  # fmt: skip
JOBS = "/api/v1/jobs"


@pytest.fixture
def server(tmp_path: Path, declared_data: Path) -> Iterator[Server]:
    shutil.copytree(declared_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def run(admin: httpx.Client, server: Server) -> Callable[..., dict[str, Any]]:
    """Return what starts a job, does it, and gives how it ended."""

    def start(job_type: str, **parameters: object) -> dict[str, Any]:
        queued = admin.post(JOBS, json={"job_type": job_type, "parameters": parameters})
        assert queued.status_code == 202, queued.text
        assert queued.json()["status"] == "pending"
        assert work(server) == 1
        return admin.get(f"{JOBS}/{queued.json()['id']}").json()

    return start


def test_a_full_sync_works_on_all_systems_and_again_writes_nothing(run: Callable[..., dict[str, Any]]) -> None:
    first = run("full_sync")
    assert (first["status"], first["progress"]) == ("completed", 100)
    assert first["records_created"] == 10
    # One system is away: it is left out and said, and the others went on; one row was bad.
    assert first["has_errors"]
    assert "unfit was left out" in first["message"]
    assert first["errors"][0]["source_id"] == "E900"
    assert {(c["area"], c["operation"]) for c in first["counts"]} >= {("links", "projected"), ("exported", "create")}
    again = run("full_sync")
    assert (again["records_created"], again["records_updated"], again["records_deleted"]) == (0, 0, 0)


def test_each_kind_of_entity_can_be_synchronised_and_analysed(
    run: Callable[..., dict[str, Any]], admin: httpx.Client
) -> None:
    assert run("owner_sync")["records_created"] == 10
    assert run("account_sync")["status"] == "completed"
    assert run("incremental_sync")["status"] == "completed"
    for job_type in ("manager_resolution", "role_generation"):
        done = run(job_type)
        assert (done["status"], done["records_created"] > 0) == ("completed", True)
        assert run(job_type)["records_created"] == 0

    managers = admin.get("/api/v1/managers", params={"status": "resolved"}).json()
    assert {m["doc"]["method"] for m in managers["items"]} == {"employee"}
    assert managers["states"]["resolved"] == len(managers["items"])
    roles = admin.get("/api/v1/roles").json()["items"]
    assert {r["name"] for r in roles} >= {"sales"}
    assert admin.get(f"/api/v1/roles/{roles[0]['id']}").json()["doc"]["owners"]
    owners = admin.get("/api/v1/owners", params={"search": "anna"}).json()["items"]
    assert {o["name"] for o in owners} == {"Anna Meyer"}
    accounts = admin.get(f"/api/v1/owners/{owners[0]['id']}/accounts").json()
    assert {a["system"] for a in accounts} == {"people", "accounts"}


def test_a_preview_only_plans(run: Callable[..., dict[str, Any]], admin: httpx.Client) -> None:
    run("owner_sync")
    planned = run("full_sync", preview=True)
    assert planned["plan"] in planned["message"]
    assert admin.get(f"/api/v1/plans/{planned['plan']}").json()["state"] == "ready"
    assert run("manager_resolution", preview=True)["records_created"] == 0
    assert admin.get("/api/v1/managers").json()["items"] == []


def test_violations_are_found_excepted_reopened_by_time_and_resolved(
    run: Callable[..., dict[str, Any]], admin: httpx.Client
) -> None:
    run("full_sync")
    policy = {"id": "p", "sets": ["application:accounts", "attribute:department=SALES"], "severity": "high"}
    assert admin.put("/api/v1/policies", json=policy).status_code == 200
    run("policy_analysis")
    found = admin.get("/api/v1/violations").json()["items"]
    assert {v["state"] for v in found} == {"open"}
    evidence = {e["term"]: e["paths"] for e in found[0]["doc"]["evidence"]}
    assert evidence["application:accounts"][0].startswith("accounts/")
    assert admin.get("/api/v1/remedies").json()["items"][0]["doc"]["gap"] == 0

    address = f"/api/v1/violations/{found[0]['id']}"
    assert admin.put(f"{address}/exception", json={"reason": " "}).status_code == 400
    assert (
        admin.put(f"{address}/exception", json={"reason": "x", "valid_until": "2020-01-01T00:00:00Z"}).status_code
        == 400
    )
    assert admin.put(f"{address}/exception", json={"reason": "agreed"}).status_code == 200
    assert admin.get(address).json()["state"] == "accepted"
    again = run("policy_analysis")
    assert (again["records_created"], again["records_updated"]) == (0, 1)
    assert admin.delete(f"{address}/exception").status_code == 204

    asked = {"held": ["attribute:department=SALES"], "requested": ["application:accounts"]}
    assert [p["policy"] for p in admin.post("/api/v1/policies/ask", json=asked).json()] == ["p"]

    assert admin.delete("/api/v1/policies/p").status_code == 204
    run("policy_analysis")
    closed = admin.get(address).json()
    assert closed["state"] == "resolved"
    assert closed["closed_at"]
    assert closed["first_seen"] == found[0]["first_seen"]


def test_what_a_rule_gave_is_taken_back_with_the_rule(run: Callable[..., dict[str, Any]], admin: httpx.Client) -> None:
    run("owner_sync")
    rule = {"id": "code", "kind": "lookup", "target": "code", "source": "department", "table": {"sales": "S1"}}
    assert admin.put("/api/v1/enrichment/rules", json=rule).status_code == 200
    run("enrichment")
    values = admin.get("/api/v1/enrichment/values").json()["items"]
    assert {(v["doc"]["value"], v["doc"]["rule"]) for v in values} == {("S1", "code")}
    assert admin.get("/api/v1/enrichment/coverage").json()["items"][0]["doc"]["filled"] == len(values)
    admin.delete("/api/v1/enrichment/rules/code")
    assert run("enrichment")["records_deleted"] == len(values)
    assert admin.get("/api/v1/enrichment/values").json()["items"] == []


def test_the_list_has_the_contracts_fields_and_its_pages_keep_their_places(admin: httpx.Client, server: Server) -> None:
    ids = [admin.post(JOBS, json={"job_type": "enrichment"}).json()["id"] for _ in range(5)]
    first = admin.get(JOBS, params={"first": 2}).json()
    assert first.keys() == {"jobs", "pageInfo"}
    assert first["jobs"][0].keys() == FIELDS
    assert first["pageInfo"]["hasNextPage"]
    admin.post(JOBS, json={"job_type": "enrichment"})
    seen, after = [j["id"] for j in first["jobs"]], first["pageInfo"]["endCursor"]
    while after:
        page = admin.get(JOBS, params={"first": 2, "after": after}).json()
        seen += [j["id"] for j in page["jobs"]]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    assert seen == ids[::-1]
    work(server)
    done = admin.get(JOBS, params={"job_type": "enrichment", "status": "completed"}).json()["jobs"]
    assert len(done) == 6
    assert admin.get(JOBS, params={"start_date": "2020-01-01", "end_date": "2020-12-31"}).json()["jobs"] == []
    assert len(admin.get(JOBS, params={"start_date": done[0]["start_time"]}).json()["jobs"]) >= 1


@pytest.mark.parametrize(
    "wrong",
    [
        "first=0",
        "first=many",
        "first=501",
        "after=zzz",
        "status=queued",
        "job_type=magic",
        "start_date=soon",
        "end_date=32.1.",
    ],
)
def test_malformed_filters_and_cursors_are_refused(admin: httpx.Client, wrong: str) -> None:
    answer = admin.get(f"{JOBS}?{wrong}")
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"job_type": "magic"},
        {"job_type": "group_sync"},
        {"job_type": "enrichment", "parameters": {"colour": 1}},
        {"job_type": "full_sync", "parameters": {"preview": "yes"}},
        {"job_type": "role_generation", "parameters": {"mode": "x"}},
        {"job_type": "role_generation", "parameters": {"minimum_owner_count": 0}},
        {"job_type": "manager_resolution", "parameters": {"matchers": ["smell"]}},
        {"job_type": "enrichment", "surprise": True},
    ],
)
def test_a_job_that_cannot_be_is_refused_before_it_is_queued(admin: httpx.Client, body: dict[str, object]) -> None:
    assert admin.post(JOBS, json=body).status_code == 400
    assert admin.get(JOBS).json()["jobs"] == []


def test_asked_twice_with_one_key_it_is_one_job(admin: httpx.Client) -> None:
    body = {"job_type": "enrichment", "idempotency_key": "once"}
    one, same = (admin.post(JOBS, json=body).json()["id"] for _ in range(2))
    by_header = admin.post(JOBS, json={"job_type": "enrichment"}, headers={"Idempotency-Key": "once"}).json()["id"]
    assert one == same == by_header
    for other in ({"job_type": "full_sync"}, {"job_type": "enrichment", "parameters": {"preview": True}}):
        refused = admin.post(JOBS, json={**body, **other})
        assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    assert len(admin.get(JOBS).json()["jobs"]) == 1


def test_a_job_is_cancelled_once_and_a_finished_one_is_a_conflict(admin: httpx.Client, server: Server) -> None:
    queued = admin.post(JOBS, json={"job_type": "full_sync"}).json()["id"]
    assert admin.delete(f"{JOBS}/{queued}").status_code == 204
    assert admin.get(f"{JOBS}/{queued}").json()["status"] == "cancelled"
    assert work(server) == 0
    again = admin.delete(f"{JOBS}/{queued}")
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert admin.delete(f"{JOBS}/nothing").status_code == 404


def test_progress_says_the_step_and_what_is_done(run: Callable[..., dict[str, Any]], admin: httpx.Client) -> None:
    done = run("owner_sync")
    told = admin.get(f"{JOBS}/{done['id']}/progress").json()
    assert told.keys() == {
        "id",
        "status",
        "progress",
        "current_step",
        "records_processed",
        "total_records",
        "elapsed_ms",
    }
    assert (told["status"], told["progress"], told["current_step"]) == ("completed", 100, "Deciding")
    assert told["elapsed_ms"] == done["duration_ms"]
    assert admin.get(f"{JOBS}/running").json() == {"jobs": []}


def test_the_sync_addresses_start_the_same_jobs(admin: httpx.Client, server: Server) -> None:
    started = admin.post("/api/v1/sync/owners").json()
    assert started["status"] == "queued"
    assert admin.get(f"{JOBS}/{started['job_id']}").json()["job_type"] == "owner_sync"
    assert admin.post("/api/v1/sync/magic").status_code == 404
    assert admin.get("/api/v1/sync/status").json()["last_sync"] is None
    work(server)
    assert admin.get("/api/v1/sync/status").json()["status"] == "idle"
    assert admin.get("/api/v1/sync/history").json()["history"][0]["id"] == started["job_id"]


def test_an_address_that_is_spelled_out_tells_its_own_methods_only(admin: httpx.Client) -> None:
    assert admin.request("OPTIONS", f"{JOBS}/running").headers["allow"] == "GET"
    assert admin.request("OPTIONS", "/api/v1/policies/ask").headers["allow"] == "POST"
    assert admin.request("PATCH", f"{JOBS}/1").headers["allow"] == "DELETE, GET"


def test_only_administrators_see_jobs_and_everybody_who_may_read_sees_results(
    api: PrivateApi, key_of: Callable[[str], str]
) -> None:
    with client(api, key_of("Operator")) as operator:
        assert operator.get(JOBS).status_code == 403
        assert operator.post(JOBS, json={"job_type": "enrichment"}).status_code == 403
        assert operator.put("/api/v1/policies", json={}).status_code == 403
        assert operator.get("/api/v1/violations").status_code == 200
    assert httpx.get(f"{api.url}{JOBS}", trust_env=False).status_code == 401


@pytest.mark.parametrize("noun", ["owners", "accounts", "groups", "applications"])
def test_lists_of_entities_refuse_what_is_no_cursor_and_know_what_is_not_there(admin: httpx.Client, noun: str) -> None:
    assert admin.get(f"/api/v1/{noun}?after=zzz").status_code == 400
    assert admin.get(f"/api/v1/{noun}/999").status_code == 404
    assert admin.get(f"/api/v1/{noun}").json()["items"] == []


def test_a_mistake_of_our_own_is_told_as_such_without_its_inside(
    admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr("accord.store.activities.Activities.read_by_guid", mistaken)
    answer = admin.get(f"{JOBS}/11111111-1111-4111-8111-111111111111")
    assert answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
    assert answer.json()["code"] == "INTERNAL_ERROR"
    assert "secret" not in answer.text
