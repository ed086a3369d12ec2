"""The portal over a small settled world with a plan that waits and one that is held, really served."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from accord.api.application import create_app
from accord.app import open_server
from accord.model.errors import Held
from accord.operations.access import Caller, CallerKind, Role
from accord.portal.application import Doors, create_portal
from accord.portal.gate import Gate
from accord.runs.sync_run import run_plan, run_sync
from accord.testing.private_api import PrivateApi
from worlds import World, people, person

SECRETS = {"secret": Role.ADMINISTRATOR, "reading": Role.READER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A served portal: its address, the plan that may be applied and the one that is held."""

    url: str
    ready: str
    held: str
    folder: Path


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
        gate = Gate(_caller, b"a key for tests, and for nothing else")
        doors = Doors(create_app(server), create_portal(server, gate))
        with PrivateApi(doors) as api:
            yield Portal(url=api.url, ready=ready, held=held, folder=folder)


@pytest.fixture
def reader(served: Portal) -> Iterator[httpx.Client]:
    yield from _signed_in(served, "reading")


@pytest.fixture
def administrator(served: Portal) -> Iterator[httpx.Client]:
    yield from _signed_in(served, "secret")


def _signed_in(served: Portal, secret: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, trust_env=False, timeout=30) as client:
        answer = client.post("/sign-in", data={"name": "anna", "secret": secret, "to": "/"})
        assert answer.status_code == httpx.codes.SEE_OTHER
        yield client


def _caller(name: str, secret: str) -> Caller | None:
    role = SECRETS.get(secret)
    return None if role is None else Caller(name=name, kind=CallerKind.USER, roles=frozenset({role}), id=name)
