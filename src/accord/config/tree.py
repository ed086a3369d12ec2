"""Reads one YAML file as a tree that knows the line of every key and value.

The tree is built from the parser's events, never by constructing objects: tags and aliases are refused, so no file
can run code or grow beyond its own size. Plain words follow YAML 1.2: `yes`, `no` and dates are text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from accord.config.findings import Findings
from accord.model.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Plain = None | bool | int | float | str
Step = str | int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: its text as written (without quotes), and what YAML takes it for."""

    text: str
    value: Plain
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: Sequence["Node"]
    line: int


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping, in the order written, with the line of every key."""

    entries: Mapping[str, "Node"]
    lines: Mapping[str, int]
    line: int


Node = Scalar | Items | Keys


def read_tree(content: bytes, file: str, findings: Findings) -> Keys | None:
    """Return the file's tree, or None after noting why it cannot be used; `file` is the place in messages."""
    text = _decode(content, file, findings)
    if text is None:
        return None
    reader = _Reader(file, findings)
    try:
        root = reader.read(iter(YAML(typ="safe", pure=True).parse(text)))
    except ConfigError as error:
        findings.errors.append(error)
        return None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        findings.error(f"this is not YAML: {error.problem}", place=f"{file}:{line}", remedy=_syntax_remedy(error))
        return None
    except YAMLError as error:
        findings.error(
            f"this is not YAML: {str(error).splitlines()[0]}",
            place=f"{file}:{_control_character_line(text)}",
            remedy="remove the control character",
        )
        return None
    return root if not reader.is_broken else None


def as_text(node: Node) -> object:
    """Return the tree as dicts and lists of text as written; only YAML's null becomes None.

    Whether a text is a number, a boolean or an expression is for the model of the file to say.
    """
    match node:
        case Scalar():
            return None if node.value is None else node.text
        case Items():
            return [as_text(item) for item in node.items]
        case Keys():
            return {key: as_text(child) for key, child in node.entries.items()}


def as_values(node: Node) -> object:
    """Return the tree as dicts and lists of YAML's own values."""
    match node:
        case Scalar():
            return node.value
        case Items():
            return [as_values(item) for item in node.items]
        case Keys():
            return {key: as_values(child) for key, child in node.entries.items()}


def line_of(root: Node, path: Sequence[Step]) -> int:
    """Return the line of what the path leads to; steps that are not in the tree (short forms) are passed over."""
    node, line = root, root.line
    for step in path:
        match node:
            case Keys() if step in node.entries:
                line = node.lines[str(step)]
                node = node.entries[str(step)]
            case Items() if isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                line = node.line
            case _:
                continue
    return node.line if isinstance(node, Scalar) else line


class _Reader:
    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self.is_broken = False

    def read(self, events: Iterator[Event]) -> Keys | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                self._error(event, "a second document begins here", "keep one document per file: remove the ---")
                return None
            if isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
                root = self._node(event, events, 0)
        if not isinstance(root, Keys):
            self.is_broken = True
            self._findings.error(
                "the file is empty"
                if root is None or _is_null(root)
                else "the file is not a mapping of keys to values",
                place=f"{self._file}:1",
                remedy="write `key: value` lines, or remove the file",
            )
            return None
        return root

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            self._error(event, f"the alias *{event.anchor} is not allowed", "write the value out")
            return Scalar("", None, line)
        if depth > MAX_DEPTH:
            raise ConfigError(
                f"the nesting is deeper than {MAX_DEPTH}",
                place=f"{self._file}:{line}",
                remedy="look for brackets that are never closed",
            )
        if isinstance(event, CollectionStartEvent | ScalarEvent) and event.tag is not None:
            self._error(event, f"the tag {event.tag} is not allowed", "remove it; put text in quotes")
        match event:
            case ScalarEvent():
                return _scalar(event, line)
            case SequenceStartEvent():
                return Items(list(self._items(events, depth)), line)
            case _:
                return self._keys(events, line, depth)

    def _items(self, events: Iterator[Event], depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, SequenceEndEvent):
                return
            yield self._node(event, events, depth + 1)

    def _keys(self, events: Iterator[Event], line: int, depth: int) -> Keys:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, events, depth + 1)
            value = _on_line_of(key, self._node(next(events), events, depth + 1))
            if not isinstance(key, Scalar):
                self._error(event, "a key must be one word or text", "put the key in quotes")
            elif key.text in entries:
                first = lines[key.text]
                self._error(event, f"the key {key.text!r} is here twice (first in line {first})", "remove one of them")
            else:
                entries[key.text], lines[key.text] = value, key.line
        return Keys(entries, lines, line)

    def _error(self, event: Event, message: str, remedy: str) -> None:
        self.is_broken = True
        self._findings.error(message, place=f"{self._file}:{event.start_mark.line + 1}", remedy=remedy)


_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# A number with a leading zero is a code (a cost centre, a telephone prefix), not a number.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:[eE][-+]?\d{1,2})?")


def _scalar(event: ScalarEvent, line: int) -> Scalar:
    text: str = event.value
    if event.style:
        return Scalar(text, text, line)
    if text in _NULL:
        return Scalar(text, None, line)
    if text in _BOOLEAN:
        return Scalar(text, _BOOLEAN[text], line)
    if _INTEGER.fullmatch(text):
        return Scalar(text, int(text), line)
    return Scalar(text, float(text) if _DECIMAL.fullmatch(text) else text, line)


def _on_line_of(key: Node, value: Node) -> Node:
    """Return the value; one that is not there stands where its key is, not where the parser noticed."""
    return Scalar("", None, key.line) if isinstance(value, Scalar) and value.value is None else value


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _decode(content: bytes, file: str, findings: Findings) -> str | None:
    if len(content) > MAX_BYTES:
        findings.error(
            f"the file has {len(content):,} bytes; at most {MAX_BYTES:,} are read",
            place=f"{file}:1",
            remedy="split it, or keep long lists in a lookup as CSV",
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.error("the text is not UTF-8", place=f"{file}:{line}", remedy="save the file as UTF-8")
        return None


def _control_character_line(text: str) -> int:
    before = re.split(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", text, maxsplit=1)[0]
    return before.count("\n") + 1


def _syntax_remedy(error: MarkedYAMLError) -> str:
    problem = str(error.problem)
    if "'\\t'" in problem:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in problem or "<scalar>" in problem:
        return "put the whole text in double quotes, and check the indentation"
    if "end of stream" in problem or (error.context and "flow" in str(error.context)):
        return "close the quote or bracket that was opened before"
    return "check the indentation and the quotes around this line"
