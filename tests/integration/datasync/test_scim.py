"""Users and groups of a SCIM service, a small real one here, checked by the models of the standard."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scim2_models import EnterpriseUser, Group, PatchOp, User

from accord.model.errors import Invalid
from accord.operations.datasync import providers
from offices import Office, excel, text_file

TOKEN = "a-bearer-token"
MODELS = {"Users": User[EnterpriseUser], "Groups": Group}


class Service(ThreadingHTTPServer):
    """Users and groups in memory; user names are unique, pages hold at most two."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.held: dict[str, dict[str, dict[str, Any]]] = {"Users": {}, "Groups": {}}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        everything = list(self.held.values())
        start = int(query["startIndex"][0])
        page = everything[start - 1 : start - 1 + min(int(query["count"][0]), 2)]
        self.say(200, {"totalResults": len(everything), "startIndex": start, "Resources": page})

    def do_POST(self) -> None:
        content = self.content()
        MODELS[self.resource].model_validate(content)
        names = {user.get("userName") for user in self.held.values()} - {None}
        if content.get("userName") in names:
            self.say(409, {"detail": "the user name is taken"})
            return
        identifier = f"id-{len(self.held) + 1}"
        self.held[identifier] = {**content, "id": identifier}
        self.say(201, self.held[identifier])

    def do_PATCH(self) -> None:
        content = self.content()
        found = MODELS[self.resource].model_validate(self.held[self.identifier])
        patch = PatchOp[MODELS[self.resource]].model_validate(content)  # type: ignore[misc,index]  # by its name
        patch.patch(found)
        self.held[self.identifier] = json.loads(found.model_dump_json(exclude_none=True, by_alias=True))
        self.say(200, self.held[self.identifier])

    def do_DELETE(self) -> None:
        del self.held[self.identifier]
        self.say(204, None)

    @property
    def resource(self) -> str:
        return re.split(r"[/?]", self.path)[1]

    @property
    def identifier(self) -> str:
        return self.path.split("/")[2]

    @property
    def held(self) -> dict[str, dict[str, Any]]:
        return self.server.held[self.resource]

    def content(self) -> dict[str, Any]:
        self.server.asked.append(self.command)
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return found

    def say(self, status: int, body: Any) -> None:
        is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        text = b"" if body is None else json.dumps(body if is_known else {"detail": "who are you"}).encode()
        self.send_response(status if is_known else 401)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        thread = Thread(target=service.serve_forever, args=(0.02,))
        thread.start()
        yield service
        service.shutdown()
        thread.join()


@pytest.fixture
def desk(office: Office, service: Service) -> Office:
    with office.server.writing("ann") as context:
        providers.create_provider(context, excel(office.workbook))
        providers.create_provider(context, text_file(office.folder / "out.csv"))
        values = {"ScimEndpoint": service.url, "BearerToken": TOKEN}
        scim = {"name": "Cloud", "providerTypeName": "SCIM 2.0", "configurationValues": values}
        providers.create_provider(context, scim)
    return office


def job(kind: str, number: int, fields: list[tuple[str, str, bool]], **options: Any) -> dict[str, Any]:
    return {
        "jobInfo": {"name": kind, "sourceProvider": "ExcelOne", "destinationProvider": "Cloud"},
        "fieldsMap": [
            {"destinationField": d, "sourceField": s, "isKey": k, "objectType": number, "delimiter": ";"}
            for d, s, k in fields
        ],
        "objectsOption": [{"objectType": number, "displayName": kind, "isCreate": True, **options}],
        "syncQuery": [{"objectType": number, "isSource": True, "query": "SELECT * FROM [TTSheet1$]"}],
        "settings": [{"key": "memberkey", "value": "userName"}],
    }


USER_FIELDS = [
    ("userName", "Login", True), ("name.givenName", "First", False), ("emails[work]", "Mail", False),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Unit", False),
    ("active", "Active", False),
]  # fmt: skip
HEADER = ("Login", "First", "Mail", "Unit", "Active")


@pytest.mark.slow
def test_users_and_groups_are_made_changed_and_left_alone(desk: Office, service: Service) -> None:
    people = [(f"p{n}", "Ann", f"p{n}@example.org", "Sales", "True") for n in range(5)]
    desk.fill(people, HEADER)
    users = desk.create(job("User", 1, USER_FIELDS))
    first = desk.run(users)
    assert (first.state, first.counts) == ("Success", {"create done": 5}), desk.results
    assert desk.run(users).counts == {}

    desk.fill([("p0", "Zoe", "zoe@example.org", "Board", "False"), *people[1:]], HEADER)
    assert desk.run(users).counts == {"update done": 1}
    changed = next(user for user in service.held["Users"].values() if user["userName"] == "p0")
    assert (changed["name"]["givenName"], changed["active"]) == ("Zoe", False)
    assert changed["emails"][0]["value"] == "zoe@example.org"
    assert desk.run(users).counts == {}

    desk.fill([("Sales", "p0;p1;nobody")], ("Name", "Members"))
    groups = desk.create(job("Group", 4, [("displayName", "Name", True), ("members", "Members", False)]))
    assert desk.run(groups).counts == {"create done": 1}, desk.results
    desk.fill([("Sales", "p1;p2")], ("Name", "Members"))
    assert desk.run(groups).counts == {"update done": 1}, desk.results
    made = next(iter(service.held["Groups"].values()))
    names = {identifier: user["userName"] for identifier, user in service.held["Users"].items()}
    assert sorted(names[member["value"]] for member in made["members"]) == ["p1", "p2"]


@pytest.mark.slow
def test_what_the_service_refuses_is_the_error_of_its_row(desk: Office, service: Service) -> None:
    service.held["Users"]["x"] = {"id": "x", "userName": "TAKEN", "displayName": "else"}
    desk.fill([("other", "A"), ("taken", "B")], ("Login", "First"))
    body = job("User", 1, [("displayName", "First", True), ("userName", "Login", False)])
    service.held["Users"]["y"] = {"id": "y", "userName": "taken"}

    run = desk.run(desk.create(body))

    assert run.counts == {"create done": 1, "create failed": 1}
    assert [(r.row, r.code) for r in desk.results if r.code] == [("row 3", "ALREADY_EXISTS")]


@pytest.mark.slow
def test_a_wrong_token_ends_the_run_with_the_reason(desk: Office, service: Service) -> None:
    values = {"ScimEndpoint": service.url, "BearerToken": "wrong"}
    body = {"id": 3, "name": "Cloud", "providerTypeName": "SCIM", "configurationValues": values}
    with desk.server.writing("ann") as context:
        providers.update_provider(context, 3, body)
    desk.fill([("a", "A")], ("Login", "First"))

    run = desk.run(desk.create(job("User", 1, [("userName", "Login", True)])))

    assert (run.state, "401: who are you" in run.message) == ("Failed", True)


@pytest.mark.parametrize("name", ["Microsoft Entra ID", "Google Workspace"])
@pytest.mark.slow
def test_services_without_scim_of_their_own_are_reached_by_a_gateway_or_refused(desk: Office, name: str) -> None:
    body = {"name": name, "providerTypeName": name, "configurationValues": {}}
    with desk.server.writing("ann") as context:
        with pytest.raises(Invalid, match="ScimEndpoint"):
            providers.create_provider(context, body)
        through = {**body, "configurationValues": {"ScimEndpoint": "https://gateway/scim/v2", "BearerToken": "t"}}
        assert providers.create_provider(context, through) > 0
