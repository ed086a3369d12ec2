"""Secrets in the store: opened by the key alone, under their own name alone, and by the new key after a change."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.model.errors import ConfigError
from accord.store import open_store
from accord.store.store import Store
from accord.store.vault import Vault

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data") as opened:
        yield opened


def test_a_secret_is_opened_and_stands_nowhere_in_the_database(store: Store, tmp_path: Path) -> None:
    vault = Vault(store.control, tmp_path / "key")

    vault.keep("ad", "Pa55w0rd-of-ad", at=NOW)

    assert vault.open("ad") == "Pa55w0rd-of-ad"
    assert vault.open("other") is None
    assert all(b"Pa55w0rd" not in file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())


def test_the_key_is_for_its_owner_alone(store: Store, tmp_path: Path) -> None:
    Vault(store.control, tmp_path / "key").keep("ad", "x", at=NOW)

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_another_key_and_another_name_open_nothing(store: Store, tmp_path: Path) -> None:
    vault = Vault(store.control, tmp_path / "key")
    vault.keep("ad", "x", at=NOW)
    vault.keep("hr", "y", at=NOW)
    store.control.execute("update secret set sealed = (select sealed from secret where name = 'ad') where name = 'hr'")
    other = Vault(store.control, tmp_path / "other")
    other.keep("mine", "z", at=NOW)

    with pytest.raises(ConfigError, match="cannot be opened"):
        vault.open("hr")
    with pytest.raises(ConfigError, match="cannot be opened"):
        other.open("ad")


def test_after_a_change_of_the_key_the_old_one_opens_nothing(store: Store, tmp_path: Path) -> None:
    vault = Vault(store.control, tmp_path / "key")
    vault.keep("ad", "x", at=NOW)
    (tmp_path / "old").write_bytes((tmp_path / "key").read_bytes())

    assert vault.rotate() == 1

    assert vault.open("ad") == "x"
    with pytest.raises(ConfigError, match="cannot be opened"):
        Vault(store.control, tmp_path / "old").open("ad")
