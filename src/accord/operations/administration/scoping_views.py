"""Scoping criteria as the contract shows them, and what may be asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from accord.operations.administration.desk import CAMEL
from accord.operations.administration.words import DataType


class GroupType(StrEnum):
    """How many members of a group must hold."""

    ALL = "All"
    ANY = "Any"
    NONE = "None"


class Comparison(StrEnum):
    """How a criterion compares. Those from IsPresent on are more than the contract has."""

    NOT_SET = "NotSet"
    EQUALS = "Equals"
    NOT_EQUALS = "NotEquals"
    STARTS_WITH = "StartsWith"
    NOT_STARTS_WITH = "NotStartsWith"
    ENDS_WITH = "EndsWith"
    NOT_ENDS_WITH = "NotEndsWith"
    CONTAINS = "Contains"
    NOT_CONTAINS = "NotContains"
    LESS_THAN = "LessThan"
    AT_MOST = "LessThanOrEquals"
    GREATER_THAN = "GreaterThan"
    AT_LEAST = "GreaterThanOrEquals"
    IS_PRESENT = "IsPresent"
    IS_ABSENT = "IsAbsent"
    IN = "In"
    MATCHES = "Matches"


class ValueMode(StrEnum):
    """Whether a date is one day, or so long before or after today."""

    ABSOLUTE = "Absolute"
    RELATIVE = "Relative"


class RelativeUnit(StrEnum):
    """What a relative date is counted in."""

    HOURS = "Hours"
    DAYS = "Days"
    WEEKS = "Weeks"
    MONTHS = "Months"
    YEARS = "Years"


class RelativeDirection(StrEnum):
    """Before or after now."""

    AGO = "Ago"
    FROM_NOW = "FromNow"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionView:
    """One comparison."""

    __pydantic_config__ = CAMEL
    id: int
    metaverse_attribute_id: int | None
    metaverse_attribute_name: str | None
    connected_system_attribute_id: int | None
    connected_system_attribute_name: str | None
    attribute_data_type: DataType
    comparison_type: Comparison
    string_value: str | None = None
    int_value: int | None = None
    long_value: int | None = None
    decimal_value: str | None = None
    date_time_value: str | None = None
    bool_value: bool | None = None
    guid_value: str | None = None
    case_sensitive: bool = True
    value_mode: ValueMode = ValueMode.ABSOLUTE
    relative_count: int | None = None
    relative_unit: RelativeUnit | None = None
    relative_direction: RelativeDirection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaGroupView:
    """A group of comparisons and groups."""

    __pydantic_config__ = CAMEL
    id: int
    type: GroupType
    position: int
    criteria: tuple[CriterionView, ...]
    child_groups: "tuple[CriteriaGroupView, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """A new group; without criteria it is only remembered when it has some."""

    __pydantic_config__ = CAMEL
    type: GroupType
    position: int = 0
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedGroup:
    """A group with everything in it, for looking at what it would do."""

    __pydantic_config__ = CAMEL
    type: GroupType
    criteria: "Sequence[NewCriterion]" = ()
    child_groups: "Sequence[ProposedGroup]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCriterion:
    """A new comparison of one attribute."""

    __pydantic_config__ = CAMEL
    comparison_type: Comparison
    metaverse_attribute_id: int | None = None
    connected_system_attribute_id: int | None = None
    string_value: str | None = None
    int_value: int | None = None
    long_value: int | None = None
    decimal_value: str | float | None = None
    date_time_value: str | None = None
    bool_value: bool | None = None
    guid_value: str | None = None
    case_sensitive: bool = True
    value_mode: ValueMode = ValueMode.ABSOLUTE
    relative_count: int | None = None
    relative_unit: RelativeUnit | None = None
    relative_direction: RelativeDirection | None = None
    change_reason: str | None = None
