"""Attribute flow: the mappings of a rule."""

from collections.abc import Sequence
from dataclasses import replace

from accord.config.canonical import Document
from accord.config.expressions import bare_name
from accord.config.files import InboundRuleFile, OutboundRuleFile
from accord.config.places import FileKind
from accord.engine.expressions import Column
from accord.model.errors import Conflict, Invalid, NotFound
from accord.model.schema import ValueType
from accord.operations.administration.cleaning import cleaned, processing_names, quoted, taken_apart
from accord.operations.administration.desk import Desk, Draft
from accord.operations.administration.mapping_views import (
    MappingChange,
    MappingView,
    NewMapping,
    NewSource,
    SourceType,
    SourceView,
)
from accord.operations.administration.missing_inputs import MissingInput, guarded, unguarded
from accord.operations.administration.moments import made_at
from accord.operations.administration.naming import DN_ATTRIBUTE
from accord.operations.administration.priorities import add_last, contributors_of
from accord.operations.administration.rules import forget_contributor, rule_named


def list_mappings(desk: Desk, rule_number: int) -> list[MappingView]:
    """Return the flows of a rule in the order they are written; the dn and the anchor come first."""
    name = rule_named(desk, rule_number)
    return [_view(desk, name, *at) for at in _flows(desk.read.rules[name])]


def read_mapping(desk: Desk, rule_number: int, number: int) -> MappingView:
    """Return one flow; raise NotFound when it is none of this rule."""
    return _view(desk, *_mapping_named(desk, rule_number, number))


def add_mapping(desk: Desk, rule_number: int, new: NewMapping) -> MappingView:
    """Add a flow; raise Conflict when something flows into its target already."""
    name = rule_named(desk, rule_number)
    rule = desk.read.rules[name]
    at = _target(desk, rule, new)
    if at in _flows(rule):
        raise Conflict(f"something flows into {at[-1]} already", remedy="change that mapping, or remove it first")
    source = _guarded(desk, rule, _source(desk, rule, new.sources), new.sources[0].missing_input_behaviour)
    expression = cleaned(source, new.inbound_value_processing, new.case_normalisation)
    flow: Document = {"expression": expression}
    if isinstance(rule, InboundRuleFile):
        flow["null_is_value"] = bool(new.null_is_value)
    elif at[0] == "flows":
        flow["initial_only"] = bool(new.initial_export_only)

    def edit(draft: Draft) -> None:
        _put(draft.document(FileKind.RULE, name), at, flow)
        if isinstance(rule, InboundRuleFile):
            add_last(desk, draft, name, at[1])

    return _view(desk.change("add_mapping", f"{name}.{at[-1]}", new.change_reason, edit), name, *at)


def change_mapping(desk: Desk, rule_number: int, number: int, change: MappingChange) -> MappingView:
    """Change a flow."""
    name, *at = _mapping_named(desk, rule_number, number)
    before = _view(desk, name, *at)
    rule = desk.read.rules[name]
    inner, behaviour = unguarded(taken_apart(_expression(rule, at))[0])
    inner = _guarded(desk, rule, change.expression or inner, change.missing_input_behaviour or behaviour)
    processing = (
        before.inbound_value_processing if change.inbound_value_processing is None else change.inbound_value_processing
    )
    flow: Document = {
        "expression": cleaned(inner, processing, change.case_normalisation or before.case_normalisation),
        "enabled": before.enabled if change.enabled is None else change.enabled,
    }
    if isinstance(rule, InboundRuleFile):
        flow["null_is_value"] = before.null_is_value if change.null_is_value is None else change.null_is_value
    else:
        given = change.initial_export_only
        flow["initial_only"] = before.initial_export_only if given is None else given
    after = desk.change(
        "change_mapping", f"{name}.{at[-1]}", change.change_reason,
        lambda draft: _put(draft.document(FileKind.RULE, name), tuple(at), flow),
    )  # fmt: skip
    return _view(after, name, *at)


def remove_mapping(desk: Desk, rule_number: int, number: int, reason: str | None) -> None:
    """Remove a flow, also from the precedence of its attribute."""
    name, *at = _mapping_named(desk, rule_number, number)

    def edit(draft: Draft) -> None:
        document = draft.document(FileKind.RULE, name)
        flows = document.get("flows")
        if at[0] == "flows" and isinstance(flows, dict):
            del flows[at[1]]
            forget_contributor(desk, draft, name, at[1])
        else:
            del document[at[0]]

    desk.change("remove_mapping", f"{name}.{at[-1]}", reason, edit)


def _mapping_named(desk: Desk, rule_number: int, number: int) -> tuple[str, ...]:
    name, steps = rule_named(desk, rule_number), desk.ids.steps("mapping", number)
    if steps[0] != name:
        raise NotFound(f"there is no mapping {number} in this rule", remedy="list the mappings of the rule")
    return steps


def _flows(rule: InboundRuleFile | OutboundRuleFile) -> list[tuple[str, ...]]:
    keys = [(key,) for key in ("dn", "anchor") if getattr(rule, key, None) is not None]
    return [*keys, *(("flows", target) for target in rule.flows)]


def _expression(rule: InboundRuleFile | OutboundRuleFile, at: Sequence[str]) -> str:
    return str(getattr(rule, at[0])) if len(at) == 1 else rule.flows[at[1]].expression


