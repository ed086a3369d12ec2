"""Why not, what was, and decisions by hand over HTTP: as the command line says and does."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api_world import work
from asking import client

from accord.app import Server, open_server
from accord.testing.private_api import PrivateApi

WHY_NOT = "/api/v1/explain/why-not"


@pytest.fixture
def server(tmp_path: Path, declared_data: Path) -> Iterator[Server]:
    shutil.copytree(declared_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def synchronised(admin: httpx.Client, server: Server) -> None:
    """Everybody of the list is in the metaverse; an account by a name that no rule finds belongs to nobody."""
    accounts = server.places.data / "data" / "accounts.csv"
    accounts.write_text("login,name,mail,department,active,manager\nameyer,Anna,,,,\n", encoding="utf-8")
    with server.reading("test") as context:
        numbers = context.store.configurations.ids.read()
    for system, profile in (("people", "Full Import"), ("accounts", "Full Import"), ("people", "Full Synchronisation")):
        number = numbers["profile", f"{system}\t{profile}"]
        place = f"/api/v1/synchronisation/connected-systems/{numbers['system', system]}/run-profiles/{number}/execute"
        assert admin.post(place).status_code == 202
    assert work(server) + work(server) == 3


@pytest.mark.usefixtures("synchronised")
def test_an_object_of_nobody_is_explained_and_decided_about(
    api: PrivateApi, admin: httpx.Client, key_of: Callable[[str], str]
) -> None:
    absent = admin.get(WHY_NOT, params={"object": "accounts/ameyer"}).json()
    assert (absent["identityId"], [t["rule"] for t in absent["trials"]]) == (None, ["person-to-accounts"])
    decision = {"kind": "join", "system": "accounts", "object": "ameyer", "identity": "1001", "reason": "ticket 1"}
    with client(api, key_of("Reader")) as reader:
        assert reader.post("/api/v1/decisions", json=decision).status_code == 403
        assert reader.get("/api/v1/decisions").json() == []
    assert admin.post("/api/v1/decisions", json=decision | {"reason": ""}).status_code == 400
    assert admin.post("/api/v1/decisions", json=decision | {"identity": None}).status_code == 400
    with client(api, key_of("Operator")) as operator:
        made = operator.post("/api/v1/decisions", json=decision)
    assert (made.status_code, made.json()["kind"], made.json()["actor"]) == (201, "join", "key:a Operator")
    assert admin.get(WHY_NOT, params={"object": "accounts/ameyer"}).json()["decisions"][0]["reason"] == "ticket 1"
    ended = admin.post(f"/api/v1/decisions/{made.json()['id']}/withdraw", json={"reason": "wrong"}).json()
    assert (ended["state"], ended["note"]) == ("withdrawn", "wrong")
    assert admin.get("/api/v1/decisions").json() == []
    assert len(admin.get("/api/v1/decisions", params={"withEnded": True}).json()) == 1


@pytest.mark.usefixtures("synchronised")
def test_missing_accounts_and_the_past_are_explained(admin: httpx.Client) -> None:
    absent = admin.get(WHY_NOT, params={"object": "people/1001"}).json()
    assert absent["life"]["keptBy"] == ["people by person-from-people"]
    now = admin.get("/api/v1/explain", params={"object": "people/1001", "attribute": "department"}).json()
    (value,) = [v for v in now["values"] if v["attribute"] == "department"]
    assert value["since"] in {run["activity"] for run in now["runs"]}
    then = {"object": "people/1001", "attribute": "department", "at": "2100-01-01"}
    past = admin.get("/api/v1/explain/past", params=then).json()
    told = {"name": "department", "values": ["SALES"], "rule": "person-from-people", "since": value["since"]}
    assert past["identity"]["attributes"] == [told]
    assert admin.get("/api/v1/explain/past", params=then | {"at": "2000-01-01"}).status_code == 404
    assert admin.get("/api/v1/explain/past", params=then | {"at": "yesterday"}).status_code == 400


@pytest.mark.usefixtures("synchronised")
def test_reviews_are_listed_and_only_what_waits_is_judged(admin: httpx.Client) -> None:
    assert admin.get("/api/v1/reviews").json() == []
    for judged in ("accept", "reject"):
        asked = admin.post(f"/api/v1/reviews/{judged}", json={"object": "accounts/ameyer", "reason": "it is hers"})
        assert asked.status_code == 404
