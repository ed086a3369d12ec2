"""The gate: what an expression may consist of, decided on the engine's own syntax tree.

Everything is an allow-list: node classes with exactly the fields known here, operators, types, functions. A tree
with anything else is refused, also when a later engine adds a field, so an upgrade fails closed.
The tree is rewritten in place to what is executed: our functions by their engine names, attributes as declared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from accord.engine.catalogue import PREFIX
from accord.engine.functions import FUNCTIONS
from accord.engine.lookups import macro_name
from accord.engine.syntax import IMPLIED, PLACES, Node, Refused, call, location

MAX_DEPTH = 60
MAX_PADDING = 1024
# The engine binds the arguments of some of our functions twice, so each level of nesting doubles the work.
MAX_CALLS = 10

_COMMON = {"class", "type", "alias", "query_location", "query_location_length"}
_FIELDS: Mapping[str, set[str]] = {
    "COLUMN_REF": {"column_names"},
    "CONSTANT": {"literal"},
    "FUNCTION": {
        "function_name", "schema", "catalog", "filter", "order_bys", "distinct", "is_operator", "export_state",
        "arguments", "qualified_name",
    },
    "CAST": {"child", "try_cast", "type_expr"},
    "TYPE": {"catalog", "schema", "type_name", "children", "qualified_name"},
    "CASE": {"case_checks", "else_expr"},
    "COMPARISON": {"left", "right"},
    "CONJUNCTION": {"children"},
    "OPERATOR": {"children"},
    "BETWEEN": {"input", "lower", "upper"},
    "LAMBDA": {"lhs", "expr", "syntax_type"},
}  # fmt: skip
_NODE_TYPES: Mapping[str, set[str]] = {
    "COLUMN_REF": {"COLUMN_REF"},
    "CONSTANT": {"VALUE_CONSTANT"},
    "FUNCTION": {"FUNCTION"},
    "CAST": {"OPERATOR_CAST"},
    "TYPE": {"TYPE"},
    "CASE": {"CASE_EXPR"},
    "COMPARISON": {
        "COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN",
        "COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHANOREQUALTO", "COMPARE_DISTINCT_FROM",
        "COMPARE_NOT_DISTINCT_FROM",
    },
    "CONJUNCTION": {"CONJUNCTION_AND", "CONJUNCTION_OR"},
    "OPERATOR": {
        "COMPARE_IN", "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE",
        "ARRAY_EXTRACT", "ARRAY_SLICE", "STRUCT_EXTRACT",
    },
    "BETWEEN": {"COMPARE_BETWEEN"},
    "LAMBDA": {"LAMBDA"},
}  # fmt: skip
_LITERALS = {"INTEGER", "NUMERIC", "STRING", "BOOLEAN", "NULL_LITERAL"}
OPERATORS = {"||", "+", "-", "*", "/", "//", "%", "&", "|", "~", "<<", ">>"}
"""Operators that the engine has as functions; written infix only."""

# What the parser makes of [x for x in y if z] and {..}; not offered by these names.
_INNER = {"struct_pack", "struct_extract"}
TYPES = {
    "VARCHAR", "TEXT", "STRING", "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "DOUBLE", "DECIMAL", "NUMERIC",
    "BOOLEAN", "BOOL", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "BLOB", "UUID", "INTERVAL",
}  # fmt: skip
_TIMES = {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"}
_NOW = {"current_timestamp": "now", "localtimestamp": "now", "current_date": "today"}


@dataclass(slots=True)
class Gate:
    """Checks and rewrites one tree. `resolve` finds an attribute by the name written, or raises Refused."""

    resolve: Callable[[str, int | None], str]
    unknown_function: Callable[[str, int | None], Refused]
    lookups: frozenset[str]
    uses: set[str] = field(default_factory=set)
    is_time_dependent: bool = False
    _bound: list[str] = field(default_factory=list)
    _at: int | None = None
    _calls: int = 0

    def check(self, node: Any, depth: int = 0) -> None:
        """Raise Refused unless the node and all below are allowed; rewrite them."""
        kind = node.get("class")
        self._at = location(node, self._at)
        if depth > MAX_DEPTH:
            raise Refused("the expression is nested too deeply", self._at)
        if kind not in self._CHECKS or node["type"] not in _NODE_TYPES[kind]:
            raise Refused(f"{_spoken(node)} is not allowed in an expression", self._at)
        if set(node) - _COMMON != _FIELDS[kind]:
            raise Refused(f"the engine's {kind} has fields unknown to this version of Accord", self._at)
        self._CHECKS[kind](self, node, depth + 1)

    def _column(self, node: Node, _depth: int) -> None:
        names = node["column_names"]
        if len(names) != 1:
            raise Refused(f"the qualified name {'.'.join(names)} is not allowed", self._at, "write the attribute alone")
        name = names[0]
        if name.lower() in self._bound:
            return
        if name.lower() in _NOW and not self._is_attribute(name):
            node.update(_replaced(node, call(PREFIX + _NOW[name.lower()])))
            self.is_time_dependent = True
            return
        declared = self.resolve(name, self._at)
        node["column_names"] = [declared]
        self.uses.add(declared)

    def _is_attribute(self, name: str) -> bool:
        try:
            self.resolve(name, None)
        except Refused:
            return False
        return True

    def _constant(self, node: Node, _depth: int) -> None:
        if node["literal"].get("kind") not in _LITERALS:
            raise Refused(f"{node['literal'].get('kind')} constants are not allowed", self._at)

    def _function(self, node: Node, depth: int) -> None:
        at, name = self._at, node["function_name"].lower()
        if node["schema"] or node["catalog"] or node["qualified_name"] != {"path": [node["function_name"]]}:
            raise Refused(f"{'.'.join(node['qualified_name']['path'])}() is not allowed", at, "write name(arguments)")
        if node["filter"] or node["distinct"] or node["order_bys"].get("orders") or node["export_state"]:
            raise Refused(f"{name}() takes no distinct, filter or order by", at)
        if node["is_operator"]:
            if name not in OPERATORS | IMPLIED:
                raise Refused(f"the operator {name} is not allowed", at)
        elif name not in FUNCTIONS and name not in _INNER | IMPLIED:
            raise self.unknown_function(name, at)
        self._name_function(node, name, at)
        # A lookup names its key twice.
        calls = 3 if name == "lookup" else int(node["function_name"].startswith(PREFIX))
        self._calls += calls
        if self._calls > MAX_CALLS:
            raise Refused(f"more than {MAX_CALLS} functions in one another", at, "use another attribute between")
        for argument in node["arguments"]:
            if set(argument) != {"name", "expression"} or (argument["name"] and name != "struct_pack"):
                raise Refused(f"{name}() takes no named arguments", at)
            self._at = at
            self.check(argument["expression"], depth)
        self._calls -= calls

    def _name_function(self, node: Node, name: str, at: int | None) -> None:
        """Put the name by which the engine knows the function; check what only some functions need."""
        target = FUNCTIONS[name].engine_name if name in FUNCTIONS else name
        if name == "lookup":
            target = macro_name(self._lookup_table(node, at))
            node["arguments"] = node["arguments"][1:]
        elif name in ("lpad", "rpad"):
            _check_padding(node, name, at)
        elif name in ("now", "today") and node["arguments"]:
            raise Refused(f"{name}() takes no arguments", at)
        self.is_time_dependent |= name in _NOW.values()
        node["function_name"] = target
        node["qualified_name"] = {"path": [target]}

    def _lookup_table(self, node: Node, at: int | None) -> str:
        arguments = [argument["expression"] for argument in node["arguments"]]
        if len(arguments) not in (2, 3):
            raise Refused("lookup takes a table and a key, and a default if wanted", at)
        name = arguments[0].get("literal", {})
        if name.get("kind") != "STRING":
            raise Refused("the table of a lookup must be a text constant", location(arguments[0], at))
        if name["text"] not in self.lookups:
            raise Refused(
                f"there is no lookup table {name['text']!r}",
                location(arguments[0], at),
                f"declared: {', '.join(sorted(self.lookups)) or 'none'}",
            )
        return str(name["text"])

    def _cast(self, node: Node, depth: int) -> None:
        at = self._at
        self._type(node["type_expr"], depth)
        self._at = at
        self.check(node["child"], depth)
        if node["type_expr"]["type_name"].upper() in _TIMES:
            # A cast of text to TIMESTAMP ignores its offset.
            function = "try_as_time" if node["try_cast"] else "as_time"
            node.update(_replaced(node, call(PREFIX + function, node["child"])))

    def _type(self, node: Node, depth: int, inside: bool = False) -> None:  # noqa: FBT001, FBT002
        name = node.get("type_name", "").upper()
        if set(node) - _COMMON != _FIELDS["TYPE"] or node["schema"] or node["catalog"]:
            raise Refused(f"the type {name} is not allowed", self._at)
        if name == "LIST" and len(node["children"]) == 1 and not inside:
            self._type(node["children"][0], depth, inside=True)
        elif name not in TYPES or node["qualified_name"] != {"path": [node["type_name"]]}:
            raise Refused(f"the type {name} is not allowed", self._at, f"allowed: {', '.join(sorted(TYPES))}")
        elif inside and name in _TIMES:
            raise Refused(
                "a list cannot be cast to times at once", self._at, "write [cast(x as timestamp) for x in list]"
            )
        elif not all(child.get("literal", {}).get("kind") == "INTEGER" for child in node["children"]):
            raise Refused(f"the type {name} takes numbers only", self._at)

    def _case(self, node: Node, depth: int) -> None:
        for check in node["case_checks"]:
            if set(check) != {"when_expr", "then_expr"}:
                raise Refused("this form of case is not allowed", self._at)
            self.check(check["when_expr"], depth)
            self.check(check["then_expr"], depth)
        self.check(node["else_expr"], depth)

    def _comparison(self, node: Node, depth: int) -> None:
        self._each(node, ("left", "right"), depth)

    def _between(self, node: Node, depth: int) -> None:
        self._each(node, ("input", "lower", "upper"), depth)

    def _children(self, node: Node, depth: int) -> None:
        at = self._at
        for child in node["children"]:
            self._at = at
            self.check(child, depth)

    def _each(self, node: Node, names: tuple[str, ...], depth: int) -> None:
        at = self._at
        for name in names:
            self._at = at
            self.check(node[name], depth)

    def _lambda(self, node: Node, depth: int) -> None:
        if node["syntax_type"] != "LAMBDA_KEYWORD":
            raise Refused("-> is not allowed in an expression", self._at, "write lambda x: expression")
        names = _parameters(node["lhs"])
        if any("·" in name for name in names):
            raise Refused("the name of a value must not contain ·", self._at)
        self._bound.extend(name.lower() for name in names)
        self.check(node["expr"], depth)
        del self._bound[-len(names) :]

    _CHECKS: ClassVar[Mapping[str, Callable[["Gate", Node, int], None]]] = {
        "COLUMN_REF": _column,
        "CONSTANT": _constant,
        "FUNCTION": _function,
        "CAST": _cast,
        "CASE": _case,
        "COMPARISON": _comparison,
        "CONJUNCTION": _children,
        "OPERATOR": _children,
        "BETWEEN": _between,
        "LAMBDA": _lambda,
    }


def _replaced(node: Node, new: Node) -> Node:
    """Return the call for the emptied node, at the node's place."""
    place = {key: node[key] for key in (*PLACES, "alias")}
    node.clear()
    return new | place


def _check_padding(node: Node, name: str, at: int | None) -> None:
    arguments = [argument["expression"] for argument in node["arguments"]]
    width = arguments[1].get("literal", {}) if len(arguments) == 3 else {}
    if width.get("kind") != "INTEGER" or int(width["text"]) > MAX_PADDING:
        raise Refused(f"{name} takes a text, a number up to {MAX_PADDING} and a filler", at)


def _parameters(node: Node) -> list[str]:
    if node["class"] == "COLUMN_REF":
        return list(node["column_names"])
    return [argument["expression"]["column_names"][0] for argument in node["arguments"]]


def _spoken(node: Node) -> str:
    """Return what a person calls this kind of node."""
    kind, detail = str(node.get("class")), str(node.get("type"))
    names = {
        "SUBQUERY": "a sub-query", "WINDOW": "a window function", "STAR": "*", "PARAMETER": "a parameter",
        "OPERATOR_TRY": "try()", "COLLATE": "collate", "DEFAULT": "default",
        "POSITIONAL_REFERENCE": "a positional reference",
    }  # fmt: skip
    return names.get(kind) or names.get(detail) or (detail if kind == "OPERATOR" else kind).lower().replace("_", " ")
