"""A real server on an empty store, and a client that asks as the cmdlets do."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cmdlets import KEY, Cmdlets

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
