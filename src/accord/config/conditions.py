"""How scopes are written: as an expression, or as groups of conditions; to and from the rules' own form."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from accord.config.findings import suggest
from accord.config.parts import AttributeName, Expression, Part, Text
from accord.model.rules import Condition, ConditionGroup, GroupKind, Operator, Scope

# Which form was chosen is a step of pydantic's, not of the file.
FORMS = frozenset({"[text]", "[group]", "[condition]"})
_NO_VALUE = frozenset({Operator.IS_PRESENT, Operator.IS_ABSENT})
_BESIDE = ("attribute", "case_sensitive")
# Emptiness is said in our words: pydantic counts only the members that are right.
_FILLED: JsonDict = {"minItems": 1}
_Yes = Annotated[Literal["true"], WithJsonSchema({"const": True})]


class ConditionPart(Part):
    """One condition: an attribute and exactly one operator."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 2})

    attribute: AttributeName = Field(description="The attribute that is compared.")
    equals: Text | None = Field(default=None, description="The value is this one.")
    not_equals: Text | None = Field(default=None, description="No value is this one.")
    starts_with: Text | None = Field(default=None, description="The text begins so.")
    not_starts_with: Text | None = Field(default=None, description="No text begins so.")
    ends_with: Text | None = Field(default=None, description="The text ends so.")
    not_ends_with: Text | None = Field(default=None, description="No text ends so.")
    contains: Text | None = Field(default=None, description="The text has this in it.")
    not_contains: Text | None = Field(default=None, description="No text has this in it.")
    less_than: Text | None = Field(default=None, description="Less, or earlier.")
    at_most: Text | None = Field(default=None, description="Less or equal, not later.")
    greater_than: Text | None = Field(default=None, description="Greater, or later.")
    at_least: Text | None = Field(default=None, description="Greater or equal, not earlier.")
    is_present: _Yes | None = Field(default=None, description="There is a value; write `true`.")
    is_absent: _Yes | None = Field(default=None, description="There is no value; write `true`.")
    in_: tuple[Text, ...] | None = Field(
        default=None, alias="in", json_schema_extra=_FILLED, description="The value is one of a list."
    )
    matches: Text | None = Field(default=None, description="The whole text matches a regular expression (RE2).")
    case_sensitive: bool | None = Field(
        default=None, description="Whether upper and lower case differ; as the attribute is declared."
    )

    @model_validator(mode="before")
    @classmethod
    def _one_operator(cls, given: object) -> object:
        if not isinstance(given, dict):
            raise _mistake("a condition must be a mapping", "write `{attribute: NAME, equals: VALUE}`")
        operators = [key for key in given if key not in _BESIDE]
        for key in operators:
            if key not in tuple(Operator):
                raise _mistake(f"there is no operator {key}", _nearest(key, [str(operator) for operator in Operator]))
            if given[key] in (None, []):
                raise _mistake(f"{key} has no value", "give it one, or write `is_absent: true` for no value")
        if len(operators) != 1:
            found = f"{len(operators)}: {', '.join(operators)}" if operators else "none"
            raise _mistake(f"a condition has one operator; here are {found}", "write one condition for each")
        return given


class GroupPart(Part):
    """A group of conditions and groups: exactly one key."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    all: "tuple[Member, ...] | None" = Field(default=None, json_schema_extra=_FILLED, description="Every member holds.")
    any: "tuple[Member, ...] | None" = Field(
        default=None, json_schema_extra=_FILLED, description="At least one member holds."
    )
    none: "tuple[Member, ...] | None" = Field(default=None, json_schema_extra=_FILLED, description="No member holds.")

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, given: object) -> object:
        kinds = ", ".join(GroupKind)
        remedy = "write `all:`, `any:` or `none:` with a list of conditions"
        if not isinstance(given, dict) or len(given) != 1:
            raise _mistake(f"a group has exactly one key of {kinds}", remedy)
        key = next(iter(given))
        if key not in tuple(GroupKind):
            raise _mistake(f"there is no kind of group {key}", remedy)
        if not given[key]:
            raise _mistake(f"the group {key!r} is empty", "add a condition, or remove the group")
        return given

    def members(self) -> "tuple[GroupKind, tuple[ConditionPart | Self, ...]]":
        """Return the kind and what is in the group."""
        kind = next(k for k in GroupKind if getattr(self, k) is not None)
        return kind, getattr(self, kind)


def _form_of_member(given: object) -> str:
    is_group = isinstance(given, GroupPart) or (isinstance(given, dict) and bool(given.keys() & set(GroupKind)))
    return "[group]" if is_group else "[condition]"


def _form_of_scope(given: object) -> str:
    return "[group]" if isinstance(given, dict | GroupPart) else "[text]"


Member = Annotated[
    Annotated[ConditionPart, Tag("[condition]")] | Annotated[GroupPart, Tag("[group]")],
    Discriminator(_form_of_member),
]
GroupPart.model_rebuild()
ScopePart = Annotated[
    Annotated[Expression, Tag("[text]")] | Annotated[GroupPart, Tag("[group]")],
    Discriminator(_form_of_scope),
]


def scope_from(part: str | GroupPart | None) -> Scope | None:
    """Return the scope that is written."""
    return _group(part) if isinstance(part, GroupPart) else part


def scope_document(scope: Scope | None) -> object:
    """Return the scope as it is written."""
    return _group_document(scope) if isinstance(scope, ConditionGroup) else scope


def _group(part: GroupPart) -> ConditionGroup:
    kind, members = part.members()
    return ConditionGroup(
        kind=kind, members=tuple(_group(m) if isinstance(m, GroupPart) else _condition(m) for m in members)
    )


def _condition(part: ConditionPart) -> Condition:
    given = part.model_dump(by_alias=True, exclude_none=True)
    operator = next(o for o in Operator if o in given)
    value: str | Sequence[str] = given[operator]
    values = () if operator in _NO_VALUE else (value,) if isinstance(value, str) else tuple(value)
    return Condition(attribute=part.attribute, operator=operator, values=values, is_case_sensitive=part.case_sensitive)


def _group_document(group: ConditionGroup) -> Mapping[str, object]:
    members = (_group_document(m) if isinstance(m, ConditionGroup) else _condition_document(m) for m in group.members)
    return {str(group.kind): list(members)}


def _condition_document(condition: Condition) -> Mapping[str, object]:
    document: dict[str, object] = {"attribute": condition.attribute}
    if condition.operator in _NO_VALUE:
        document[str(condition.operator)] = True
    elif condition.operator is Operator.IN:
        document["in"] = list(condition.values)
    else:
        document[str(condition.operator)] = condition.values[0]
    if condition.is_case_sensitive is not None:
        document["case_sensitive"] = condition.is_case_sensitive
    return document


def _nearest(key: str, known: Collection[str]) -> str:
    close = suggest(key, known)
    return close if close.startswith("did you mean") else f"use one of: {', '.join(known)}"


def _mistake(problem: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("explained", "{problem}", {"problem": problem, "remedy": remedy})
