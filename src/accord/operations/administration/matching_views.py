"""Matching rules as the contract shows them, and what may be asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from accord.operations.administration.desk import CAMEL


class MatchingMode(StrEnum):
    """Where matching rules stand: with the object types of a system, or with each synchronisation rule."""

    CONNECTED_SYSTEM = "ConnectedSystem"
    SYNC_RULE = "SyncRule"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSource:
    """The attribute, or expression, of the object that is compared."""

    __pydantic_config__ = CAMEL
    id: int
    order: int
    connected_system_attribute_id: int | None
    connected_system_attribute_name: str | None
    expression: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchView:
    """One way to recognise each other; tried in order, the first that finds somebody counts."""

    __pydantic_config__ = CAMEL
    id: int
    order: int
    connected_system_object_type_id: int
    connected_system_object_type_name: str
    metaverse_object_type_id: int | None
    metaverse_object_type_name: str | None
    sync_rule_id: int | None
    target_metaverse_attribute_id: int | None
    target_metaverse_attribute_name: str | None
    sources: tuple[MatchSource, ...]
    case_sensitive: bool
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatchSource:
    """The attribute of the object that is compared."""

    __pydantic_config__ = CAMEL
    connected_system_attribute_id: int
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatch:
    """A way to recognise each other. Of a synchronisation rule, the object types are those of the rule."""

    __pydantic_config__ = CAMEL
    connected_system_object_type_id: int | None = None
    metaverse_object_type_id: int | None = None
    target_metaverse_attribute_id: int | None = None
    sources: Sequence[NewMatchSource] = field(default_factory=tuple)
    order: int | None = None
    case_sensitive: bool | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMode:
    """Where matching rules shall stand."""

    __pydantic_config__ = CAMEL
    mode: MatchingMode
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSwitched:
    """What became of the matching rules."""

    __pydantic_config__ = CAMEL
    success: bool
    new_mode: MatchingMode
    sync_rules_updated: int
    object_types_updated: int
    warnings: tuple[str, ...]
    object_type_migrations: tuple[str, ...]
    error_message: str | None = None
