"""The portal over a small settled world with a plan that waits and one that is held, really served."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from addresses import places_of
from portal_pages import PASSWORD, send
from showcase import keep_showcase, live_through, write_showcase

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import open_kept, open_server
from accord.model.errors import Held
from accord.operations.access import Role
from accord.operations.administration.desk import Desk
from accord.operations.administration.moving import import_folder
from accord.operations.administrators import add_administrator
from accord.portal.application import with_portal
from accord.runs.sync_run import run_plan, run_sync
from accord.testing.private_api import PrivateApi
from worlds import World, people, person


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A served portal: its address, a plan that may be applied and one that is held, who is signed in by name."""

    url: str
    ready: str
    held: str
    folder: Path
    cookies: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="session")
def portal_world(settled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    folder = tmp_path_factory.mktemp("portal") / "world"
    shutil.copytree(settled_folder, folder)
    world = World(folder=folder)
    world.write_hr([*people(24), person(26, title="head")])
    world.import_("hr")
    ready = run_plan(world.context).plan_id
    # Fewer than the source's own limit go at once, more than the guard lets anybody delete.
    world.edit("systems/hr", "connector: csv", "connector: csv\nguard: {source_drop: {percent: 100}}")
    world.edit("types/person", "sources: [hr]}", "sources: [hr]}  # as before")
    world.write_hr(people(6))
    world.import_("hr")
    with pytest.raises(Held):
        run_sync(world.context)
    held = world.context.store.plans.list_plans(limit=1)[0].id
    world.close()
    assert ready is not None
    return folder, ready, held


@pytest.fixture(scope="session")
def served(portal_world: tuple[Path, str, str]) -> Iterator[Portal]:
    folder, ready, held = portal_world
    with open_server(folder / ".accord", config=folder) as server:
        settings = Settings(rate_anonymous=0, rate_signed_in=0)
        with server.writing("tests") as context:
            for name, role in (("anna", Role.ADMINISTRATOR), ("ruth", Role.READER)):
                add_administrator(context, name, PASSWORD, frozenset({role}))
        doors = with_portal(create_app(server, settings), server, settings)
        with PrivateApi(doors) as api:
            cookies = {name: _cookies(api.url, name) for name in ("anna", "ruth")}
            yield Portal(url=api.url, ready=ready, held=held, folder=folder, cookies=cookies)


@pytest.fixture
def reader(served: Portal) -> Iterator[httpx.Client]:
    yield from _signed_in(served, "ruth")


@pytest.fixture
def administrator(served: Portal) -> Iterator[httpx.Client]:
    yield from _signed_in(served, "anna")


def _signed_in(served: Portal, name: str) -> Iterator[httpx.Client]:
    with _client(served, name) as client:
        yield client


def _client(served: Portal, name: str) -> httpx.Client:
    return httpx.Client(base_url=served.url, trust_env=False, timeout=30, cookies=dict(served.cookies[name]))


def _cookies(url: str, name: str) -> dict[str, str]:
    data = {"name": name, "secret": PASSWORD, "to": "/"}
    answer = httpx.post(f"{url}/sign-in", data=data, trust_env=False, timeout=30)
    assert answer.status_code == httpx.codes.SEE_OTHER
    return dict(answer.cookies)


@pytest.fixture(scope="session")
def kept(settled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An administrator at a portal whose configuration the store keeps."""
    folder = tmp_path_factory.mktemp("kept") / "world"
    shutil.copytree(settled_folder, folder)
    with open_kept(folder / ".accord") as accord:
        import_folder(Desk(accord.context), folder, reason="tests", drafts=False, dry_run=False)
    with open_server(folder / ".accord") as server:
        settings = Settings(rate_anonymous=0, rate_signed_in=0)
        with server.writing("tests") as context:
            add_administrator(context, "anna", PASSWORD, frozenset({Role.ADMINISTRATOR}))
        with (
            PrivateApi(with_portal(create_app(server, settings), server, settings)) as api,
            httpx.Client(base_url=api.url, trust_env=False, timeout=60, cookies=_cookies(api.url, "anna")) as client,
        ):
            yield client


@pytest.fixture(scope="session")
def shown_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal over the showcase, with a held plan; jobs are queued and nobody does them."""
    folder = tmp_path_factory.mktemp("shown")
    write_showcase(folder / "config", 60, has_branches=True).close()
    keep_showcase(folder / "config", folder / "data")
    with open_server(folder / "data") as server:
        with server.writing("tests") as context:
            for name, role in (("anna", Role.ADMINISTRATOR), ("otto", Role.OPERATOR)):
                add_administrator(context, name, PASSWORD, frozenset({role}))
        live_through(server)
        with server.reading("tests") as context:
            held = context.store.plans.list_plans(limit=1)[0].id
        settings = Settings(rate_anonymous=0, rate_signed_in=0)
        with PrivateApi(with_portal(create_app(server, settings), server, settings)) as api:
            cookies = {name: _cookies(api.url, name) for name in ("anna", "otto")}
            yield Portal(url=api.url, ready="", held=held, folder=folder, cookies=cookies)


@pytest.fixture(scope="session")
def empty_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal on its first day: an administrator, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    with open_server(folder / "data") as server:
        with server.writing("tests") as context:
            add_administrator(context, "anna", PASSWORD, frozenset({Role.ADMINISTRATOR}))
        settings = Settings(rate_anonymous=0, rate_signed_in=0)
        with PrivateApi(with_portal(create_app(server, settings), server, settings)) as api:
            yield Portal(url=api.url, ready="", held="", folder=folder, cookies={"anna": _cookies(api.url, "anna")})


@pytest.fixture(scope="session")
def places(shown_portal: Portal) -> dict[str, str]:
    """Where those things of the showcase are that have numbers; a schedule was started."""
    with _client(shown_portal, "anna") as client:
        send(client, "/schedules/nightly/run", {})
        return places_of(client, shown_portal.held)


@pytest.fixture
def shown(shown_portal: Portal) -> Iterator[httpx.Client]:
    """An administrator at the showcase."""
    yield from _signed_in(shown_portal, "anna")


@pytest.fixture
def operator(shown_portal: Portal) -> Iterator[httpx.Client]:
    """Somebody at the showcase who runs things and owns no job."""
    yield from _signed_in(shown_portal, "otto")
