"""A server with nothing declared, really listening, and clients with keys of every role."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from api_world import declare
from asking import BOOTSTRAP, client

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import Server, open_server
from accord.testing.private_api import PrivateApi


@pytest.fixture
def api_settings() -> Settings:
    return Settings(bootstrap_key=BOOTSTRAP, rate_anonymous=0)


@pytest.fixture
def server(tmp_path: Path, migrated_data: Path) -> Iterator[Server]:
    shutil.copytree(migrated_data, tmp_path / "data")
    with open_server(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="session")
def declared_data(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Path:
    """A data folder whose store keeps the starter's configuration, to be copied."""
    folder = tmp_path_factory.mktemp("declared")
    shutil.copytree(migrated_data, folder / "data")
    with open_server(folder / "data") as opened:
        declare(opened, folder / "configuration")
    return folder / "data"


@pytest.fixture
def api(server: Server, api_settings: Settings) -> Iterator[PrivateApi]:
    with PrivateApi(create_app(server, api_settings)) as listening:
        yield listening


@pytest.fixture
def admin(api: PrivateApi) -> Iterator[httpx.Client]:
    with client(api, BOOTSTRAP) as asking:
        yield asking


@pytest.fixture
def key_of(admin: httpx.Client) -> Callable[[str], str]:
    """Return what makes a key with one role, by the role's name."""

    def make(role: str) -> str:
        numbers = {r["name"]: r["id"] for r in admin.get("/api/v1/security/roles").json()}
        made = admin.post("/api/v1/apikeys", json={"name": f"a {role}", "roleIds": [numbers[role]]})
        return made.json()["key"]

    return make
