"""API keys: who shows one is known by it, as long as it is good."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from asking import BOOTSTRAP, client

from accord.app import Server
from accord.operations.audit import read_trail
from accord.testing.private_api import PrivateApi

KEYS = "/api/v1/apikeys"


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()  # noqa: TID251 - an expiry is in the real future


def test_a_key_is_shown_once_and_kept_only_as_a_hash(admin: httpx.Client, server: Server) -> None:
    made = admin.post(KEYS, json={"name": "nightly", "roleIds": [4], "changeReason": "for the nightly job"})
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith("jim_ak_")
    listed = admin.get(KEYS).json()
    assert [one["name"] for one in listed] == ["nightly"]
    assert "key" not in listed[0]
    assert key.startswith(listed[0]["keyPrefix"])
    for file in server.places.data.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes()


def test_a_key_is_known_and_its_use_is_told(api: PrivateApi, admin: httpx.Client, key_of: Callable[[str], str]) -> None:
    with client(api, key_of("Operator")) as operator:
        known = operator.get("/api/v1/userinfo").json()
    assert (known["name"], known["roles"], known["isAdministrator"]) == ("a Operator", ["Operator"], False)
    told = admin.get(KEYS).json()[0]
    assert told["lastUsedFromIp"] == "127.0.0.1"
    assert told["lastUsedAt"].endswith("Z")


def test_a_bearer_token_may_be_a_key(api: PrivateApi, key_of: Callable[[str], str]) -> None:
    headers = {"Authorization": f"Bearer {key_of('Reader')}"}
    assert api.client.get("/api/v1/userinfo", headers=headers).json()["roles"] == ["Reader"]


@pytest.mark.parametrize("key", ["jim_ak_unknown", "", "something else", "jim_ak_" + "é" * 5])
def test_an_unknown_key_is_nobodys(api: PrivateApi, key: str) -> None:
    answer = api.client.get("/api/v1/userinfo", headers={"X-API-Key": key.encode()})
    assert answer.status_code == 401
    assert answer.json()["code"] == "UNAUTHORISED"


def test_a_key_that_is_removed_switched_off_or_at_its_end_opens_nothing(api: PrivateApi, admin: httpx.Client) -> None:
    made = admin.post(KEYS, json={"name": "k", "roleIds": [4], "expiresAt": in_an_hour()}).json()
    place = f"{KEYS}/{made['id']}"
    with client(api, made["key"]) as holder:
        assert holder.get("/api/v1/userinfo").status_code == 200
        admin.put(place, json={"name": "k", "roleIds": [4], "isEnabled": False})
        assert holder.get("/api/v1/userinfo").status_code == 401
        admin.put(place, json={"name": "k", "roleIds": [4], "expiresAt": "2020-01-01T00:00:00Z"})
        assert "ended at 2020" in holder.get("/api/v1/userinfo").json()["message"]
        admin.put(place, json={"name": "k", "roleIds": [4]})
        assert holder.get("/api/v1/userinfo").status_code == 200
        assert admin.delete(place, params={"changeReason": "gone"}).status_code == 204
        assert holder.get("/api/v1/userinfo").status_code == 401
    assert admin.get(place).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "k", "roleIds": []}, "roleIds"),
        ({"name": "k", "roleIds": [77]}, "roleIds"),
        ({"name": " ", "roleIds": [1]}, "name"),
        ({"name": "k", "roleIds": [1], "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"name": "k", "roleIds": [1], "expiresAt": "soon"}, "expiresAt"),
        ({"roleIds": [1]}, "name"),
    ],
)
def test_what_is_wrong_with_a_key_is_told_field_by_field(admin: httpx.Client, body: object, field: str) -> None:
    answer = admin.post(KEYS, json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert field in answer.json()["validationErrors"]
    assert admin.get(KEYS).json() == []


def test_every_change_of_a_key_is_in_the_audit_trail(admin: httpx.Client, server: Server) -> None:
    made = admin.post(KEYS, json={"name": "k", "roleIds": [4], "changeReason": "first"}).json()
    admin.put(f"{KEYS}/{made['id']}", json={"name": "k", "roleIds": [2], "changeReason": "second"})
    admin.delete(f"{KEYS}/{made['id']}", params={"changeReason": "third"})
    with server.reading("test") as context:
        trail = list(read_trail(context))
    assert [(e.actor, e.action, e.reason) for e in trail] == [
        ("key:bootstrap", "apikey.create", "first"),
        ("key:bootstrap", "apikey.update", "second"),
        ("key:bootstrap", "apikey.delete", "third"),
    ]
    assert made["key"] not in str(trail)


@pytest.mark.parametrize(("role", "status"), [("Reader", 403), ("Operator", 403), ("Auditor", 403)])
def test_only_an_administrator_sees_keys(api: PrivateApi, key_of: Callable[[str], str], role: str, status: int) -> None:
    with client(api, key_of(role)) as caller:
        answer = caller.get(KEYS)
    assert (answer.status_code, answer.json()["code"]) == (status, "FORBIDDEN")
    assert "Administrator" in answer.json()["message"]


def test_the_first_key_is_not_among_those_that_are_kept(admin: httpx.Client) -> None:
    assert admin.get(KEYS).json() == []
    assert admin.headers["X-API-Key"] == BOOTSTRAP
