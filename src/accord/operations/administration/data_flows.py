"""All flows of all rules in one list: what goes from where to where, and who else gives the same."""

from dataclasses import dataclass

from accord.operations.administration.desk import CAMEL, Desk
from accord.operations.administration.mapping_views import MappingView, SourceType
from accord.operations.administration.mappings import list_mappings
from accord.operations.administration.priorities import contributors_of
from accord.operations.administration.rules import RuleView, list_rules
from accord.operations.administration.words import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFlow:
    """One flow. `contributors` counts the rules that give its metaverse attribute; 1 of an export."""

    __pydantic_config__ = CAMEL
    mapping_id: int
    sync_rule_id: int
    sync_rule_name: str
    direction: Direction
    enabled: bool
    connected_system_id: int
    connected_system_name: str
    connected_system_object_type_name: str
    metaverse_object_type_name: str
    source_type: SourceType
    source: str
    target: str
    priority: int
    contributors: int


def list_flows(desk: Desk) -> list[DataFlow]:
    """Return the flows in the order of their rules."""
    return [_flow(desk, rule, mapping) for rule in list_rules(desk) for mapping in list_mappings(desk, rule.id)]


def _flow(desk: Desk, rule: RuleView, mapping: MappingView) -> DataFlow:
    source = mapping.sources[0]
    is_import = rule.direction is Direction.IMPORT
    target = mapping.target_metaverse_attribute_name or mapping.target_connected_system_attribute_name or ""
    contributors = contributors_of(desk, rule.metaverse_object_type_name, target) if is_import else []
    return DataFlow(
        mapping_id=mapping.id, sync_rule_id=rule.id, sync_rule_name=rule.name, direction=rule.direction,
        enabled=rule.enabled and mapping.enabled, connected_system_id=rule.connected_system_id,
        connected_system_name=rule.connected_system_name,
        connected_system_object_type_name=rule.connected_system_object_type_name,
        metaverse_object_type_name=rule.metaverse_object_type_name, source_type=mapping.source_type,
        source=source.expression or source.connected_system_attribute_name or source.metaverse_attribute_name or "",
        target=target, priority=mapping.priority, contributors=max(1, len(contributors)),
    )  # fmt: skip
