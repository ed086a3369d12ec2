"""Whether a Python script holds only what is run: an allow-list of syntax, names and attributes, said by line.

This is the wall that explains; the process the scripts run in is the one that holds.
"""

import ast
import builtins
from collections.abc import Iterator

from accord.datasync.scripts.events import EVENTS
from accord.datasync.scripts.expressions import ScriptRefused

NAMES = frozenset({
    "abs", "all", "any", "bool", "chr", "dict", "divmod", "enumerate", "filter", "float", "frozenset", "int",
    "isinstance", "len", "list", "map", "max", "min", "ord", "pow", "range", "repr", "reversed", "round", "set",
    "sorted", "str", "sum", "tuple", "zip", "Exception", "ArithmeticError", "IndexError", "KeyError", "LookupError",
    "TypeError", "ValueError", "ZeroDivisionError", "DTM", "now", "re", "math", "datetime",
})  # fmt: skip
"""What a script may name beside its own."""

_IMPORTS = frozenset({"re", "math", "datetime"})
_OF_DTM = frozenset({"Source", "Result", "CancelRow", "AddToContext", "Context", "StagingDestination", "Query", "Error",
                     "Log"})  # fmt: skip
_OF_VALUES = frozenset({
    *(name for kind in (str, list, dict, set, tuple, int, float) for name in dir(kind) if not name.startswith("_")),
    "match", "fullmatch", "search", "sub", "findall", "IGNORECASE", "group", "groups", "groupdict", "start", "end",
    "span", "floor", "ceil", "sqrt", "log", "pi", "datetime", "date", "time", "timedelta", "now", "today", "year",
    "month", "day", "hour", "minute", "second", "days", "seconds", "total_seconds", "strftime", "strptime",
    "isoformat", "fromisoformat", "weekday", "isoweekday", "toordinal",
}) - {"format", "format_map", "encode", "decode", "to_bytes", "from_bytes"}  # fmt: skip
_SYNTAX: tuple[type[ast.AST], ...] = (
    ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.If, ast.For, ast.While, ast.Pass, ast.Break,
    ast.Continue, ast.FunctionDef, ast.Return, ast.Try, ast.ExceptHandler, ast.Raise, ast.Global, ast.Nonlocal,
    ast.Import, ast.alias, ast.arguments, ast.arg, ast.keyword, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.List,
    ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare, ast.Call,
    ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.Name, ast.JoinedStr, ast.FormattedValue,
    ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.NamedExpr, ast.expr_context, ast.boolop, ast.operator, ast.unaryop,
    ast.cmpop,
)  # fmt: skip


def check_transform(code: str) -> None:
    """Raise ScriptRefused with the line when the script of one value holds what is not run, or gives no result."""
    tree = _checked(code)
    assigned = (target for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
                for target in (node.targets if isinstance(node, ast.Assign) else [node.target]))  # fmt: skip
    if not any(isinstance(t, ast.Attribute) and t.attr == "Result" for t in assigned):
        raise ScriptRefused("the script assigns no DTM.Result", 1)


def events_of(code: str) -> frozenset[str]:
    """Return the events for which a global script has a function that does something; raise ScriptRefused."""
    tree = _checked(code)
    known = {event.casefold(): event for event in EVENTS}
    found = set()
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        plain = node.name.removeprefix("DTM_")
        if plain in known.values():
            if not all(_is_idle(statement) for statement in node.body):
                found.add(plain)
        elif node.name.startswith("DTM_") or plain.casefold() in known:
            right = known.get(plain.casefold())
            raise ScriptRefused(f"there is no event {plain}" + (f"; write {right}" if right else ""), node.lineno)
    return frozenset(found)


def _checked(code: str) -> ast.Module:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ScriptRefused(f"this is not Python: {getattr(error, 'msg', error)}", line) from error
    own = frozenset(_own_names(tree))
    for node in ast.walk(tree):
        _check(node, own)
    return tree


def _own_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name


def _check(node: ast.AST, own: frozenset[str]) -> None:
    line = getattr(node, "lineno", 1)
    if not isinstance(node, _SYNTAX):
        raise ScriptRefused(f"{type(node).__name__} is not part of scripts", line)
    match node:
        case ast.Name(id=name) if name.startswith("__") or (name not in own and name not in NAMES):
            kind = "is not to be had in scripts" if hasattr(builtins, name) else "is not known"
            raise ScriptRefused(f"{name} {kind}", line)
        case ast.Attribute(attr=name) if name not in _OF_DTM and name not in _OF_VALUES:
            raise ScriptRefused(f".{name} is not part of scripts", line)
        case ast.Import(names=names) if any(a.name not in _IMPORTS or a.asname for a in names):
            raise ScriptRefused(f"only {', '.join(sorted(_IMPORTS))} are there to import", line)
        case ast.ExceptHandler(type=None):
            raise ScriptRefused("except needs the name of an error", line)
        case ast.FunctionDef(decorator_list=[_, *_]):
            raise ScriptRefused("decorators are not part of scripts", line)
        case ast.FunctionDef(name=name) | ast.arg(arg=name) if name.startswith("__"):
            raise ScriptRefused(f"{name} is not a name for scripts", line)


def _is_idle(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
