"""One criterion in the contract's words and in ours."""

import re
from collections.abc import Mapping
from typing import TypedDict

from accord.model.errors import Invalid
from accord.model.rules import Operator
from accord.model.schema import ValueType
from accord.operations.administration.scoping_views import (
    Comparison,
    NewCriterion,
    RelativeDirection,
    RelativeUnit,
    ValueMode,
)
from accord.operations.administration.typed_values import ComparedFields, compared

_OPERATORS: Mapping[Comparison, Operator] = {
    comparison: Operator[comparison.name] for comparison in Comparison if comparison is not Comparison.NOT_SET
}
_COMPARISONS = {str(operator): comparison for comparison, operator in _OPERATORS.items()}
_RELATIVE = re.compile(r"(\d+) (hour|day|week|month|year)s? (ago|from now)")
_VALUELESS = frozenset({Comparison.IS_PRESENT, Comparison.IS_ABSENT})


class RelativeFields(TypedDict):
    """The value of a criterion that is a time from now."""

    value_mode: ValueMode
    relative_count: int
    relative_unit: RelativeUnit
    relative_direction: RelativeDirection


def condition_of(new: NewCriterion, attribute: str, type_: ValueType, *, is_case_sensitive: bool) -> dict[str, object]:
    """Return the criterion as it is written in a rule; raise Invalid when it has no value."""
    condition: dict[str, object] = {"attribute": attribute}
    operator = str(_OPERATORS[new.comparison_type])
    if new.comparison_type in _VALUELESS:
        condition[operator] = True
    else:
        value = _value(new)
        condition[operator] = value.split("|") if operator == str(Operator.IN) else value
    if type_ is ValueType.TEXT and new.case_sensitive is not is_case_sensitive:
        condition["case_sensitive"] = new.case_sensitive
    return condition


def comparison_of(condition: Mapping[str, object]) -> Comparison:
    """Return how a written criterion compares."""
    return next(_COMPARISONS[key] for key in condition if key in _COMPARISONS)


def values_of(condition: Mapping[str, object], type_: ValueType) -> ComparedFields | RelativeFields:
    """Return the value of a written criterion in the field of its type."""
    given = next(value for key, value in condition.items() if key in _COMPARISONS)
    if given is True or (given == "true" and type_ is not ValueType.BOOLEAN):
        return {}
    text = "|".join(str(part) for part in given) if isinstance(given, list | tuple) else str(given)
    relative = _RELATIVE.fullmatch(text)
    if relative and type_ in {ValueType.DATE, ValueType.DATETIME}:
        return {
            "value_mode": ValueMode.RELATIVE, "relative_count": int(relative[1]),
            "relative_unit": RelativeUnit(f"{relative[2].title()}s"),
            "relative_direction": RelativeDirection.AGO if relative[3] == "ago" else RelativeDirection.FROM_NOW,
        }  # fmt: skip
    return compared(text, type_)


def _value(new: NewCriterion) -> str:
    if new.value_mode is ValueMode.RELATIVE:
        if new.relative_count is None or new.relative_unit is None or new.relative_direction is None:
            raise Invalid("the relative date is not whole", {"relativeCount": ["give count, unit and direction"]})
        unit = new.relative_unit.lower() if new.relative_count != 1 else new.relative_unit.lower().removesuffix("s")
        direction = "ago" if new.relative_direction is RelativeDirection.AGO else "from now"
        return f"{new.relative_count} {unit} {direction}"
    given = (
        new.string_value, new.long_value, new.int_value, new.decimal_value, new.date_time_value, new.guid_value,
        None if new.bool_value is None else str(new.bool_value).lower(),
    )  # fmt: skip
    found = next((value for value in given if value is not None), None)
    if found is None:
        raise Invalid("the criterion has no value", {"stringValue": ["give the value in the field of its type"]})
    return str(found)
