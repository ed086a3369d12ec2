"""Synchronisation rules: list, make, change, remove."""

from dataclasses import dataclass
from enum import StrEnum

from accord.config.canonical import Document
from accord.config.files import InboundRuleFile, OutboundRuleFile
from accord.config.places import FileKind
from accord.model.errors import Conflict, Invalid, NotFound
from accord.operations.administration.desk import CAMEL, Desk, Draft, free_name, titled
from accord.operations.administration.moments import made_at
from accord.operations.administration.schema import type_named
from accord.operations.administration.systems import system_named
from accord.operations.administration.words import Direction

RuleShape = InboundRuleFile | OutboundRuleFile


class OutboundDeprovision(StrEnum):
    """What happens to an account that leaves the scope."""

    DISCONNECT = "Disconnect"
    DELETE = "Delete"


class InboundOutOfScope(StrEnum):
    """What happens to the link of an object that leaves the scope."""

    REMAIN_JOINED = "RemainJoined"
    DISCONNECT = "Disconnect"


class RuleStatus(StrEnum):
    """Whether a rule is in force."""

    DISABLED = "Disabled"
    ENABLED = "Enabled"


class RuleAction(StrEnum):
    """What a rule does besides letting attributes flow."""

    FLOW_ONLY = "FlowOnly"
    PROJECTS = "Projects"
    PROVISIONS = "Provisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """A rule. `problems` says why it is a draft still."""

    __pydantic_config__ = CAMEL
    id: int
    name: str
    description: str | None
    created: str
    connected_system_id: int
    connected_system_name: str
    connected_system_object_type_id: int | None
    connected_system_object_type_name: str
    metaverse_object_type_id: int | None
    metaverse_object_type_name: str
    direction: Direction
    provision_to_connected_system: bool | None
    project_to_metaverse: bool | None
    enabled: bool
    enforce_state: bool
    outbound_deprovision_action: OutboundDeprovision
    inbound_out_of_scope_action: InboundOutOfScope
    problems: tuple[str, ...] = ()

    @property
    def status(self) -> RuleStatus:
        """Return whether the rule is in force."""
        return RuleStatus.ENABLED if self.enabled else RuleStatus.DISABLED

    @property
    def action(self) -> RuleAction:
        """Return what the rule does besides letting attributes flow."""
        if self.provision_to_connected_system:
            return RuleAction.PROVISIONS
        return RuleAction.PROJECTS if self.project_to_metaverse else RuleAction.FLOW_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """What a new rule is; one without mappings may follow later."""

    __pydantic_config__ = CAMEL
    name: str
    connected_system_id: int
    connected_system_object_type_id: int
    metaverse_object_type_id: int
    direction: Direction
    description: str | None = None
    project_to_metaverse: bool | None = None
    provision_to_connected_system: bool | None = None
    enabled: bool = True
    enforce_state: bool = True
    outbound_deprovision_action: OutboundDeprovision | None = None
    inbound_out_of_scope_action: InboundOutOfScope | None = None
    change_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What is to be different about a rule; what is not given stays. Its direction never changes."""

    __pydantic_config__ = CAMEL
    name: str | None = None
    description: str | None = None
    enabled: bool | None = None
    project_to_metaverse: bool | None = None
    provision_to_connected_system: bool | None = None
    enforce_state: bool | None = None
    inbound_out_of_scope_action: InboundOutOfScope | None = None
    outbound_deprovision_action: OutboundDeprovision | None = None
    change_reason: str | None = None
    preview_activity_id: str | None = None


def list_rules(desk: Desk) -> list[RuleView]:
    """Return the rules by name."""
    return [rule_view(desk, name) for name in sorted(desk.read.rules)]


def read_rule(desk: Desk, number: int) -> RuleView:
    """Return one rule; raise NotFound when there is none."""
    return rule_view(desk, rule_named(desk, number))


def add_rule(desk: Desk, new: NewRule) -> RuleView:
    """Make a rule; raise Conflict when there is one of that name, NotFound when it names what is not there."""
    if new.direction is Direction.NOT_SET:
        raise Invalid("a rule has a direction", {"direction": ["use Import or Export"]})
    _require_free(desk, new.name)
    system = system_named(desk, new.connected_system_id)
    name = free_name(new.name, desk.read.rules)
    document: Document = titled(
        {
            "rule": name,
            "direction": "inbound" if new.direction is Direction.IMPORT else "outbound",
            "system": system,
            "object": type_named(desk, system, new.connected_system_object_type_id),
            "identity": desk.ids.steps("type", new.metaverse_object_type_id, what="metaverse object type")[0],
            "enabled": new.enabled,
        },
        name,
        new.name,
    )
    change = RuleChange(
        description=new.description, project_to_metaverse=new.project_to_metaverse, enforce_state=new.enforce_state,
        provision_to_connected_system=new.provision_to_connected_system,
        outbound_deprovision_action=new.outbound_deprovision_action,
        inbound_out_of_scope_action=new.inbound_out_of_scope_action,
    )  # fmt: skip
    _apply(document, change)
    after = desk.change("create_rule", name, new.change_reason, lambda draft: draft.put(FileKind.RULE, name, document))
    return rule_view(after, name)


