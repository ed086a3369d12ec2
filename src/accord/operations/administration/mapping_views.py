"""Mappings as the contract shows them, and what may be asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from accord.operations.administration.cleaning import CaseNormalisation
from accord.operations.administration.desk import CAMEL
from accord.operations.administration.missing_inputs import MissingInput


class SourceType(StrEnum):
    """What a mapping takes its value from."""

    ATTRIBUTE = "AttributeMapping"
    EXPRESSION = "ExpressionMapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What a mapping takes its value from: an attribute, or an expression."""

    __pydantic_config__ = CAMEL
    id: int
    order: int
    metaverse_attribute_id: int | None = None
    metaverse_attribute_name: str | None = None
    connected_system_attribute_id: int | None = None
    connected_system_attribute_name: str | None = None
    expression: str | None = None
    missing_input_behaviour: MissingInput = MissingInput.EVALUATE_ANYWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingView:
    """One flow of a rule."""

    __pydantic_config__ = CAMEL
    id: int
    created: str
    target_metaverse_attribute_id: int | None
    target_metaverse_attribute_name: str | None
    target_connected_system_attribute_id: int | None
    target_connected_system_attribute_name: str | None
    source_type: SourceType
    inbound_value_processing: str
    case_normalisation: CaseNormalisation | None
    priority: int
    null_is_value: bool
    initial_export_only: bool
    enabled: bool
    disabled_reason: str | None
    sources: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """What a new mapping takes its value from: one of the three."""

    __pydantic_config__ = CAMEL
    order: int = 0
    metaverse_attribute_id: int | None = None
    connected_system_attribute_id: int | None = None
    expression: str | None = None
    missing_input_behaviour: MissingInput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMapping:
    """A new flow: one target, one source."""

    __pydantic_config__ = CAMEL
    target_metaverse_attribute_id: int | None = None
    target_connected_system_attribute_id: int | None = None
    sources: Sequence[NewSource] = field(default_factory=tuple)
    inbound_value_processing: str | None = None
    case_normalisation: CaseNormalisation | None = None
    null_is_value: bool | None = None
    initial_export_only: bool | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChange:
    """What is to be different about a flow; its target never changes."""

    __pydantic_config__ = CAMEL
    expression: str | None = None
    missing_input_behaviour: MissingInput | None = None
    null_is_value: bool | None = None
    inbound_value_processing: str | None = None
    case_normalisation: CaseNormalisation | None = None
    initial_export_only: bool | None = None
    enabled: bool | None = None
    change_reason: str | None = None