def _target(desk: Desk, rule: InboundRuleFile | OutboundRuleFile, new: NewMapping) -> tuple[str, ...]:
    if isinstance(rule, InboundRuleFile):
        if new.target_metaverse_attribute_id is None:
            raise Invalid("the mapping has no target", {"targetMetaverseAttributeId": ["is missing"]})
        return "flows", desk.ids.steps("type_attribute", new.target_metaverse_attribute_id)[0]
    if new.target_connected_system_attribute_id is None:
        raise Invalid("the mapping has no target", {"targetConnectedSystemAttributeId": ["is missing"]})
    attribute = _system_attribute(desk, rule, new.target_connected_system_attribute_id)
    if attribute == DN_ATTRIBUTE:
        return ("dn",)
    part = desk.read.systems[rule.system].objects.get(rule.object)
    kind = desk.configured.kind_of(desk.read.systems[rule.system].connector)
    is_anchor = part is not None and part.anchor == (attribute,) and not kind.capabilities.assigns_anchor
    return ("anchor",) if is_anchor else ("flows", attribute)


def _system_attribute(desk: Desk, rule: InboundRuleFile | OutboundRuleFile, number: int) -> str:
    system, object_type, attribute = desk.ids.steps("attribute", number)
    if (system, object_type) != (rule.system, rule.object):
        raise NotFound(f"there is no attribute {number} in {rule.object}", remedy="list the attributes")
    return attribute


def _source(desk: Desk, rule: InboundRuleFile | OutboundRuleFile, sources: Sequence[NewSource]) -> str:
    if len(sources) != 1:
        raise Invalid("a mapping has one source", {"sources": ["give one; an expression may use many attributes"]})
    source = sources[0]
    if source.expression is not None:
        return source.expression
    if source.connected_system_attribute_id is not None:
        name = _system_attribute(desk, rule, source.connected_system_attribute_id)
        return "dn" if name == DN_ATTRIBUTE else quoted(name)
    if source.metaverse_attribute_id is not None:
        return quoted(desk.ids.steps("type_attribute", source.metaverse_attribute_id)[0])
    raise Invalid("the source is empty", {"sources": ["name an attribute or an expression"]})


def _put(document: Document, at: tuple[str, ...], flow: Document) -> None:
    if len(at) == 1:
        document[at[0]] = flow["expression"]
        return
    flows = document.setdefault("flows", {})
    if isinstance(flows, dict):
        flows[at[1]] = flow


def _guarded(
    desk: Desk, rule: InboundRuleFile | OutboundRuleFile, expression: str, behaviour: MissingInput | None
) -> str:
    inbound = isinstance(rule, InboundRuleFile)
    system = desk.read.systems.get(rule.system)
    owner = (system.objects.get(rule.object) if system else None) if inbound else desk.read.types.get(rule.identity)
    columns = {name: Column(ValueType.TEXT, is_case_sensitive=False) for name in ("anchor", "dn") if inbound}
    for name, part in owner.attributes.items() if owner else ():
        if part.type is not ValueType.REFERENCE:
            columns[name] = Column(part.type, is_multivalued=part.multivalued)
    return guarded(expression, behaviour, columns, lookups=desk.read.lookups)


def _view(desk: Desk, name: str, *at: str) -> MappingView:
    rule = desk.read.rules[name]
    is_inbound, target = isinstance(rule, InboundRuleFile), at[-1]
    system_target = DN_ATTRIBUTE if at == ("dn",) else target
    if at == ("anchor",):
        part = desk.read.systems[rule.system].objects.get(rule.object)
        system_target = part.anchor[0] if part else "anchor"
    flow = rule.flows.get(target) if len(at) > 1 else None
    outside, processing, case = taken_apart(_expression(rule, at))
    expression, behaviour = unguarded(outside)
    number = desk.ids.of("mapping", name, *at)
    order = contributors_of(desk, rule.identity, target) if is_inbound else []
    source = replace(_source_view(desk, rule, expression, number), missing_input_behaviour=behaviour)
    return MappingView(
        id=number, created=made_at(desk, FileKind.RULE, name),
        target_metaverse_attribute_id=desk.ids.get("type_attribute", target) if is_inbound else None,
        target_metaverse_attribute_name=target if is_inbound else None,
        target_connected_system_attribute_id=None
        if is_inbound
        else desk.ids.get("attribute", rule.system, rule.object, system_target),
        target_connected_system_attribute_name=None if is_inbound else system_target,
        source_type=SourceType.ATTRIBUTE if source.expression is None else SourceType.EXPRESSION,
        inbound_value_processing=processing_names(processing), case_normalisation=case,
        priority=order.index(name) + 1 if name in order else 1,
        null_is_value=bool(getattr(flow, "null_is_value", False)),
        initial_export_only=bool(getattr(flow, "initial_only", False)),
        enabled=flow.enabled if flow is not None else True, disabled_reason=None, sources=(source,),
    )  # fmt: skip


def _source_view(desk: Desk, rule: InboundRuleFile | OutboundRuleFile, expression: str, number: int) -> SourceView:
    name = bare_name(expression)
    if isinstance(rule, InboundRuleFile):
        attribute = DN_ATTRIBUTE if name == "dn" else name
        found = desk.ids.get("attribute", rule.system, rule.object, attribute)
        if found is not None:
            return SourceView(
                id=number, order=0, connected_system_attribute_id=found, connected_system_attribute_name=attribute
            )
    else:
        found = desk.ids.get("type_attribute", name)
        if found is not None:
            return SourceView(id=number, order=0, metaverse_attribute_id=found, metaverse_attribute_name=name)
    return SourceView(id=number, order=0, expression=expression)
