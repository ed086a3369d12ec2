"""Texts to syntax trees and back, by the engine's own parser: there is no second grammar to disagree with it."""

import json
from typing import Any

from accord.engine.frames import Engine, EngineError

MAX_CHARACTERS = 20_000

Node = dict[str, Any]

PLACES = ("query_location", "query_location_length")
IMPLIED = {"~~", "!~~", "~~*", "!~~*", "like_escape", "not_like_escape", "ilike_escape", "not_ilike_escape"}
"""What the parser makes of like and ilike; not offered by these names."""

_PREFIX_SQL = "select ("
_NOWHERE = 2**63
_SHORTEN = "split it: let another attribute hold a part"
_ONE = "write one expression, no statement"


class Refused(Exception):
    """The gate refuses a node; `at` is its byte offset in the expression, None when not known."""

    def __init__(self, message: str, at: int | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.remedy = remedy


class Syntax:
    """Reads and prints expressions with the engine's own parser."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._plainest = self._statement("select 1", 0)

    def parse(self, text: str) -> Node:
        """Return the tree of a text that is exactly one expression; raise Refused otherwise."""
        if len(text) > MAX_CHARACTERS:
            raise Refused(f"the expression is longer than {MAX_CHARACTERS} characters", remedy=_SHORTEN)
        if not text.strip():
            raise Refused("the expression is empty", remedy="write null for no value")
        if "\0" in text:
            raise Refused("the expression contains a NUL character", remedy="take it out")
        statement = self._statement(f"{_PREFIX_SQL}{text}\n)", len(text.encode()))
        root = _only_expression(statement)
        if root is None or _envelope(statement) != _envelope(self._plainest):
            raise Refused("exactly one expression is allowed, without parameters", remedy=_ONE)
        return root

    def print(self, node: Node) -> str:
        """Return the SQL of a checked tree; it parses to that very tree again, or Refused is raised."""
        select = {**self._plainest, "node": {**self._plainest["node"], "select_list": [node]}}
        document = json.dumps({"error": False, "statements": [select]})
        body = str(self._engine.value("select json_deserialize_sql(?::json)", [document])).removeprefix("SELECT ")
        again = _only_expression(self._statement(f"select {body}", 0))
        if _without_places(again) != _without_places(node):
            raise Refused("the engine does not print this expression as it read it", location(node))
        return body

    def _statement(self, sql: str, size_bytes: int) -> Node:
        try:
            answer = json.loads(self._engine.value("select json_serialize_sql(?)::varchar", [sql]))
        except (RecursionError, EngineError) as error:
            raise Refused("the expression is nested too deeply", remedy=_SHORTEN) from error
        if answer.get("error"):
            raise _syntax_error(answer, size_bytes)
        if len(answer["statements"]) != 1:
            raise Refused("exactly one expression is allowed", remedy=_ONE)
        statement: Node = answer["statements"][0]
        return statement


def children(node: Node, *, with_lambdas: bool = False) -> list[Node]:
    """Return the expressions directly below a node; lambdas cannot be computed by themselves, types never."""
    found = _expressions(list(node.values()))
    hidden = ("TYPE",) if with_lambdas else ("TYPE", "LAMBDA")
    return [child for child in found if child["class"] not in hidden]


def location(node: Node, otherwise: int | None = None) -> int | None:
    """Return the byte offset of a node in the expression; `otherwise` for a node the engine made itself."""
    at = node.get("query_location")
    known = isinstance(at, int) and len(_PREFIX_SQL) <= at < _NOWHERE
    return at - len(_PREFIX_SQL) if known and isinstance(at, int) else otherwise


def call(name: str, *arguments: Node) -> Node:
    """Return the tree of a call of one of our functions."""
    return {
        "class": "FUNCTION", "type": "FUNCTION",
        "function_name": name, "schema": "", "catalog": "", "filter": None,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "distinct": False, "is_operator": False,
        "export_state": False, "arguments": [{"name": "", "expression": node} for node in arguments],
        "qualified_name": {"path": [name]},
    }  # fmt: skip


def _expressions(value: Any) -> list[Node]:
    if isinstance(value, list):
        return [found for item in value for found in _expressions(item)]
    if not isinstance(value, dict):
        return []
    if "class" in value:
        return [value]
    return [found for item in value.values() for found in _expressions(item)]


def _syntax_error(answer: Node, size_bytes: int) -> Refused:
    message, position = str(answer.get("error_message", "syntax error")), str(answer.get("position") or "")
    if "depth" in message:
        return Refused("the expression is nested too deeply", remedy=_SHORTEN)
    at = int(position) - len(_PREFIX_SQL) if position.isdigit() else None
    if at is not None and at >= size_bytes:
        return Refused("the expression ends too early", size_bytes, "close what was opened, or complete it")
    return Refused(message, at)


def _only_expression(statement: Node) -> Node | None:
    found = statement.get("node", {}).get("select_list", [])
    return found[0] if len(found) == 1 and isinstance(found[0], dict) and not found[0]["alias"] else None


def _envelope(statement: Node) -> Any:
    """Return the statement around the expression: it must be that of the plainest select."""
    node = {key: value for key, value in statement["node"].items() if key != "select_list"}
    return _without_places({**statement, "node": node})


def _without_places(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_places(item) for key, item in value.items() if key not in (*PLACES, "alias")}
    if kept.get("function_name") in IMPLIED:
        # like .. escape is printed as the function it is.
        kept["is_operator"] = True
    if kept.get("class") == "TYPE":
        # Printed in capitals, whatever was read.
        kept["type_name"], kept["qualified_name"] = kept["type_name"].upper(), None
    return kept
