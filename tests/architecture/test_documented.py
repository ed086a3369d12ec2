"""What a user can meet is written down: error codes, commands, options, exit codes, variables, keys of JSON."""

import ast
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType

import pytest
from repository import ROOT, modules, name, tree

from accord.cli.exit_codes import MEANINGS
from accord.cli.main import BELOW, COMMANDS, build_app
from accord.cli.options import Options
from accord.cli.plain import camel
from accord.model import errors

DOCS = {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in (ROOT / "docs").rglob("*.md")}
REFERENCE = "\n".join(text for path, text in DOCS.items() if path.startswith("docs/reference/"))
CLI = DOCS["docs/reference/cli.md"]
VIEWS = ("absence", "activities", "audit", "configuration", "decisions", "doctor", "explaining", "explaining_one",
         "governance_reports", "history", "objects", "plan_changes", "plans", "reviews", "role_mining", "runs",
         "status", "systems", "values")  # fmt: skip

# Words in capitals that are no codes.
_NO_CODES = re.compile(r"ACCORD_|SQLITE_|DEFAULT_GENERATED|VERIFY_IDENTITY")
_CODE = re.compile(r"(?:^|')([A-Z]+(?:_[A-Z]+)+)(?:$|')")


def test_every_error_code_is_documented() -> None:
    assert sorted(code for code in _codes() if f"`{code}`" not in REFERENCE) == []


def test_every_documented_error_code_exists() -> None:
    documented = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", DOCS["docs/reference/errors.md"])) - {"ACCORD_DEBUG"}
    assert sorted(documented - _codes()) == []


@pytest.mark.parametrize(
    "command", [*(c for _, c, _ in COMMANDS), *(f"{n} {c}" for _, n, _, below in BELOW for c, _ in below)]
)
def test_every_command_is_documented(command: str) -> None:
    assert f"accord {command}" in CLI


def test_every_option_of_every_command_is_documented() -> None:
    app = build_app()
    commands = [app[c] for _, c, _ in COMMANDS] + [app[n][c] for _, n, _, below in BELOW for c, _ in below]
    arguments = [argument for command in commands for argument in command.assemble_argument_collection()]
    options = {name for argument in arguments for name in argument.names if name.startswith("-")}
    assert len(options) > len(dataclasses.fields(Options))
    assert sorted(o for o in options if f"`{o}`" not in CLI and not re.search(rf"{o}\b", CLI)) == []


def test_every_exit_code_is_documented_in_the_words_of_the_code() -> None:
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in CLI


def test_every_variable_of_the_environment_is_documented() -> None:
    used = {v for p in modules() for v in re.findall(r"\"(ACCORD_[A-Z_]+)\"", p.read_text(encoding="utf-8"))
            if "/testing/" not in name(p)}  # fmt: skip
    assert sorted(v for v in used if f"`{v}`" not in CLI) == []


@pytest.mark.parametrize("module", VIEWS)
def test_every_key_of_json_is_documented(module: str) -> None:
    views = [v for v in _classes(import_module(f"accord.operations.{module}")) if dataclasses.is_dataclass(v)]
    keys = {camel(f.name) for view in views for f in dataclasses.fields(view) if not view.__name__.startswith("_")}
    assert sorted(k for k in keys if f"`{k}`" not in CLI and k not in _INSIDE) == []


# Not given to anybody: what the doctor needs to begin with, and what is taken apart before it is given.
_INSIDE = {"load", "opener", "data", "url", "declaration", "objectTypes", "context", "table"}


def _codes() -> set[str]:
    found = {kind.code for kind in vars(errors).values()
             if isinstance(kind, type) and issubclass(kind, errors.AccordError)} - {"HELD", "ERROR"}  # fmt: skip
    for path in modules():
        if path.relative_to(ROOT / "src" / "accord").parts[0] in ("connectors", "datasync", "sync", "runs"):
            found |= set(_codes_in(tree(path)))
    return {code for code in found if not _NO_CODES.match(code)}


def _codes_in(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _CODE.findall(node.value)


def _classes(module: ModuleType) -> list[type]:
    is_own: Callable[[object], bool] = lambda o: inspect.isclass(o) and o.__module__ == module.__name__  # noqa: E731
    return [kind for _, kind in inspect.getmembers(module, is_own)]
