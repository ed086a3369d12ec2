"""Groups of conditions as one expression, so that they are checked, typed and computed as any other.

Every comparison gives true or false, never null: an absent value matches nothing, so the negated operators hold.
Of several values any may match; a negated operator holds when none does.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from accord.engine.condition_values import problem_with, written
from accord.engine.expressions import Column
from accord.engine.frames import literal, quote
from accord.model.errors import ConfigError
from accord.model.rules import Condition, ConditionGroup, GroupKind, Operator, Scope
from accord.model.schema import ValueType

_NEGATED = {
    Operator.NOT_EQUALS: Operator.EQUALS,
    Operator.NOT_STARTS_WITH: Operator.STARTS_WITH,
    Operator.NOT_ENDS_WITH: Operator.ENDS_WITH,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
}
_ORDER = {
    Operator.LESS_THAN: "<",
    Operator.AT_MOST: "<=",
    Operator.GREATER_THAN: ">",
    Operator.AT_LEAST: ">=",
}
_PARTS = {Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.CONTAINS}
_PRESENCE = frozenset({Operator.IS_PRESENT, Operator.IS_ABSENT})
_IDENTITY = _PRESENCE | {Operator.EQUALS, Operator.NOT_EQUALS}
_OF_ORDERED = _IDENTITY | {Operator.IN} | _ORDER.keys()

OPERATORS: Mapping[ValueType, frozenset[Operator]] = {
    ValueType.TEXT: frozenset(Operator) - _ORDER.keys(),
    ValueType.INTEGER: _OF_ORDERED,
    ValueType.DECIMAL: _OF_ORDERED,
    ValueType.BOOLEAN: _IDENTITY,
    ValueType.DATE: _OF_ORDERED,
    ValueType.DATETIME: _OF_ORDERED,
    ValueType.BINARY: _IDENTITY | {Operator.IN},
    ValueType.GUID: _IDENTITY | {Operator.IN},
    ValueType.REFERENCE: frozenset(),
}
"""Which operators there are for values of a type. References are no columns, so nothing compares them."""

# Only the value itself is named within the lambda, so an attribute of this name is not hidden.
_ITEM = "v"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one condition; `path` leads to it from the group: kinds, positions, keys."""

    path: tuple[str | int, ...]
    message: str
    remedy: str


def scope_text(scope: Scope, columns: Mapping[str, Column], *, place: str = "") -> str:
    """Return the expression of a scope; raises as `expression_of`."""
    return scope if isinstance(scope, str) else expression_of(scope, columns, place=place)


def expression_of(group: ConditionGroup, columns: Mapping[str, Column], *, place: str = "") -> str:
    """Return the group as one expression over the columns; raise ConfigError with its first fault."""
    for fault in faults_of(group, columns):
        raise ConfigError(fault.message, place=place, remedy=fault.remedy)
    return _group(group, columns)


def faults_of(group: ConditionGroup, columns: Mapping[str, Column]) -> Iterator[Fault]:
    """Yield everything that is wrong with the group, in order."""
    kind = str(group.kind)
    if not group.members:
        yield Fault(path=(kind,), message=f"the group {kind!r} is empty", remedy="add a condition, or remove the group")
    for position, member in enumerate(group.members):
        inner = faults_of(member, columns) if isinstance(member, ConditionGroup) else _faults(member, columns)
        for fault in inner:
            yield Fault(path=(kind, position, *fault.path), message=fault.message, remedy=fault.remedy)


def _faults(condition: Condition, columns: Mapping[str, Column]) -> Iterator[Fault]:
    operator, name = condition.operator, _column_name(condition.attribute, columns)
    if name is None:
        near = difflib.get_close_matches(condition.attribute, columns, 1)
        remedy = f"did you mean {near[0]!r}?" if near else f"attributes here: {', '.join(sorted(columns)[:20])}"
        message = f"there is no attribute {condition.attribute!r} to compare"
        yield Fault(path=("attribute",), message=message, remedy=remedy)
        return
    kind = columns[name].type
    if operator not in OPERATORS[kind]:
        possible = ", ".join(o for o in Operator if o in OPERATORS[kind])
        message = f"{name!r} is {kind}, which has no {operator}"
        yield Fault(path=(str(operator),), message=message, remedy=f"use one of: {possible}")
        return
    if condition.is_case_sensitive is not None and (kind is not ValueType.TEXT or operator in _PRESENCE):
        message = "case_sensitive means nothing here: no text is compared"
        yield Fault(path=("case_sensitive",), message=message, remedy="remove it")
    yield from _value_faults(condition, kind)


def _value_faults(condition: Condition, kind: ValueType) -> Iterator[Fault]:
    operator, count = condition.operator, len(condition.values)
    is_possible = count == 0 if operator in _PRESENCE else count == 1 or (operator is Operator.IN and count > 1)
    if not is_possible:
        yield Fault(path=(str(operator),), message=f"{operator} with {count} values", remedy="give one value")
    for position, value in enumerate(condition.values):
        problem = problem_with(value, kind)
        if problem is not None:
            path = (str(operator), position) if operator is Operator.IN else (str(operator),)
            yield Fault(path=path, message=problem.message, remedy=problem.remedy)


def _group(group: ConditionGroup, columns: Mapping[str, Column]) -> str:
    members = [_group(m, columns) if isinstance(m, ConditionGroup) else _condition(m, columns) for m in group.members]
    match group.kind:
        case GroupKind.ALL:
            return f"({' and '.join(members)})"
        case GroupKind.ANY:
            return f"({' or '.join(members)})"
        case GroupKind.NONE:
            return f"not ({' or '.join(members)})"


def _condition(condition: Condition, columns: Mapping[str, Column]) -> str:
    name = _column_name(condition.attribute, columns) or condition.attribute
    column, attribute = columns[name], quote(name)
    if condition.operator in _PRESENCE:
        is_present = f"coalesce(len({attribute}) > 0, false)" if column.is_multivalued else f"{attribute} is not null"
        return is_present if condition.operator is Operator.IS_PRESENT else f"not ({is_present})"
    item = _ITEM if column.is_multivalued else attribute
    match = _match(item, condition, column)
    if column.is_multivalued:
        match = f"len(list_filter({attribute}, lambda {_ITEM}: {match})) > 0"
    match = f"coalesce({match}, false)"
    return f"not {match}" if condition.operator in _NEGATED else match


def _match(item: str, condition: Condition, column: Column) -> str:
    """Return the comparison of one value; null where there is none."""
    operator = _NEGATED.get(condition.operator, condition.operator)
    is_sensitive = column.is_case_sensitive if condition.is_case_sensitive is None else condition.is_case_sensitive
    is_folded = column.type is ValueType.TEXT and not is_sensitive
    if operator is Operator.MATCHES:
        pattern = f"(?i:{condition.values[0]})" if is_folded else condition.values[0]
        return f"regexp_full_match({item}, {literal(pattern)})"
    values: Iterable[str] = [written(value, column.type) for value in condition.values]
    if is_folded:
        item, values = f"lower({item})", [f"lower({value})" for value in values]
    # Within a day a date is its midnight; in hours it is compared as that time.
    if column.type is ValueType.DATE and any("now()" in value for value in values):
        item = f"cast({item} as timestamp)"
    listed = ", ".join(values)
    if operator in _PARTS:
        return f"{operator}({item}, {listed})"
    return f"{item} in ({listed})" if operator is Operator.IN else f"{item} {_ORDER.get(operator, '=')} {listed}"


def _column_name(name: str, columns: Mapping[str, Column]) -> str | None:
    if name in columns:
        return name
    alike = [column for column in columns if column.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None
