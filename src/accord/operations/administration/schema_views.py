"""Object types and attributes of a system as the contract shows them, and what may be asked to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.operations.administration.desk import CAMEL
from accord.operations.administration.words import DataType, Plurality, Writability


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeView:
    """One attribute of an object type. `selected`: it is read and may be used."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    class_name: str | None
    created: str
    type: DataType
    type_set_by_administrator: bool
    attribute_plurality: Plurality
    selected: bool
    is_external_id: bool
    is_secondary_external_id: bool
    selection_locked: bool
    writability: Writability
    referenced_object_type_id: int | None = None
    referenced_object_type_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTypeView:
    """One object type. `selected`: it is read."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    created: str
    selected: bool
    remove_contributed_attributes_on_obsoletion: bool
    attribute_count: int
    tags: tuple[str, ...]
    is_internal: bool
    attributes: tuple[AttributeView, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTypeChange:
    """What is to be different about an object type."""

    __pydantic_config__ = CAMEL
    selected: bool | None = None
    remove_contributed_attributes_on_obsoletion: bool | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeChange:
    """What is to be different about an attribute."""

    __pydantic_config__ = CAMEL
    selected: bool | None = None
    is_external_id: bool | None = None
    is_secondary_external_id: bool | None = None
    type: DataType | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributesChange:
    """What is to be different about several attributes, by their number."""

    __pydantic_config__ = CAMEL
    attributes: Mapping[str, AttributeChange] = field(default_factory=dict)
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeFailure:
    """Why one attribute of several was not changed."""

    __pydantic_config__ = CAMEL
    attribute_id: str
    error_message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributesChanged:
    """What became of several attributes."""

    __pydantic_config__ = CAMEL
    activity_id: str | None
    updated_count: int
    updated_attributes: tuple[AttributeView, ...]
    errors: tuple[AttributeFailure, ...] | None = None
