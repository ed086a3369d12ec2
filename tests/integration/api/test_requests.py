"""What holds for every request: bodies, addresses, errors, headers, rates."""

import httpx
import pytest
from asking import BOOTSTRAP, client

from accord.api.application import create_app
from accord.api.rates import Rates
from accord.api.settings import Settings
from accord.app import Server
from accord.testing.private_api import PrivateApi

KEYS = "/api/v1/apikeys"


@pytest.mark.parametrize(
    "path", ["/api/v1/health/", "/nothing", "/api/v1/apikeys/", "/api/v2/health", "/api/v1//health"]
)
def test_an_unknown_address_is_told_as_such_and_never_leads_elsewhere(admin: httpx.Client, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"code", "message", "timestamp", "status", "title"} <= answer.json().keys()
    assert answer.json()["code"] == "NOT_FOUND"


def test_a_method_an_address_does_not_know_is_told_with_those_it_knows(admin: httpx.Client) -> None:
    answer = admin.delete("/api/v1/health")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("content", ["{", "[1", '{"name": "a", "name": "b", "roleIds": [1]}', "\x00", "[" * 100_000])
def test_a_body_that_is_no_clear_json_is_a_bad_request(admin: httpx.Client, content: str) -> None:
    answer = admin.post(KEYS, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"


def test_a_field_that_stands_twice_is_named(admin: httpx.Client) -> None:
    content = '{"name": "a", "name": "b", "roleIds": [1]}'
    answer = admin.post(KEYS, content=content, headers={"Content-Type": "application/json"})
    assert answer.json()["validationErrors"] == {"name": ["stands twice"]}


def test_a_get_may_say_that_it_brings_json(admin: httpx.Client) -> None:
    assert admin.get(KEYS, headers={"Content-Type": "application/json"}).status_code == 200


def test_too_much_is_refused_before_it_is_read(server: Server) -> None:
    settings = Settings(bootstrap_key=BOOTSTRAP, body_limit_bytes=1000)
    with PrivateApi(create_app(server, settings)) as api, client(api, BOOTSTRAP) as admin:
        answer = admin.post(KEYS, json={"name": "x" * 2000, "roleIds": [1]})
    assert answer.status_code == 413


def test_every_answer_has_headers_of_safety_and_a_request_id(admin: httpx.Client) -> None:
    answer = admin.get("/api/v1/health", headers={"X-Request-Id": "mine-7"})
    assert answer.headers["x-request-id"] == "mine-7"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert admin.get("/nothing", headers={"X-Request-Id": "bad\tid"}).headers["x-request-id"] != "bad\tid"


def test_who_asks_too_often_is_told_when_to_ask_again(server: Server) -> None:
    settings = Settings(bootstrap_key=BOOTSTRAP, rate_anonymous=3, rate_signed_in=5)
    with PrivateApi(create_app(server, settings)) as api:
        nobody = [api.client.get("/api/v1/auth/config") for _ in range(4)]
        assert [answer.status_code for answer in nobody] == [503, 503, 503, 429]
        assert 1 <= int(nobody[-1].headers["retry-after"]) <= 61
        assert nobody[-1].json()["code"] == "TOO_MANY_REQUESTS"
        assert api.client.get("/api/v1/health").status_code == 200
        with client(api, BOOTSTRAP) as admin:
            key = admin.post(KEYS, json={"name": "k", "roleIds": [4]}).json()["key"]
            with client(api, key) as reader:
                assert [reader.get("/api/v1/userinfo").status_code for _ in range(6)] == [200] * 5 + [429]
            assert [admin.get(KEYS).status_code for _ in range(20)] == [200] * 20


def test_guessing_keys_counts_as_asking_without_one(server: Server) -> None:
    with PrivateApi(create_app(server, Settings(rate_anonymous=3))) as api:
        guesses = [api.client.get("/api/v1/userinfo", headers={"X-API-Key": f"jim_ak_{n}"}) for n in range(4)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]


def test_the_window_slides() -> None:
    now = 0.0
    rates = Rates(lambda: now)
    assert [rates.wait_s("a", 2) for _ in range(3)] == [0, 0, 61]
    now = 59.9
    assert rates.wait_s("a", 2) > 0
    assert rates.wait_s("b", 2) == 0
    now = 60.1
    assert rates.wait_s("a", 2) == 0
