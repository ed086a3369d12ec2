"""Which rule wins an attribute of the metaverse: the order of its contributors."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from accord.config.canonical import Document
from accord.config.files import InboundRuleFile
from accord.config.places import FileKind
from accord.model.errors import Invalid, NotFound
from accord.operations.administration.desk import CAMEL, Desk, Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """One flow into the attribute, the first wins."""

    __pydantic_config__ = CAMEL
    mapping_id: int
    priority: int
    null_is_value: bool
    sync_rule_id: int
    sync_rule_name: str
    sync_rule_enabled: bool
    connected_system_id: int
    connected_system_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityOrder:
    """The contributors of one attribute of one identity type."""

    __pydantic_config__ = CAMEL
    metaverse_object_type_id: int
    metaverse_attribute_id: int
    metaverse_attribute_name: str
    contributors: tuple[Contributor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributorPlace:
    """A contributor in a new order."""

    __pydantic_config__ = CAMEL
    mapping_id: int
    null_is_value: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A new order of all contributors."""

    __pydantic_config__ = CAMEL
    contributors: Sequence[ContributorPlace] = field(default_factory=tuple)
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlace:
    """Where one contributor goes; 1 wins."""

    __pydantic_config__ = CAMEL
    position: int
    null_is_value: bool | None = None
    change_reason: str | None = None


def contributors_of(desk: Desk, type_name: str, attribute: str) -> list[str]:
    """Return the rules that flow into an attribute, the winner first: those listed, then by order and name."""
    rules = {
        name: rule
        for name, rule in desk.read.rules.items()
        if isinstance(rule, InboundRuleFile) and rule.identity == type_name and attribute in rule.flows
    }
    identity_type = desk.read.types.get(type_name)
    part = identity_type.attributes.get(attribute) if identity_type else None
    listed = [name for name in (part.precedence if part else ()) if name in rules]
    return [*listed, *sorted(rules.keys() - set(listed), key=lambda name: (rules[name].order, name))]


def add_last(desk: Desk, draft: Draft, rule: str, attribute: str) -> None:
    """Let a rule that is new to an attribute come after those that are there."""
    file = desk.read.rules[rule]
    others = contributors_of(desk, file.identity, attribute)
    identity_type = desk.read.types.get(file.identity)
    part = identity_type.attributes.get(attribute) if identity_type else None
    is_last_anyway = all(
        other in (part.precedence if part else ()) or (desk.read.rules[other].order, other) < (file.order, rule)
        for other in others
    )
    if part is not None and not is_last_anyway:
        _put(draft, file.identity, attribute, [*others, rule], {})


def read_priorities(desk: Desk, attribute_number: int, type_number: int) -> PriorityOrder:
    """Return the order of the contributors of an attribute."""
    attribute, type_name = _named(desk, attribute_number, type_number)
    return PriorityOrder(
        metaverse_object_type_id=type_number, metaverse_attribute_id=attribute_number,
        metaverse_attribute_name=attribute,
        contributors=tuple(
            _contributor(desk, rule, attribute, position)
            for position, rule in enumerate(contributors_of(desk, type_name, attribute), start=1)
        ),
    )  # fmt: skip


def put_priorities(desk: Desk, attribute_number: int, type_number: int, order: NewOrder) -> PriorityOrder:
    """Order all contributors anew; raise Invalid unless each is named once."""
    attribute, type_name = _named(desk, attribute_number, type_number)
    rules = [_rule_of(desk, place.mapping_id, attribute) for place in order.contributors]
    if sorted(rules) != sorted(contributors_of(desk, type_name, attribute)):
        raise Invalid("the order must name every contributor once", {"contributors": ["name every contributor once"]})
    nulls = {rule: place.null_is_value for rule, place in zip(rules, order.contributors, strict=True)}
    after = desk.change(
        "order_contributors", f"{type_name}.{attribute}", order.change_reason,
        lambda draft: _put(draft, type_name, attribute, rules, nulls),
    )  # fmt: skip
    return read_priorities(after, attribute_number, type_number)


def move_contributor(
    desk: Desk, attribute_number: int, type_number: int, mapping_number: int, place: NewPlace
) -> PriorityOrder:
    """Move one contributor to another place."""
    attribute, type_name = _named(desk, attribute_number, type_number)
    rule = _rule_of(desk, mapping_number, attribute)
    rules = [other for other in contributors_of(desk, type_name, attribute) if other != rule]
    rules.insert(max(0, min(place.position - 1, len(rules))), rule)
    after = desk.change(
        "order_contributors", f"{type_name}.{attribute}", place.change_reason,
        lambda draft: _put(draft, type_name, attribute, rules, {rule: place.null_is_value}),
    )  # fmt: skip
    return read_priorities(after, attribute_number, type_number)


def _named(desk: Desk, attribute_number: int, type_number: int) -> tuple[str, str]:
    attribute = desk.ids.steps("type_attribute", attribute_number, what="metaverse attribute")[0]
    type_name = desk.ids.steps("type", type_number, what="metaverse object type")[0]
    if attribute not in desk.read.types[type_name].attributes:
        raise NotFound(f"{type_name} has no attribute {attribute}", remedy="list the attributes of the object type")
    return attribute, type_name


def _rule_of(desk: Desk, mapping_number: int, attribute: str) -> str:
    rule, *at = desk.ids.steps("mapping", mapping_number)
    if at != ["flows", attribute]:
        raise NotFound(f"mapping {mapping_number} does not flow into {attribute}", remedy="read the order first")
    return rule


def _put(draft: Draft, type_name: str, attribute: str, rules: Sequence[str], nulls: dict[str, bool | None]) -> None:
    attributes = draft.document(FileKind.TYPE, type_name)["attributes"]
    if isinstance(attributes, dict):
        attributes[attribute] = {**_full(attributes[attribute], "type"), "precedence": list(rules)}
    for rule, is_value in nulls.items():
        flows = draft.document(FileKind.RULE, rule)["flows"]
        if is_value is not None and isinstance(flows, dict):
            flows[attribute] = {**_full(flows[attribute], "expression"), "null_is_value": is_value}


def _full(written: object, short: str) -> Document:
    return dict(written) if isinstance(written, dict) else {short: written}


def _contributor(desk: Desk, rule: str, attribute: str, position: int) -> Contributor:
    file = desk.read.rules[rule]
    flow = file.flows[attribute]
    system = desk.read.systems.get(file.system)
    return Contributor(
        mapping_id=desk.ids.of("mapping", rule, "flows", attribute), priority=position,
        null_is_value=bool(getattr(flow, "null_is_value", False)), sync_rule_id=desk.ids.of("rule", rule),
        sync_rule_name=file.title or rule, sync_rule_enabled=file.enabled,
        connected_system_id=desk.ids.get("system", file.system) or 0,
        connected_system_name=(system.title if system else None) or file.system,
    )  # fmt: skip
