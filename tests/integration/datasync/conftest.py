import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import open_server
from accord.operations.access import Role
from accord.operations.administrators import add_administrator
from accord.testing.private_api import PrivateApi
from accord.testing.private_samba import PrivateSamba
from offices import PASSWORD, SPECIFIED, Office, working


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_server(tmp_path / "data") as server:
        yield Office(server=server, folder=tmp_path)


@pytest.fixture
def branch(office: Office, samba_server: PrivateSamba) -> Iterator[Office]:
    """An office with the specification's two providers, its domain's OU=API empty."""
    samba_server.empty_unit()
    office.domain = samba_server
    office.register()
    yield office
    samba_server.empty_unit()


@pytest.fixture
def specified() -> dict[str, Any]:
    """The body of the specification."""
    return json.loads(json.dumps(SPECIFIED))


@pytest.fixture
def client(office: Office) -> Iterator[httpx.Client]:
    """The contract over HTTP as an administrator, with a worker."""
    with office.server.writing("setup") as context:
        add_administrator(context, "Administrator", PASSWORD, frozenset({Role.ADMINISTRATOR}))
    with PrivateApi(create_app(office.server, Settings())) as api, working(office.server):
        answer = api.client.post(
            "/GroupIDSecurityService/connect/token",
            data={"grant_type": "password", "username": "Administrator", "password": PASSWORD, "client_Id": "x"},
        )
        assert answer.status_code == 200, answer.text
        api.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield api.client
