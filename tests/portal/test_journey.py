"""From nothing to read people by pages alone: connect a system, choose what is read, run it, see it end."""

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from portal_pages import PASSWORD

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import open_server
from accord.operations.access import Role
from accord.operations.administrators import add_administrator
from accord.portal.application import with_portal
from accord.testing.private_api import PrivateApi
from accord.worker import running_worker


@pytest.fixture
def empty(tmp_path) -> Iterator[httpx.Client]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "people.csv").write_text(
        "number,name,mail\n1,Anna Meyer,anna@example.org\n2,Bo Lind,bo@example.org\n", encoding="utf-8"
    )
    settings = Settings(rate_anonymous=0, rate_signed_in=0)
    with open_server(tmp_path / "data") as server, running_worker(server):
        with server.writing("tests") as context:
            add_administrator(context, "anna", PASSWORD, frozenset({Role.ADMINISTRATOR}))
        with (
            PrivateApi(with_portal(create_app(server, settings), server, settings)) as api,
            httpx.Client(base_url=api.url, trust_env=False, timeout=60) as client,
        ):
            client.post("/sign-in", data={"name": "anna", "secret": PASSWORD})
            yield client


def test_a_system_is_connected_read_and_watched(empty):
    assert "No system is connected yet" in empty.get("/").text
    chosen = empty.get("/systems/new").text
    csv = re.search(r'name="connector" value="(\d+)"[^>]*> JIM File Connector|value="(\d+)" required> [^<]*CSV', chosen)
    number = next(n for n in csv.groups() if n) if csv else re.findall(r'name="connector" value="(\d+)"', chosen)[0]
    made = post(empty, "/systems/new", {"name": "People", "connector": number})
    assert made.headers["location"] == "/systems/People/settings"

    form = empty.get("/systems/People/settings").text
    path = re.search(r'name="(setting-\d+)"(?:(?!name=).)*(?:file|path)', form, re.IGNORECASE | re.DOTALL).group(1)
    ticked = dict.fromkeys(re.findall(r'type="checkbox" name="(setting-\d+)" checked', form), "on")
    kept = post(empty, "/systems/People/settings", {**ticked, path: "people.csv"})
    assert kept.status_code == httpx.codes.SEE_OTHER
    assert 'value="people.csv"' in empty.get("/systems/People/settings").text
    assert "answers" in empty.get("/systems/People/settings/test").text

    assert post(empty, "/systems/People/schema", {}).status_code == httpx.codes.SEE_OTHER
    form = empty.get("/systems/People/settings").text
    [kind] = set(re.findall(r"/systems/People/schema/(\d+)", form))
    ids = dict(re.findall(r'name="attribute-(\d+)" aria-label="Read (\w+)"', form))
    ticked = {f"attribute-{number}": "on" for number in ids}
    anchor = next(number for number, name in ids.items() if name == "number")
    post(empty, f"/systems/People/schema/{kind}", {**ticked, "anchor": anchor})
    assert "Still a draft" not in empty.get("/systems/People/settings").text

    run = post(empty, "/systems/People/run/full-import", {}).headers["location"]
    ended = until(empty, run, "done")
    row = r'<td>People[^<]*</td>\s*<td><span class="chip add">add</span></td><td class="num">2</td>'
    assert re.search(row, ended), ended[ended.index("Counts") :][:900]
    assert "event: accord:reload" in empty.get(f"{run}/live").text


def until(client, path, state):
    deadline = time.monotonic() + 60
    while True:
        text = client.get(path).text
        if f'<p><span class="chip {state}"' in text:
            return text
        assert time.monotonic() < deadline, text
        time.sleep(0.1)  # between two looks


def post(client, path, data):
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/systems/new").text).group(1)
    return client.post(path, data={"csrf": token, **data})
