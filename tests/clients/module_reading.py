"""What the PowerShell module says, read from its syntax tree: functions, parameters, what they ask for and read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter
import tree_sitter_powershell

MODULE = Path(__file__).parents[2] / "clients" / "powershell" / "Accord"
_LANGUAGE = tree_sitter.Language(tree_sitter_powershell.language())
_OURS = re.compile(r"[a-z][A-Za-z]*")


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function: its parameters with their aliases, their sets, the names it writes and reads, whom it calls."""

    name: str
    text: str
    parameters: dict[str, str]
    default_set: str
    sets: frozenset[str]
    given: frozenset[str]
    written: frozenset[str]
    read: frozenset[str]
    calls: frozenset[str]


def parsed(text: str) -> tree_sitter.Node:
    """Return the root of the tree."""
    return tree_sitter.Parser(_LANGUAGE).parse(text.encode()).root_node


def functions() -> dict[str, Function]:
    """Return every function of the module."""
    files = sorted(MODULE.rglob("*.ps1"))
    found = [node for file in files for node in every(parsed(file.read_text(encoding="utf-8")), "function_statement")]
    return {function.name: function for function in map(_function, found)}


def every(node: tree_sitter.Node, *types: str) -> Iterator[tree_sitter.Node]:
    """Yield the nodes of a type, itself among them."""
    if node.type in types:
        yield node
    for child in node.children:
        yield from every(child, *types)


def commands(node: tree_sitter.Node) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each command, and the parameters it is given."""
    for command in every(node, "command"):
        name = next((_text(child) for child in command.children if child.type == "command_name"), "")
        inside = [child for part in command.children if part.type == "command_elements" for child in part.children]
        given = [_text(child) for child in inside if child.type == "command_parameter"]
        yield name, [text.removeprefix("-").rstrip(":") for text in given]


def _function(node: tree_sitter.Node) -> Function:
    text, block = _text(node), next(every(node, "param_block"), None)
    parameters = {} if block is None else dict(_parameter(p) for p in every(block, "script_parameter"))
    mapped = [command for command in every(node, "command") if _text(command).startswith("Select-AccordGiven")]
    entries = [entry for command in mapped for entry in every(command, "hash_entry")]
    pairs = [_text(entry).partition("=") for entry in entries]
    inside = {entry.start_byte for entry in entries}
    keys = {_bare(_text(e).partition("=")[0]) for e in every(node, "hash_entry") if e.start_byte not in inside}
    assigned = set(re.findall(r"(?m)^\s*(?:if \(.*\) \{ )?\$(?:body|query|step)\.(\w+)\s*=[^=]", text))
    return Function(
        name=_text(next(every(node, "function_name"))),
        text=text,
        parameters=parameters,
        default_set=next(iter(re.findall(r"DefaultParameterSetName\s*=\s*'(\w+)'", text)), ""),
        sets=frozenset(re.findall(r"[( ,]ParameterSetName\s*=\s*'(\w+)'", text)),
        given=frozenset(_bare(left) for left, _, _ in pairs),
        written=frozenset(filter(_is_ours, {*(_bare(right) for _, _, right in pairs), *keys, *assigned})),
        read=frozenset(filter(_is_ours, map(_text, every(node, "member_name")))) - assigned,
        calls=frozenset(name for name, _ in commands(node)),
    )


def _parameter(node: tree_sitter.Node) -> tuple[str, str]:
    name = next(_text(child) for child in node.children if child.type == "variable").removeprefix("$")
    return name, ",".join(re.findall(r"Alias\(([^)]*)\)", _text(node)))


def _is_ours(name: str) -> bool:
    """Tell whether a name is one of a body: those of .NET begin with a capital."""
    return _OURS.fullmatch(name) is not None


def _bare(text: str) -> str:
    return text.strip().rstrip(";").strip().strip("'\"")


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()
