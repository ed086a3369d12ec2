"""Every test of the store runs on SQLite and on PostgreSQL."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_builders import BOTH

from accord.store import Store, open_store
from accord.store.opening import open_control
from accord.testing.private_postgres import PrivatePostgres
from recounting import require_true_counts


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    with PrivatePostgres() as server:
        open_store(url=server.create_database("migrated")).close()
        yield server


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    open_store(folder).close()
    return folder


@pytest.fixture
def opener(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Store]]:
    """Return what opens the test's store, again and again."""
    if dialect == "sqlite":
        shutil.copytree(request.getfixturevalue("migrated_folder"), tmp_path / "data")
        yield lambda **options: open_store(tmp_path / "data", **options)
        return
    server = request.getfixturevalue("postgres")
    url = server.create_database(template="migrated")
    yield lambda **options: open_store(url=url, **options)
    server.drop_database(url.rpartition("/")[2])


@pytest.fixture
def control_opener(store: Store, tmp_path: Path) -> Callable[..., Store]:
    """Return what opens the control tables of the test's store, while it is open."""
    if store.control.dialect.name == "sqlite":
        return lambda: open_control(tmp_path / "data")
    return lambda: open_control(url=store.control.place)


@pytest.fixture
def store(opener: Callable[..., Store]) -> Iterator[Store]:
    with opener() as opened:
        yield opened
        require_true_counts(opened)


@pytest.fixture
def free_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
