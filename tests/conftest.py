"""Servers and worlds for tests of the whole product; leaves out what this machine lacks, and says so at the end."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from accord.store import open_store
from accord.testing.private_mariadb import find_mariadb
from accord.testing.private_postgres import PrivatePostgres, find_postgres
from accord.testing.private_samba import PrivateSamba, find_samba
from accord.testing.private_slapd import PrivateSlapd, find_slapd
from worlds import PASSWORD, World, people

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
SETTLED_PEOPLE = 25

_LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-store", action="store_true", help="also run on PostgreSQL what the store has no part in")
    parser.addoption("--deltas", action="store_true", help="let scenarios synchronise by deltas: all must end the same")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "main_store" in metafunc.fixturenames:
        stores = STORES if metafunc.config.getoption("--every-store") else STORES[:1]
        metafunc.parametrize("main_store", stores, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = _missing()
    left_out = config.stash.setdefault(_LEFT_OUT, Counter())
    for item in items:
        for marker in item.iter_markers():
            if marker.name in missing:
                item.add_marker(pytest.mark.skip(reason=f"{marker.name}: {missing[marker.name]}"))
                left_out[f"{marker.name}: {missing[marker.name]}"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, count in sorted(config.stash.get(_LEFT_OUT, Counter()).items()):
        terminalreporter.write_line(f"LEFT OUT: {count} tests, {reason}", yellow=True, bold=True)


def _missing() -> dict[str, str]:
    needs = {
        "ldap": [("slapd", find_slapd() is not None), ("python-ldap", find_spec("ldap") is not None)],
        "browser": [("Chromium", shutil.which("chromium") is not None)],
        "samba": [
            ("Samba's domain controller, or root", find_samba() is not None),
            ("python-ldap", find_spec("ldap") is not None),
        ],
        "postgresql": [
            ("PostgreSQL server binaries", find_postgres() is not None),
            ("adbc-driver-postgresql", find_spec("adbc_driver_postgresql") is not None),
            ("psycopg", find_spec("psycopg") is not None),
        ],
        "mariadb": [
            ("MariaDB server binaries", find_mariadb() is not None),
            ("connectorx", find_spec("connectorx") is not None),
            ("pymysql", find_spec("pymysql") is not None),
        ],
    }
    lacks = {marker: [name for name, is_there in parts if not is_there] for marker, parts in needs.items()}
    return {marker: f"this machine lacks {' and '.join(names)}" for marker, names in lacks.items() if names}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PrivatePostgres]:
    """A private server; its database `migrated` has the tables of an empty store."""
    with PrivatePostgres() as server:
        open_store(url=server.create_database("migrated")).close()
        yield server


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the tables of an empty store, to be copied."""
    folder = tmp_path_factory.mktemp("migrated-data")
    open_store(folder).close()
    return folder


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The store of the test, empty: None for SQLite in the data folder, then the URL of a database of its own."""
    with _database(request, "migrated", request.param) as url:
        yield url


@pytest.fixture
def main_store(request: pytest.FixtureRequest) -> str:
    """The kind of store for what the store has no part in: SQLite, with --every-store PostgreSQL as well."""
    return str(request.param)


@pytest.fixture
def world(store_url: str | None, tmp_path: Path, migrated_data: Path) -> Iterator[World]:
    """A world still to be made, on each store."""
    yield from _world(tmp_path / "world", store_url, migrated_data)


@pytest.fixture
def local_world(
    main_store: str, request: pytest.FixtureRequest, tmp_path: Path, migrated_data: Path
) -> Iterator[World]:
    """A world still to be made, for what the store has no part in."""
    with _database(request, "migrated", main_store) as url:
        yield from _world(tmp_path / "world", url, migrated_data)


@pytest.fixture(params=STORES)
def settled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world on each store in which everybody has a confirmed account, and nothing is left to do."""
    yield from _settled(request, request.param, tmp_path)


@pytest.fixture
def local_settled(main_store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A settled world, for what the store has no part in."""
    yield from _settled(request, main_store, tmp_path)


@pytest.fixture(scope="session")
def settled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settled")
    _settle(World(folder=folder))
    return folder


@pytest.fixture(scope="session")
def settled_database(postgres_server: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    url = postgres_server.create_database("settled", template="migrated")
    _settle(World(folder=tmp_path_factory.mktemp("settled-postgres"), url=url))


@pytest.fixture(scope="session")
def directory_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSlapd]:
    """A private OpenLDAP, shared; use it by `directory`, which empties it first."""
    server = PrivateSlapd(tmp_path_factory.mktemp("slapd"), suffix="dc=example,dc=org", overlays=("syncprov",))
    with server:
        yield server


@pytest.fixture(scope="session")
def samba_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSamba]:
    """A private Active Directory, shared; who uses it empties `OU=API` first."""
    with PrivateSamba(tmp_path_factory.mktemp("samba")) as server:
        yield server


@pytest.fixture
def directory(directory_server: PrivateSlapd, monkeypatch: pytest.MonkeyPatch) -> PrivateSlapd:
    """The private OpenLDAP, running, with nobody in it; its password is in the environment."""
    monkeypatch.setenv(PASSWORD, directory_server.admin_password)
    if directory_server.pid is None:
        directory_server.start()
    _empty(directory_server)
    return directory_server


@pytest.fixture
def ldap_world(world: World, directory: PrivateSlapd) -> World:
    """A world still to be made whose target is the directory, on each store."""
    world.server = directory
    return world


@pytest.fixture
def local_ldap_world(local_world: World, directory: PrivateSlapd) -> World:
    """A world still to be made whose target is the directory, for what the store has no part in."""
    local_world.server = directory
    return local_world


def _world(folder: Path, url: str | None, template: Path) -> Iterator[World]:
    is_data = (template / "accord.db").exists()
    shutil.copytree(template, folder / ".accord" if is_data else folder)
    world = World(folder=folder, url=url)
    yield world
    world.close()


def _settled(request: pytest.FixtureRequest, store: str, tmp_path: Path) -> Iterator[World]:
    template = request.getfixturevalue("settled_folder")
    if store == "postgresql":
        request.getfixturevalue("settled_database")
    with _database(request, "settled", store) as url:
        yield from _world(tmp_path / "world", url, template)


def _settle(world: World) -> None:
    world.make(people(SETTLED_PEOPLE)).cycle()
    assert world.pending() == []
    world.close()


@contextmanager
def _database(request: pytest.FixtureRequest, template: str, store: str) -> Iterator[str | None]:
    if store == "sqlite":
        yield None
        return
    server: PrivatePostgres = request.getfixturevalue("postgres_server")
    url = server.create_database(template=template)
    yield url
    server.drop_database(url.rpartition("/")[2])


def _empty(server: PrivateSlapd) -> None:
    import ldap  # noqa: PLC0415 - an optional library

    connection = ldap.initialize(server.url)
    connection.simple_bind_s(server.admin_dn, server.admin_password)
    for unit in ("people", "groups"):
        base = f"ou={unit},{server.suffix}"
        found = connection.search_s(base, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["1.1"])
        for dn, _ in sorted(found, key=lambda entry: -len(entry[0])):
            if dn != base:
                connection.delete_s(dn)
    connection.unbind_s()
