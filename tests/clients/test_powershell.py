"""The PowerShell module by parsing it: it is well formed, documented, and asks only what the API answers.

No PowerShell is needed; whoever has one runs the Pester tests beside the module.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell

from accord.api.application import create_app
from accord.app import open_server

MODULE = Path(__file__).parents[2] / "clients" / "powershell" / "Accord"
FILES = sorted([*MODULE.rglob("*.ps1"), *MODULE.glob("*.psm1"), *MODULE.glob("*.psd1")])
INSIDE = {"ConvertTo-AccordBase64Url", "Get-AccordBearer", "New-AccordToken", "Show-AccordProgress"}
# The examples of the run profile specification, word for word.
EXAMPLES = """
Connect-JIM -Url "https://jim.example.com" -ApiKey "jim_xxxxxxxxxxxx"
Start-JIMRunProfile -ConnectedSystemId 1 -RunProfileId 1
Start-JIMRunProfile -ConnectedSystemName "Corporate LDAP" `
-RunProfileName "Delta Import"
Start-JIMRunProfile -ConnectedSystemId 1 -RunProfileId 1 -Wait
Start-JIMRunProfile -ConnectedSystemId 1 -RunProfileId 1 `
-Wait -Timeout 600
Get-JIMRunProfile -ConnectedSystemId 1 |
Where-Object { $_.name -eq "Delta Import" } |
Start-JIMRunProfile -PassThru
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_well_formed(path):
    assert [node.text for node in _mistakes(_parsed(path.read_bytes()))] == []


def _public() -> dict[str, str]:
    """Return the text of each exported function by name."""
    found = {}
    for path in sorted((MODULE / "Public").glob("*.ps1")):
        pieces = re.split(r"(?m)^function (\S+) \{$", path.read_text(encoding="utf-8"))
        found |= dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return {name: body for name, body in found.items() if name not in INSIDE}


@pytest.mark.parametrize("name", sorted(_public()))
def test_every_command_is_exported_documented_and_known_by_the_specifications_name(name):
    manifest = (MODULE / "Accord.psd1").read_text(encoding="utf-8")
    assert f"'{name}'" in manifest
    assert f"'{name.replace('-Accord', '-JIM')}'" in manifest
    assert {".SYNOPSIS", ".EXAMPLE"} <= set(re.findall(r"\.[A-Z]+", _public()[name]))


def test_the_specifications_examples_use_commands_and_parameters_there_are():
    root = _parsed(EXAMPLES.encode())
    assert list(_mistakes(root)) == []
    used = list(_commands(root))
    assert len(used) == 8
    for command, parameters in used:
        if command == "Where-Object":
            continue
        body = _public()[command.replace("-JIM", "-Accord")]
        missing = [p for p in parameters if not re.search(rf"\] \${p.removeprefix('-')}\b", body)]
        assert missing == []


def test_every_request_is_one_that_the_api_answers(tmp_path):
    with open_server(tmp_path / "data") as server:
        operations = create_app(server).openapi()["paths"]
    known = {(method.upper(), _shape(path)) for path, methods in operations.items() for method in methods}
    asked = {request for body in [*_public().values(), *_private()] for request in _requests(body)}
    assert len(asked) > 50
    assert sorted(asked - known) == []


def _private() -> list[str]:
    names = [*(MODULE / "Private").glob("*.ps1"), MODULE / "Public" / "Connection.ps1"]
    return [path.read_text(encoding="utf-8") for path in names]


def _requests(body: str) -> Iterator[tuple[str, str]]:
    """Yield method and path of every request of a function; parts that vary become `{}`."""
    for line in re.sub(r"`\n\s*", " ", body).splitlines():
        for call, path in re.findall(r"(.*?)-?Path\s*=?\s*['\"](/api/v1/[^'\"]*(?:\"\))?[^'\"]*)['\"]", line):
            method = re.search(r"Method\s*=?\s*'?(POST|PUT|PATCH|DELETE)", line)
            yield (method.group(1) if method else "GET", _shape(path)) if call is not None else ("", "")


def _shape(path: str) -> str:
    return re.sub(r"\$\([^)]*\)+|\$\w+|\{[^}]*\}", "{}", path)


def _commands(node: tree_sitter.Node) -> Iterator[tuple[str, list[str]]]:
    if node.type == "command":
        name = next(child.text.decode() for child in node.children if child.type == "command_name")
        inside = [child for part in node.children if part.type == "command_elements" for child in part.children]
        yield name, [child.text.decode() for child in inside if child.type == "command_parameter"]
    for child in node.children:
        yield from _commands(child)


def _parsed(text: bytes) -> tree_sitter.Node:
    language = tree_sitter.Language(tree_sitter_powershell.language())
    return tree_sitter.Parser(language).parse(text).root_node


def _mistakes(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    if node.type == "ERROR" or node.is_missing:
        yield node
    for child in node.children:
        yield from _mistakes(child)
