"""Golden scenarios: a YAML file says what is given, what happens, and what then holds; the real product must agree.

docs/how-to/write-a-scenario.md shows how to write one. Anybody can run a folder of them:

    for path in find_scenarios(folder):
        run_scenario(load_scenario(path), temporary_folder)
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from accord.model.errors import ConfigError
from accord.runs.sync_run import run_sync
from accord.testing.scenario_checks import differences
from accord.testing.scenario_given import Document, refuse_unknown
from accord.testing.scenario_world import ScenarioWorld, Synchronise

_KEYS = {"why", "given", "when", "then", "expected_failure"}
_NAMED_STEPS = ("import", "export")
_PLAIN_STEPS = ("sync", "plan", "cycle")
_MAPPED_STEPS = ("edit", "refuse", "change", "wait", "release", "decide")


class ScenarioFailed(AssertionError):
    """The product did something else than the scenario says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One file. `steps` are the `when`, with the `then` at the end as last step; `expected_failure` names a finding."""

    path: Path
    why: str
    given: Document
    steps: Sequence[tuple[str, Any]]
    expected_failure: str


def find_scenarios(folder: Path) -> list[Path]:
    """Return the scenario files of a folder, with those in the folders in it."""
    return sorted(folder.rglob("*.yaml"))


def load_scenario(path: Path) -> Scenario:
    """Return the scenario that a file tells; raise ConfigError for what cannot be one."""
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ConfigError(f"is not YAML: {error}", place=str(path), remedy="correct it") from error
    refuse_unknown(document, _KEYS, str(path))
    missing = [key for key in ("why", "given", "when") if not document.get(key)]
    if missing:
        raise ConfigError(f"has no {', '.join(missing)}", place=str(path), remedy="say so")
    steps = [_step(step, path) for step in document["when"]]
    if "then" in document:
        steps.append(("then", document["then"]))
    if not any(name == "then" for name, _ in steps):
        raise ConfigError("expects nothing", place=str(path), remedy="say what then holds, under then")
    return Scenario(
        path=path,
        why=document["why"],
        given=document["given"],
        steps=steps,
        expected_failure=str(document.get("expected_failure") or ""),
    )


def run_scenario(
    scenario: Scenario, folder: Path, *, url: str | None = None, synchronise: Synchronise = run_sync
) -> None:
    """Play the scenario in an empty folder; raise ScenarioFailed with the differences after the first step with any.

    `url`: keep the product's memory in this empty database instead of a file in the folder. The folder may hold
    a data folder `.accord` with an empty store, which saves the time to make one. `synchronise` is the run behind the
    step `sync`: by deltas every scenario must end the same.
    """
    world = ScenarioWorld(folder=folder, given=scenario.given, url=url, synchronise=synchronise)
    with closing(world):
        world.make()
        for number, (name, argument) in enumerate(scenario.steps, start=1):
            if name == "then":
                _compare(scenario, world, number, argument)
            else:
                _do(world, name, argument)
        world.require_no_failure()


def _compare(scenario: Scenario, world: ScenarioWorld, number: int, expected: Mapping[str, Any]) -> None:
    found = differences(world, expected)
    if found:
        place = f"{scenario.path.name}, step {number}, after {world.last.name}"
        raise ScenarioFailed("\n".join([place, f"why: {scenario.why.strip()}", *found]))


def _do(world: ScenarioWorld, name: str, argument: Any) -> None:
    action: Callable[..., None] = getattr(world, "import_" if name == "import" else name)
    if name in _PLAIN_STEPS:
        action()
    else:
        action(argument)


def _step(step: Any, path: Path) -> tuple[str, Any]:
    if isinstance(step, str):
        name, _, argument = step.partition(" ")
        if (name in _NAMED_STEPS and argument) or (name in _PLAIN_STEPS and not argument):
            return name, argument
    elif isinstance(step, dict) and len(step) == 1:
        name, argument = next(iter(step.items()))
        if name in (*_MAPPED_STEPS, "then"):
            return name, argument
    known = ", ".join((*_PLAIN_STEPS, *(f"{n} SYSTEM" for n in _NAMED_STEPS), *_MAPPED_STEPS, "then"))
    raise ConfigError(f"unknown step {step!r}", place=str(path), remedy=f"use one of: {known}")
