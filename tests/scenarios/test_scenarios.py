"""Every scenario in this folder is one test: `pytest tests/scenarios -k moves_department`."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import pytest

from accord.model.errors import AccordError
from accord.runs.delta_run import run_delta_sync
from accord.runs.sync_run import run_sync
from accord.testing.scenario import ScenarioFailed, find_scenarios, load_scenario, run_scenario
from accord.testing.scenario_world import Synchronise

HERE = Path(__file__).parent
PROCESSES = 2


def _scenarios() -> list[object]:
    return [
        pytest.param(path, id=path.relative_to(HERE).with_suffix("").as_posix(), marks=_needs(path))
        for path in find_scenarios(HERE)
    ]


def _needs(path: Path) -> list[pytest.MarkDecorator]:
    """Return what leaves a scenario out: the configuration of a directory is checked by its connector."""
    has_tree = "tree: true" in path.read_text(encoding="utf-8")
    return [pytest.mark.skipif(has_tree and find_spec("ldap") is None, reason="python-ldap is not installed")]


@pytest.mark.parametrize("path", _scenarios())
def test_scenario(path: Path, main_store: str, request: pytest.FixtureRequest, played: Callable[..., str]) -> None:
    expected = load_scenario(path).expected_failure
    if expected:
        mark = pytest.mark.xfail(reason=expected, raises=pytest.fail.Exception, strict=True)
        request.applymarker(mark)
    failed = played(path, main_store)
    if failed:
        # The scenario and its difference say everything; the way through the runner nothing.
        pytest.fail(failed, pytrace=False)


@pytest.fixture(scope="session")
def played(
    request: pytest.FixtureRequest, migrated_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., str]]:
    """Return how a scenario failed; all that were asked for begin at once, in processes that stay."""
    chosen = [item.callspec.params for item in request.session.items if "played" in getattr(item, "fixturenames", ())]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        waiting: dict[tuple[Path, str], Future[str]] = {}
        for params in chosen:
            path, store = params["path"], params["main_store"]
            folder = tmp_path_factory.mktemp("scenario")
            url = None
            if store == "postgresql":
                url = request.getfixturevalue("postgres_server").create_database(template="migrated")
            synchronise = run_delta_sync if request.config.getoption("--deltas") else run_sync
            waiting[path, store] = pool.submit(_play, path, folder, migrated_data, url, synchronise)
        yield lambda path, store: waiting[path, store].result()
        pool.shutdown(cancel_futures=True)


def _play(path: Path, folder: Path, migrated_data: Path, url: str | None, synchronise: Synchronise) -> str:
    if url is None:
        shutil.copytree(migrated_data, folder / ".accord")
    try:
        run_scenario(load_scenario(path), folder, url=url, synchronise=synchronise)
    except (ScenarioFailed, AccordError) as failure:
        # Errors with causes of their own do not travel between processes; their words do.
        return str(failure)
    return ""
