"""A real server on an empty store, and a client that asks as the cmdlets do."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cmdlets import KEY, Cmdlets
from declaring import PEOPLE, SR, new_person, new_system, select_all

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import Server, open_server
from accord.testing.private_api import PrivateApi


@pytest.fixture
def server(tmp_path: Path, migrated_data: Path) -> Iterator[Server]:
    shutil.copytree(migrated_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def jim(server: Server) -> Iterator[Cmdlets]:
    app = create_app(server, Settings(bootstrap_key=KEY, rate_anonymous=0))
    with PrivateApi(app) as listening:
        cmdlets = Cmdlets(listening.url)
        yield cmdlets
        cmdlets.close()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    return file


@pytest.fixture
def hr(jim: Cmdlets, people: Path) -> tuple[int, dict[str, int]]:
    settings = {"File Path": {"stringValue": str(people)}, "Object Type": {"stringValue": "person"}}
    system = new_system(jim, "HR CSV", "JIM File Connector", settings)
    return system, select_all(jim, system, "person", "employee_id")


@pytest.fixture
def person(jim: Cmdlets) -> dict[str, int]:
    return new_person(jim, "Employee ID", "First Name", "Last Name", "Email", "Status")


@pytest.fixture
def inbound(jim: Cmdlets, hr: tuple[int, dict[str, int]], person: dict[str, int]) -> int:
    system, attributes = hr
    rule = jim.post(
        SR,
        {
            "name": "HR CSV Import", "connectedSystemId": system, "connectedSystemObjectTypeId": attributes[""],
            "metaverseObjectTypeId": person[""], "direction": "Import", "projectToMetaverse": True, "enabled": True,
        },
    )  # fmt: skip
    return int(rule["id"])
