"""What the PowerShell module writes and reads, name by name, against the description of the API."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from module_reading import MODULE, Function, commands, every, functions, parsed

from accord.api.application import create_app
from accord.app import open_server

FUNCTIONS = functions()
# What every error has.
BESIDE = frozenset({"message", "validationErrors", "details"})
# It speaks with the provider that people sign in at, too, whose words are not ours.
OF_THE_PROVIDER = "Get-AccordBearer"


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with open_server(tmp_path_factory.mktemp("described") / "data") as server:
        return create_app(server).openapi()


def asking(name: str, seen: frozenset[str] = frozenset()) -> Iterator[Function]:
    """Yield a function and all that it calls."""
    if name in FUNCTIONS and name not in seen:
        yield FUNCTIONS[name]
        for called in FUNCTIONS[name].calls:
            yield from asking(called, seen | {name})


def operations(description: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the operations that a function asks, itself or by others."""
    for function in asking(name):
        for line in re.sub(r"`\n\s*", " ", function.text).splitlines():
            for path in re.findall(r"['\"](/api/v1/[^'\"?]*(?:\"\))?[^'\"?]*)['\"]", line):
                method = re.search(r"Method\s*=?\s*'?(POST|PUT|PATCH|DELETE)", line)
                wanted = _shape(path)
                for known, methods in description["paths"].items():
                    if _shape(known) == wanted:
                        yield methods.get((method.group(1) if method else "GET").lower(), {})


def vocabulary(description: dict[str, Any], name: str) -> tuple[set[str], set[str]]:
    """Return the names that its requests may carry, and those that their answers have."""
    asked: set[str] = set()
    answered: set[str] = set()
    for operation in operations(description, name):
        asked |= {parameter["name"] for parameter in operation.get("parameters", ())}
        for media in operation.get("requestBody", {}).get("content", {}).values():
            asked |= set(_names(description, media.get("schema", {}), set()))
        for status, answer in operation.get("responses", {}).items():
            if status.startswith("2"):
                for media in answer.get("content", {}).values():
                    answered |= set(_names(description, media.get("schema", {}), set()))
    return asked, answered


ASKING = sorted(name for name in FUNCTIONS if "/api/v1/" in FUNCTIONS[name].text and name != OF_THE_PROVIDER)


@pytest.mark.parametrize("name", ASKING)
def test_what_a_command_sends_and_reads_is_in_the_description(name: str, description: dict[str, Any]) -> None:
    function = FUNCTIONS[name]
    asked, answered = vocabulary(description, name)
    assert asked or answered
    assert sorted(function.written - asked - answered) == [], "nobody would understand these"
    assert sorted(function.read - asked - answered - BESIDE) == [], "nobody answers these"
    assert sorted(function.given - function.parameters.keys()) == [], "these are no parameters"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_parameters_sets_and_aliases_fit_together(name: str) -> None:
    function = FUNCTIONS[name]
    named = [*function.parameters, *re.findall(r"'(\w+)'", ",".join(function.parameters.values()))]
    assert len({n.lower() for n in named}) == len(named), "a name stands twice"
    assert not function.default_set or function.default_set in function.sets | {"ById"}
    called = set(re.findall(r"\$PSCmdlet\.ParameterSetName -eq '(\w+)'", function.text))
    assert called <= function.sets
    if "$PSCmdlet.ShouldProcess" in function.text:
        assert "SupportsShouldProcess" in function.text


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_commands_are_called_with_parameters_they_have(name: str) -> None:
    for called, parameters in commands(parsed(FUNCTIONS[name].text)):
        if called in FUNCTIONS:
            known = {p.lower() for p in FUNCTIONS[called].parameters} | COMMON
            assert [p for p in parameters if p.lower() not in known] == [], called


COMMON = frozenset({"whatif", "confirm", "verbose", "erroraction", "debug", "warningaction"})


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if ".EXAMPLE" in FUNCTIONS[name].text])
def test_every_example_of_the_help_uses_what_there_is(name: str) -> None:
    help_text = FUNCTIONS[name].text.partition("<#")[2].partition("#>")[0]
    examples = [re.split(r"\n\s*\.[A-Z]+", rest)[0] for rest in help_text.split(".EXAMPLE")[1:]]
    for example in examples:
        # The grammar knows no lists of bare words.
        root = parsed(re.sub(r"\| Format-Table [\w, ]+", "", example))
        assert list(every(root, "ERROR")) == [], example
        used = list(commands(root))
        assert name in {command for command, _ in used}, example
        for command, parameters in used:
            if command in FUNCTIONS:
                known = {p.lower() for p in FUNCTIONS[command].parameters} | COMMON
                assert [p for p in parameters if p.lower() not in known] == [], example


def test_the_manifest_exports_every_public_command_and_nothing_else() -> None:
    manifest = (MODULE / "Accord.psd1").read_text(encoding="utf-8")
    inside = set(re.findall(r"'([\w-]+)'", (MODULE / "Accord.psm1").read_text(encoding="utf-8").partition("-notin")[2]))
    public = {
        name
        for file in (MODULE / "Public").glob("*.ps1")
        for name in re.findall(r"(?m)^function (\w+-Accord\w*)", file.read_text(encoding="utf-8"))
    } - inside
    assert set(re.findall(r"'(\w+-Accord\w*)'", manifest)) == public
    assert set(re.findall(r"'(\w+-JIM\w*)'", manifest)) == {name.replace("-Accord", "-JIM") for name in public}


def _names(description: dict[str, Any], schema: dict[str, Any], seen: set[str]) -> Iterator[str]:
    reference = schema.get("$ref")
    if reference:
        if reference not in seen:
            shape = description["components"]["schemas"][reference.rpartition("/")[2]]
            yield from _names(description, shape, seen | {reference})
        return
    yield from schema.get("properties", {})
    for inner in schema.get("properties", {}).values():
        yield from _names(description, inner, seen)
    for key in ("anyOf", "allOf", "oneOf"):
        for inner in schema.get(key, ()):
            yield from _names(description, inner, seen)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _names(description, schema[key], seen)


def _shape(path: str) -> str:
    return re.sub(r"\$\([^)]*\)+|\$\w+|\{[^}]*\}", "{}", path)
