"""An office on each store, with a real directory."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from office import PASSWORD, Office, declare, fill

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import open_server
from accord.testing.private_api import PrivateApi
from accord.testing.private_slapd import PrivateSlapd

KEY = "jim_ak_" + "fedcba9876543210" * 3
PEOPLE = 12


@pytest.fixture
def office(
    store_url: str | None, tmp_path: Path, migrated_data: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """An office of twelve on each store, declared and not yet read."""
    with _office(store_url, tmp_path, migrated_data, monkeypatch) as opened:
        yield opened


@pytest.fixture
def local_office(tmp_path: Path, migrated_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office of twelve, for what the store has no part in."""
    with _office(None, tmp_path, migrated_data, monkeypatch) as opened:
        yield opened


@contextmanager
def _office(url: str | None, folder: Path, migrated_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    shutil.copytree(migrated_data, folder / "data")
    with PrivateSlapd(folder / "slapd") as directory, open_server(folder / "data", url=url) as server:
        monkeypatch.setenv(PASSWORD, directory.admin_password)
        fill(server.places.data, directory, PEOPLE)
        declare(server, directory, folder / "configuration")
        settings = Settings(bootstrap_key=KEY, rate_anonymous=0)
        with PrivateApi(create_app(server, settings)) as api, httpx.Client(
            base_url=api.url, headers={"X-API-Key": KEY}, timeout=60, trust_env=False
        ) as client:  # fmt: skip
            yield Office(folder=folder, directory=directory, server=server, client=client)