def change_rule(desk: Desk, number: int, change: RuleChange) -> RuleView:
    """Change a rule."""
    name = rule_named(desk, number)
    if change.name is not None and change.name != (desk.read.rules[name].title or name):
        _require_free(desk, change.name)

    def edit(draft: Draft) -> None:
        document = draft.document(FileKind.RULE, name)
        if change.name is not None:
            document = titled(document, name, change.name)
        _apply(document, change)
        draft.put(FileKind.RULE, name, document)

    return rule_view(desk.change("change_rule", name, change.change_reason, edit), name)


def remove_rule(desk: Desk, number: int, reason: str | None) -> None:
    """Remove a rule, also from the precedence of attributes."""
    name = rule_named(desk, number)

    def edit(draft: Draft) -> None:
        draft.remove(FileKind.RULE, name)
        forget_contributor(desk, draft, name)

    desk.change("remove_rule", name, reason, edit)


def rule_named(desk: Desk, number: int) -> str:
    """Return the name of the rule of a number; raise NotFound when there is none."""
    name = desk.ids.steps("rule", number, what="synchronisation rule")[0]
    if name not in desk.read.rules:
        raise NotFound(f"there is no synchronisation rule {number}", remedy="list the rules")
    return name


def forget_contributor(desk: Desk, draft: Draft, rule: str, attribute: str | None = None) -> None:
    """Take a rule out of the precedence of one attribute, or of all, of its identity type."""
    type_name = desk.read.rules[rule].identity
    for name, part in desk.read.types[type_name].attributes.items() if type_name in desk.read.types else ():
        if rule in part.precedence and attribute in {None, name}:
            attributes = draft.document(FileKind.TYPE, type_name)["attributes"]
            written = attributes[name] if isinstance(attributes, dict) else {}
            written["precedence"] = [other for other in written["precedence"] if other != rule]


def rule_view(desk: Desk, name: str) -> RuleView:
    """Return a rule as the contract shows it."""
    rule = desk.read.rules[name]
    system = desk.read.systems.get(rule.system)
    is_inbound = isinstance(rule, InboundRuleFile)
    leave = str(rule.on_leave)
    problems = desk.stored.drafts.get((FileKind.RULE, name), ())
    return RuleView(
        id=desk.ids.of("rule", name), name=rule.title or name, description=rule.description or None,
        created=made_at(desk, FileKind.RULE, name), connected_system_id=desk.ids.get("system", rule.system) or 0,
        connected_system_name=(system.title if system else None) or rule.system,
        connected_system_object_type_id=desk.ids.get("object_type", rule.system, rule.object),
        connected_system_object_type_name=rule.object,
        metaverse_object_type_id=desk.ids.get("type", rule.identity), metaverse_object_type_name=rule.identity,
        direction=Direction.IMPORT if is_inbound else Direction.EXPORT,
        provision_to_connected_system=rule.provision if isinstance(rule, OutboundRuleFile) else None,
        project_to_metaverse=rule.project if isinstance(rule, InboundRuleFile) else None,
        enabled=rule.enabled,
        enforce_state=rule.enforce if isinstance(rule, OutboundRuleFile) else True,
        outbound_deprovision_action=OutboundDeprovision.DELETE if leave == "delete" else OutboundDeprovision.DISCONNECT,
        inbound_out_of_scope_action=InboundOutOfScope.REMAIN_JOINED
        if leave == "remain"
        else InboundOutOfScope.DISCONNECT,
        problems=tuple(error.message for error in problems),
    )  # fmt: skip


def _apply(document: Document, change: RuleChange) -> None:
    is_inbound = document["direction"] == "inbound"
    given: Document = {"description": change.description, "enabled": change.enabled}
    if is_inbound:
        given["project"] = change.project_to_metaverse
        leave = change.inbound_out_of_scope_action
        given["on_leave"] = {"RemainJoined": "remain", "Disconnect": "disconnect"}[leave] if leave else None
    else:
        given["provision"] = change.provision_to_connected_system
        given["enforce"] = change.enforce_state
        action = change.outbound_deprovision_action
        given["on_leave"] = action.lower() if action else None
    document.update({key: value for key, value in given.items() if value is not None})


def _require_free(desk: Desk, title: str) -> None:
    if any((rule.title or name).lower() == title.lower() for name, rule in desk.read.rules.items()):
        raise Conflict(f"there is a synchronisation rule {title!r} already", remedy="choose another name")
