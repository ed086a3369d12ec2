"""Where in an expression an error is: the smallest part the engine refuses although its own parts are fine."""

from accord.engine import results
from accord.engine.catalogue import PREFIX
from accord.engine.frames import Engine, EngineError
from accord.engine.functions import FUNCTIONS
from accord.engine.syntax import Node, Refused, Syntax, children, location


def check_constants(engine: Engine, syntax: Syntax, tree: Node) -> None:
    """Raise Refused when a part without attributes cannot be computed: it would fail for every object."""
    if tree["class"] in ("CONSTANT", "COLUMN_REF"):
        return
    if not _is_constant(tree):
        for child in children(tree):
            check_constants(engine, syntax, child)
        return
    check_constant(engine, syntax.print(tree), location(tree))


def check_constant(engine: Engine, sql: str, at: int | None) -> None:
    """Raise Refused when the SQL, which uses no attributes, cannot be computed."""
    try:
        engine.rows(f"select cast({sql} as varchar)")
    except EngineError as error:
        # A type error is found, and placed, when the whole is bound.
        if "Binder Error" not in str(error):
            raise Refused(results.first_line(str(error)), at) from error


def blame(engine: Engine, syntax: Syntax, tree: Node, source: str, message: str) -> Refused:
    """Return the refusal for an expression that the engine does not bind, with the place and a remedy."""
    at, node = location(tree), tree
    while True:
        for child in children(node):
            answer = _answer(engine, syntax, child, source)
            if isinstance(answer, EngineError):
                node, message, at = child, str(answer), location(child, at)
                break
        else:
            return _refusal(node, [_answer(engine, syntax, child, source) for child in children(node)], message, at)


def _is_constant(node: Node) -> bool:
    # What stands in a lambda is computed with it, so a part of it is no constant.
    inside = children(node, with_lambdas=True)
    return node["class"] not in ("COLUMN_REF", "LAMBDA") and all(_is_constant(child) for child in inside)


def _answer(engine: Engine, syntax: Syntax, node: Node, source: str) -> str | EngineError:
    """Return the type of a part, or why it has none."""
    try:
        return results.described(engine, syntax.print(node), source)
    except EngineError as error:
        return error


def _refusal(node: Node, types: list[str | EngineError], message: str, at: int | None) -> Refused:
    line = results.first_line(message)
    if node["class"] != "FUNCTION" or "Binder Error" not in message:
        return Refused(line, at, "convert one side with cast(x as type)" if "compare" in line else "")
    name = str(node["function_name"])
    spoken = " and ".join(results.spoken(str(item)) for item in types) or "nothing"
    if node["is_operator"]:
        return Refused(f"{name} cannot be applied to {spoken}", at, "convert one side with cast(x as type)")
    known = FUNCTIONS.get(name.removeprefix(PREFIX).partition(":")[0])
    if known is None or not ("No function matches" in message or "supplied arguments" in message):
        return Refused(line, at)
    return Refused(f"{known.name}() does not take {spoken}", at, f"it is used as {known.signature}")
