"""People sign in: a provider vouches for them, by code with PKCE or by bearer token."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from asking import BOOTSTRAP

from accord.api.application import create_app
from accord.api.identities import COOKIE
from accord.api.settings import Provider, Settings
from accord.app import Server
from accord.operations.access import Role
from accord.operations.audit import read_trail
from accord.testing.private_api import PrivateApi
from accord.testing.private_provider import CLIENT, PrivateProvider

ME = "/api/v1/userinfo"


@pytest.fixture
def provider() -> Iterator[PrivateProvider]:
    with PrivateProvider() as running:
        yield running


@pytest.fixture
def api(server: Server, provider: PrivateProvider) -> Iterator[PrivateApi]:
    known = Provider(authority=provider.authority, client_id=CLIENT)
    with PrivateApi(create_app(server, Settings(bootstrap_key=BOOTSTRAP, rate_anonymous=0, provider=known))) as running:
        yield running


def ask(api: PrivateApi, token: str) -> httpx.Response:
    return api.client.get(ME, headers={"Authorization": f"Bearer {token}"})


@contextmanager
def signed_in(api: PrivateApi) -> Iterator[httpx.Client]:
    """A browser in which the person signed in."""
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False) as browser:
        to_provider = browser.get("/auth/sign-in", params={"to": "/runs?page=2"})
        back = httpx.get(to_provider.headers["location"], trust_env=False).headers["location"]
        answer = browser.get(back)
        assert answer.status_code == 200, answer.text
        assert "url=/runs?page=2" in answer.text
        yield browser


def test_clients_learn_how_people_sign_in(api: PrivateApi, provider: PrivateProvider) -> None:
    assert api.client.get("/api/v1/auth/config").json() == {
        "authority": provider.authority, "clientId": CLIENT, "scopes": ["openid", "profile", "email"],
        "responseType": "code", "usePkce": True, "codeChallengeMethod": "S256",
    }  # fmt: skip


def test_a_person_signs_in_with_a_browser_and_out_again(api: PrivateApi, server: Server) -> None:
    with signed_in(api) as browser:
        me = browser.get(ME).json()
        assert (me["name"], me["authMethod"], me["isAdministrator"]) == ("ada", "oidc", True)
        assert browser.post("/auth/sign-out").status_code == 403
        assert browser.post("/auth/sign-out", headers={"X-CSRF-Token": me["csrfToken"]}).status_code == 204
        assert browser.get(ME).status_code == 401
    with server.reading("test") as context:
        assert [(e.actor, e.action) for e in read_trail(context)] == [("ada", "sign-in"), ("ada", "sign-out")]


def test_a_browser_changes_nothing_without_the_token_of_our_pages(api: PrivateApi) -> None:
    with signed_in(api) as browser:
        body = {"name": "k", "roleIds": [4]}
        assert browser.post("/api/v1/apikeys", json=body).status_code == 403
        assert browser.post("/api/v1/apikeys", json=body, headers={"X-CSRF-Token": "no"}).status_code == 403
        token = browser.get(ME).json()["csrfToken"]
        assert browser.post("/api/v1/apikeys", json=body, headers={"X-CSRF-Token": token}).status_code == 201


def test_the_cookie_is_kept_from_scripts_and_other_sites(api: PrivateApi) -> None:
    browser = httpx.Client(base_url=api.url, timeout=30, trust_env=False)
    to_provider = browser.get("/auth/sign-in").headers["location"]
    back = httpx.get(to_provider, trust_env=False).headers["location"]
    cookies = browser.get(back).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith(COOKIE))
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert parse_qs(urlsplit(to_provider).query)["code_challenge_method"] == ["S256"]
    browser.close()


def test_a_sign_in_of_another_browser_or_used_twice_is_refused(api: PrivateApi) -> None:
    with httpx.Client(base_url=api.url, trust_env=False) as browser, httpx.Client(base_url=api.url) as other:
        back = httpx.get(browser.get("/auth/sign-in").headers["location"], trust_env=False).headers["location"]
        assert other.get(back).status_code == 401
        assert browser.get(back).status_code == 200
        assert browser.get(back).status_code == 401
        assert browser.get("/auth/callback", params={"error": "access_denied"}).status_code == 401


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(api: PrivateApi, to: str) -> None:
    with httpx.Client(base_url=api.url, trust_env=False) as browser:
        back = httpx.get(browser.get("/auth/sign-in", params={"to": to}).headers["location"]).headers["location"]
        assert 'url=/"' in browser.get(back).text


def test_a_bearer_token_of_the_provider_is_taken(api: PrivateApi, provider: PrivateProvider) -> None:
    provider.person["roles"] = ["Reader", "Something"]
    assert ask(api, provider.token()).json()["roles"] == ["Reader"]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"}, {"aud": "others"}, {"exp": int(time.time()) - 3600}, {"exp": None},
        {"sub": None}, {"nbf": int(time.time()) + 3600},
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_or_not_for_now_is_refused(
    api: PrivateApi, provider: PrivateProvider, claims: dict[str, object]
) -> None:
    answer = ask(api, provider.token(**claims))
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORISED")


def test_a_token_somebody_else_signed_is_refused(api: PrivateApi, provider: PrivateProvider) -> None:
    assert ask(api, provider.token()).status_code == 200
    with PrivateProvider() as other:
        assert ask(api, other.token(iss=provider.authority)).status_code == 401
    unsigned = "eyJhbGciOiJub25lIn0." + provider.token().split(".")[1] + "."
    assert ask(api, unsigned).status_code == 401
    assert ask(api, "nonsense").status_code == 401


def test_somebody_without_a_role_is_known_and_turned_away(api: PrivateApi, provider: PrivateProvider) -> None:
    provider.person["roles"] = ["Guest"]
    answer = ask(api, provider.token())
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


def test_roles_of_the_provider_are_mapped(server: Server, provider: PrivateProvider) -> None:
    provider.person |= {"roles": None, "groups": ["idm-ops"]}
    roles = {"idm-ops": Role.OPERATOR, "*": Role.READER}
    known = Provider(authority=provider.authority, client_id=CLIENT, roles_claim="groups", roles=roles)
    with PrivateApi(create_app(server, Settings(provider=known))) as api:
        assert ask(api, provider.token()).json()["roles"] == ["Operator", "Reader"]


def test_nobody_is_asked_for_a_provider_that_is_not_set_up(server: Server) -> None:
    with PrivateApi(create_app(server, Settings())) as api:
        assert api.client.get("/api/v1/auth/config").status_code == 503
        assert api.client.get("/auth/sign-in").status_code == 404
        assert ask(api, "a.b.c").status_code == 401
