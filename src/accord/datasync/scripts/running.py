"""Runs a script on one row: reads the row, gives a result, reaches nothing else, and ends after so many steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from accord.datasync.scripts.checking import check
from accord.datasync.scripts.library import (
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    METHODS,
    STATIC,
    ScriptFailed,
    Value,
    as_items,
    as_number,
    as_text,
    checked,
    is_true,
    member_of_time,
)
from accord.datasync.scripts.parsing import parse
from accord.datasync.scripts.syntax import (
    QUERY,
    STAGED,
    Assign,
    Binary,
    Call,
    Do,
    Expression,
    ForEach,
    If,
    Literal,
    Member,
    Name,
    Select,
    Statement,
    Unary,
    While,
)

MOST_STEPS = 20_000
_RESULT = "dtm.result"


class RowCancelled(Exception):
    """A script says that the row is to be passed over."""


@dataclass(slots=True, kw_only=True)
class Surrounding:
    """What a script sees: the row by column in lower case, the time; of an event its staging row and query.

    `assigned` is what it assigned to the staging row, `notes` what it logged.
    """

    row: Mapping[str, str | None]
    now: datetime
    staging: Mapping[str, str | None] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)
    query: str = ""
    error: str = ""
    notes: list[str] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)
    context: dict[str, Value] = field(default_factory=dict)
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """A script that is known to hold nothing but what we run."""

    body: tuple[Statement, ...]

    def run(self, around: Surrounding) -> None:
        """Run the script for its effect; raise ScriptFailed, RowCancelled."""
        _run(self.body, around)

    def result(self, around: Surrounding) -> str | None:
        """Return what the script makes DTM.Result; raise ScriptFailed, RowCancelled."""
        _run(self.body, around)
        if _RESULT not in around.variables:
            raise ScriptFailed("the script assigns no DTM.Result")
        return as_text(around.variables[_RESULT]) or None


def compile_script(code: str) -> Program:
    """Return the program of a script; raise ScriptRefused with the line of what is not run here."""
    body = parse(code)
    check(body)
    return Program(body)


def _run(body: tuple[Statement, ...], around: Surrounding) -> None:
    for statement in body:
        _step(around)
        match statement:
            case Assign(target, value):
                _assign(target, _value(value, around), around)
            case Do(call):
                _value(call, around)
            case If(branches, otherwise):
                holding = (inner for condition, inner in branches if is_true(_value(condition, around)))
                _run(next(holding, otherwise), around)
            case Select(subject, cases, otherwise):
                held = _value(subject, around)
                equal = (inner for values, inner in cases if any(_equal(held, _value(v, around)) for v in values))
                _run(next(equal, otherwise), around)
            case ForEach(name, values, inner):
                for item in as_items(_value(values, around)):
                    around.variables[name] = item
                    _run(inner, around)
            case While(condition, inner):
                while is_true(_value(condition, around)):
                    _step(around)
                    _run(inner, around)
            case never:
                assert_never(never)


def _assign(target: str, value: Value, around: Surrounding) -> None:
    if target == QUERY:
        around.query = as_text(value)
    elif target.startswith(STAGED):
        around.assigned[target.removeprefix(STAGED)] = as_text(value)
    else:
        around.variables[target] = value


def _staged(name: str, around: Surrounding) -> str:
    values = {**around.staging, **around.assigned}
    return next((v or "" for key, v in reversed(values.items()) if key.casefold() == name.casefold()), "")


def _value(expression: Expression, around: Surrounding) -> Value:  # noqa: PLR0911 - one for each kind
    _step(around)
    match expression:
        case Literal(value):
            return value
        case Name(name):
            return around.variables.get(name)
        case Unary("not", operand):
            return not is_true(_value(operand, around))
        case Unary(_, operand):
            return -as_number(_value(operand, around))
        case Binary(operator, left, right):
            return _binary(operator, left, right, around)
        case Member(Name("datetime"), name) if name in ("now", "today"):
            return around.now if name == "now" else around.now.replace(hour=0, minute=0, second=0, microsecond=0)
        case Member(Name("args"), name) if name in ("query", "error"):
            return around.query if name == "query" else around.error
        case Member(of, name):
            return _method(_value(of, around), name, [])
        case Call(target, arguments):
            return _call(target, [_value(a, around) for a in arguments], around)
        case never:
            assert_never(never)


def _call(target: Expression, given: list[Value], around: Surrounding) -> Value:  # noqa: PLR0911 - one for each kind
    match target:
        case Member(Name("args"), "stagingdestination"):
            return _staged(as_text(given[0]), around)
        case Member(Name("dtm"), name) if name in _OF_DTM:
            return _OF_DTM[name](given, around)
        case Member(Name(owner), name) if f"{owner}.{name}" in STATIC:
            return checked(STATIC[f"{owner}.{name}"], given, f"{owner}.{name}")
        case Member(of, name):
            return _method(_value(of, around), name, given)
        case Name(name) if name in FUNCTIONS and name not in around.variables:
            return checked(FUNCTIONS[name], given, name)
        case Name(name):
            items = as_items(around.variables.get(name))
            return items[int(as_number(given[0]))]
        case _:
            return as_items(_value(target, around))[int(as_number(given[0]))]


def _source(given: list[Value], around: Surrounding) -> Value:
    return around.row.get(as_text(given[0]).casefold()) or ""


def _cancel(_given: list[Value], _around: Surrounding) -> Value:
    raise RowCancelled


def _share(given: list[Value], around: Surrounding) -> Value:
    around.context[as_text(given[0])] = given[1]
    return None


def _shared(given: list[Value], around: Surrounding) -> Value:
    return around.context.get(as_text(given[0]))


def _log(given: list[Value], around: Surrounding) -> Value:
    around.notes.append(as_text(given[0])[:1000])
    return None


_OF_DTM: Mapping[str, Callable[[list[Value], Surrounding], Value]] = {
    "source": _source, "cancelrow": _cancel, "addtocontext": _share, "context": _shared, "log": _log,
}  # fmt: skip


def _method(value: Value, name: str, given: list[Value]) -> Value:
    if isinstance(value, datetime):
        return checked(lambda *a: member_of_time(value, name, *a), given, name)
    if isinstance(value, list):
        if name in ("length", "count"):
            return len(value)
        raise ScriptFailed(f"a list has no {name}")
    method = METHODS.get(name)
    if method is None:
        raise ScriptFailed(f"a text has no {name}")
    return checked(lambda *a: method(as_text(value), *a), given, name)


def _binary(operator: str, left: Expression, right: Expression, around: Surrounding) -> Value:
    first = _value(left, around)
    if operator in ("and", "andalso"):
        return is_true(first) and is_true(_value(right, around))
    if operator in ("or", "orelse"):
        return is_true(first) or is_true(_value(right, around))
    second = _value(right, around)
    if operator == "&" or (operator == "+" and isinstance(first, str) and isinstance(second, str)):
        return checked(lambda: as_text(first) + as_text(second), [], "&")
    if operator in COMPARISONS:
        return COMPARISONS[operator](_compared(first, second), 0)
    return checked(lambda: ARITHMETIC[operator](as_number(first), as_number(second)), [], operator)


def _compared(first: Value, second: Value) -> int:
    if isinstance(first, datetime) and isinstance(second, datetime):
        return (first > second) - (first < second)
    if isinstance(first, int | float) and isinstance(second, int | float):
        return (first > second) - (first < second)
    ours, theirs = as_text(first), as_text(second)
    return (ours > theirs) - (ours < theirs)


def _equal(first: Value, second: Value) -> bool:
    return _compared(first, second) == 0


def _step(around: Surrounding) -> None:
    around.steps += 1
    if around.steps > MOST_STEPS:
        raise ScriptFailed(f"the script takes more than {MOST_STEPS} steps")
