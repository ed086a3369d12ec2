"""What a mapping does about a missing input: a word of the contract outside, a guard around the expression inside."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from accord.engine.expressions import Column, Compiler
from accord.model.errors import ExpressionError, Invalid
from accord.operations.administration.cleaning import is_whole, quoted


class MissingInput(StrEnum):
    """What is done when an input of a mapping has no value.

    Evaluate all the same; give no value; or report the object as failed and leave the attribute as it is.
    """

    EVALUATE_ANYWAY = "EvaluateAnyway"
    CONTRIBUTE_NO_VALUE = "ContributeNoValue"
    FAIL_MAPPING = "FailMapping"
    FAIL_OBJECT = "FailObject"


_NAME = r'(?:[A-Za-z_]\w*|"(?:[^"]|"")+")'
_INPUT = rf"(?:required\({_NAME}\)|{_NAME}) is not null"
_GUARDED = re.compile(rf"case when ({_INPUT}(?: and {_INPUT})*) then \((.*)\) end", re.DOTALL)


def guarded(
    expression: str, behaviour: MissingInput | None, columns: Mapping[str, Column], *, lookups: Iterable[str]
) -> str:
    """Return the expression within the guard that does it; raise Invalid for what cannot be done, or has no inputs."""
    if behaviour in {None, MissingInput.EVALUATE_ANYWAY}:
        return expression
    if behaviour is MissingInput.FAIL_OBJECT:
        raise Invalid(
            "an object is never left out as a whole for one attribute",
            {"missingInputBehaviour": ["use FailMapping, or scoping criteria that want the value"]},
        )
    inputs = sorted(_inputs(expression, columns, lookups))
    if not inputs:
        raise Invalid("the expression has no inputs", {"missingInputBehaviour": ["use EvaluateAnyway"]})
    wanted = [
        f"required({quoted(name)})" if behaviour is MissingInput.FAIL_MAPPING else quoted(name) for name in inputs
    ]
    return f"case when {' and '.join(f'{name} is not null' for name in wanted)} then ({expression}) end"


def unguarded(expression: str) -> tuple[str, MissingInput]:
    """Return the expression without the guard around it, and what that does."""
    found = _GUARDED.fullmatch(expression.strip())
    if found is None or not is_whole(found[2]):
        return expression, MissingInput.EVALUATE_ANYWAY
    inputs = found[1].split(" is not null")[:-1]
    fails = [text.removeprefix(" and ").startswith("required(") for text in inputs]
    if any(fails) and not all(fails):
        return expression, MissingInput.EVALUATE_ANYWAY
    return found[2], MissingInput.FAIL_MAPPING if all(fails) else MissingInput.CONTRIBUTE_NO_VALUE


def _inputs(expression: str, columns: Mapping[str, Column], lookups: Iterable[str]) -> frozenset[str]:
    try:
        with Compiler(lookups=lookups) as compiler:
            return compiler.compile(expression, columns).uses
    except ExpressionError as error:
        raise Invalid("the expression is not right", {"expression": [error.message]}) from error
