"""Whether a script calls only what we run: better said when it is saved than on the first row."""

from collections.abc import Iterator

from accord.datasync.scripts.expressions import ScriptRefused
from accord.datasync.scripts.library import FUNCTIONS, METHODS, STATIC
from accord.datasync.scripts.syntax import (
    Assign,
    Binary,
    Call,
    Do,
    Expression,
    ForEach,
    If,
    Member,
    Name,
    Select,
    Statement,
    Unary,
    While,
)

_OF_DTM = frozenset({"source", "cancelrow", "addtocontext", "context", "expandvariables", "log"})
_OF_ARGS = frozenset({"stagingdestination", "query", "error"})
_OF_TIME = frozenset({"adddays", "addhours", "addminutes", "year", "month", "day", "hour", "minute", "now", "today",
                      "count"})  # fmt: skip


def check(body: tuple[Statement, ...]) -> None:
    """Raise ScriptRefused where a script calls or names what there is not."""
    _check(body, frozenset(_declared(body)))


def _check(body: tuple[Statement, ...], declared: frozenset[str]) -> None:
    for statement in body:
        for expression in _expressions_of(statement):
            _check_expression(expression, statement.line, declared)
        for inner in _bodies_of(statement):
            _check(inner, declared)


def _declared(body: tuple[Statement, ...]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, Assign):
            yield statement.target
        elif isinstance(statement, ForEach):
            yield statement.name
        for inner in _bodies_of(statement):
            yield from _declared(inner)


def _check_expression(expression: Expression, line: int, declared: frozenset[str]) -> None:
    match expression:
        case Call(target, arguments):
            for argument in arguments:
                _check_expression(argument, line, declared)
            if not (isinstance(target, Name) and target.name in FUNCTIONS):
                _check_expression(target, line, declared)
        case Member(of, name):
            _check_member(of, name, line, declared)
        case Unary(_, operand):
            _check_expression(operand, line, declared)
        case Binary(_, left, right):
            _check_expression(left, line, declared)
            _check_expression(right, line, declared)
        case Name(name) if name not in declared:
            raise ScriptRefused(f"{name} is neither declared nor a function that is run here", line)
        case _:
            return


def _check_member(of: Expression, name: str, line: int, declared: frozenset[str]) -> None:
    owner = of.name if isinstance(of, Name) else ""
    if owner == "dtm" and name not in _OF_DTM:
        raise ScriptRefused(f"DTM.{name} is not run here", line)
    if owner == "args" and name not in _OF_ARGS:
        raise ScriptRefused(f"args.{name} is not run here", line)
    if owner in ("dtm", "args", "datetime") or f"{owner}.{name}" in STATIC:
        return
    if name not in METHODS and name not in _OF_TIME:
        raise ScriptRefused(f"{name} is not run here", line)
    _check_expression(of, line, declared)


def _expressions_of(statement: Statement) -> list[Expression]:
    match statement:
        case Assign(_, value):
            return [value]
        case Do(call):
            if isinstance(call, Call) and isinstance(call.target, Name) and call.target.name not in FUNCTIONS:
                raise ScriptRefused(f"{call.target.name} is not run here", statement.line)
            return [call]
        case If(branches):
            return [condition for condition, _ in branches]
        case Select(subject, cases):
            return [subject, *(value for values, _ in cases for value in values)]
        case ForEach(_, values):
            return [values]
        case While(condition):
            return [condition]


def _bodies_of(statement: Statement) -> list[tuple[Statement, ...]]:
    match statement:
        case If(branches, otherwise):
            return [*(body for _, body in branches), otherwise]
        case Select(_, cases, otherwise):
            return [*(body for _, body in cases), otherwise]
        case ForEach(body=body) | While(body=body):
            return [body]
        case _:
            return []
