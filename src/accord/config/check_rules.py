"""Checks of synchronisation rules: what they name, what they need of the system, what their expressions give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accord.config.check_likeness import check_likeness
from accord.config.check_passwords import check_password
from accord.config.check_scopes import check_scope
from accord.config.expressions import bare_name
from accord.config.kinds import KindCapabilities
from accord.config.places import FileKind
from accord.config.rules import Rule, every_rule
from accord.config.subject import Subject
from accord.config.tree import Step
from accord.engine.columns import identity_columns, object_columns
from accord.engine.expressions import Column
from accord.model.rules import Flow, IdentityType, InboundRule, OnLeave, OutboundRule
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType, Writability


def check_rules(subject: Subject) -> None:
    """Note what is wrong with each rule."""
    for rule in every_rule(subject.rules):
        if not _check_names(subject, rule):
            continue
        schema, identity_type = subject.object_type_of(rule), subject.identity_type_of(rule)
        if schema is None or identity_type is None:
            continue
        _check_joins(subject, rule, schema, identity_type)
        if isinstance(rule, InboundRule):
            _check_inbound(subject, rule, schema, identity_type)
        else:
            _check_outbound(subject, rule, schema, identity_type)


def _check_names(subject: Subject, rule: Rule) -> bool:
    rules, at = subject.rules, (FileKind.RULE, rule.name)
    is_system_broken = subject.is_broken(FileKind.SYSTEM, rule.system)
    is_type_broken = subject.is_broken(FileKind.TYPE, rule.identity_type)
    if not is_type_broken and rule.identity_type not in rules.identity_types:
        subject.unknown("identity type", rule.identity_type, rules.identity_types, (*at, "identity"))
    if not is_system_broken:
        system = rules.systems.get(rule.system)
        if system is None:
            subject.unknown("system", rule.system, rules.systems, (*at, "system"))
        elif rule.object_type not in system.object_types:
            subject.unknown(f"object type in {rule.system}", rule.object_type, system.object_types, (*at, "object"))
    return not (is_system_broken or is_type_broken)


def _check_joins(subject: Subject, rule: Rule, schema: ObjectTypeSchema, identity_type: IdentityType) -> None:
    columns = object_columns(schema)
    for position, join in enumerate(rule.joins):
        for key in join.keys:
            at = (FileKind.RULE, rule.name, "join", position, "keys", key.expression)
            expression = subject.expressions.value(key.expression, columns, place=subject.place(*at))
            if expression is not None:
                _use_object(subject, rule, schema, expression.uses)
            attribute = identity_type.attributes.get(key.attribute)
            if attribute is None:
                subject.unknown(f"attribute of {identity_type.name}", key.attribute, identity_type.attributes, at)
            elif attribute.schema.type is ValueType.REFERENCE:
                subject.error(
                    f"{key.attribute!r} is a reference; joins compare values", *at,
                    remedy="compare a value of the identity itself",
                )  # fmt: skip
            elif expression is not None:
                subject.expressions.compares(expression, attribute.schema, place=subject.place(*at))
        if join.fuzzy is not None:
            check_likeness(subject, rule, (position, join.fuzzy), schema, identity_type)


def _check_inbound(subject: Subject, rule: InboundRule, schema: ObjectTypeSchema, identity_type: IdentityType) -> None:
    columns = object_columns(schema)
    if rule.scope is not None:
        _use_object(
            subject, rule, schema, check_scope(subject, rule.scope, columns, (FileKind.RULE, rule.name, "scope"))
        )
    targets = {name: a.schema for name, a in identity_type.attributes.items()}
    owner = f"attribute of {identity_type.name}"
    check = _FlowsCheck(
        subject=subject,
        rule=rule,
        key="flows",
        columns=columns,
        sources=schema.attributes,
        targets=targets,
        owner=owner,
    )
    _use_object(subject, rule, schema, check.run(rule.flows))
    rivals = (r for r in every_rule(subject.rules) if _same_objects(r, rule))
    if not any(_links(r) for r in rivals):
        subject.warn(
            "no rule joins or projects these objects, so nothing will flow", FileKind.RULE, rule.name,
            remedy="add `join:` or `project: true`",
        )  # fmt: skip


def _check_outbound(
    subject: Subject, rule: OutboundRule, schema: ObjectTypeSchema, identity_type: IdentityType
) -> None:
    columns = identity_columns(identity_type)
    for key, text in (("dn", rule.dn), ("anchor", rule.anchor)):
        if text is not None:
            place = subject.place(FileKind.RULE, rule.name, key)
            subject.expressions.single_text(text, columns, place=place, what=f"the {key}")
    if rule.scope is not None:
        check_scope(subject, rule.scope, columns, (FileKind.RULE, rule.name, "scope"))
    sources = {name: a.schema for name, a in identity_type.attributes.items()}
    owner = f"attribute of {rule.system}.{schema.name}"
    for key, flows in (("flows", rule.flows), ("disable", rule.disable)):
        _FlowsCheck(
            subject=subject,
            rule=rule,
            key=key,
            columns=columns,
            sources=sources,
            targets=schema.attributes,
            owner=owner,
        ).run(flows)
        _check_writable(subject, rule, key, flows, schema)
        subject.use(rule.system, schema.name, (flow.target for flow in flows))
    _check_disable(subject, rule)
    check_password(subject, rule)
    kind = subject.kinds.get(subject.rules.systems[rule.system].connector)
    if kind is not None:
        _check_capabilities(subject, rule, schema, kind.capabilities)
    if rule.provisions:
        _check_required(subject, rule, schema)
    rivals = (r for r in every_rule(subject.rules) if _same_objects(r, rule))
    if not any(_links(r) for r in rivals):
        subject.warn(
            "no rule joins or provisions these accounts, so nothing will flow", FileKind.RULE, rule.name,
            remedy="add `join:` or `provision: true`",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _FlowsCheck:
    """Flows under one key of a rule: from the source's columns and attributes to the targets of `owner`."""

    subject: Subject
    rule: Rule
    key: str
    columns: Mapping[str, Column]
    sources: Mapping[str, AttributeSchema]
    targets: Mapping[str, AttributeSchema]
    owner: str

    def run(self, flows: Sequence[Flow]) -> frozenset[str]:
        """Note what is wrong with the flows and return the source attributes that are used."""
        _check_targets_once(self.subject, self.rule, self.key, flows)
        return frozenset(name for flow in flows for name in self._check(flow))

    def _check(self, flow: Flow) -> Iterable[str]:
        at = (FileKind.RULE, self.rule.name, self.key, flow.target, "expression")
        target = self.targets.get(flow.target)
        if target is None:
            self.subject.unknown(self.owner, flow.target, self.targets, at)
            return ()
        source = self.sources.get(bare_name(flow.expression))
        if source is not None and source.type is ValueType.REFERENCE:
            self._check_from_reference(source, target, at)
            return (source.name,)
        if target.type is ValueType.REFERENCE:
            known = ", ".join(sorted(n for n, a in self.sources.items() if a.type is ValueType.REFERENCE))
            self.subject.error(
                f"{target.name!r} is a reference, so its flow must be the bare name of a reference attribute", *at,
                remedy=f"use one of: {known}" if known else "declare the source attribute as a reference",
            )  # fmt: skip
            return ()
        place = self.subject.place(*at)
        expression = self.subject.expressions.value(flow.expression, self.columns, place=place)
        if expression is None:
            return ()
        self.subject.expressions.fits(expression, target, place=place)
        return expression.uses

    def _check_from_reference(
        self, source: AttributeSchema, target: AttributeSchema, at: tuple[FileKind, str, *tuple[Step, ...]]
    ) -> None:
        if target.type is not ValueType.REFERENCE:
            self.subject.error(
                f"{source.name!r} is a reference, but {target.name!r} is {target.type}", *at,
                remedy=f"declare {target.name!r} as a reference, or flow a value",
            )  # fmt: skip
        elif source.is_multivalued and not target.is_multivalued:
            self.subject.error(
                f"{target.name!r} holds one reference, but {source.name!r} holds several", *at,
                remedy=f"declare {target.name!r} multi-valued",
            )  # fmt: skip


def _check_targets_once(subject: Subject, rule: Rule, key: str, flows: Sequence[Flow]) -> None:
    seen: set[str] = set()
    for flow in flows:
        if flow.target.lower() in seen:
            subject.error(
                f"two flows lead into {flow.target!r}", FileKind.RULE, rule.name, key, flow.target,
                remedy="keep one of them",
            )  # fmt: skip
        seen.add(flow.target.lower())


def _check_writable(
    subject: Subject, rule: OutboundRule, key: str, flows: Sequence[Flow], schema: ObjectTypeSchema
) -> None:
    for flow in flows:
        target = schema.attributes.get(flow.target)
        if target is None or target.writability is Writability.READ_WRITE:
            continue
        at = (FileKind.RULE, rule.name, key, flow.target)
        if target.writability is Writability.READ_ONLY:
            subject.error(f"{flow.target!r} is read-only", *at, remedy="remove the flow")
        elif not flow.initial_only:
            subject.error(
                f"{flow.target!r} can be written only when the account is created", *at,
                remedy="write `initial_only: true`" if key == "flows" else "remove it from `disable:`",
            )  # fmt: skip


def _check_disable(subject: Subject, rule: OutboundRule) -> None:
    if rule.on_leave is OnLeave.DISABLE and not rule.disable:
        subject.error(
            "on_leave: disable needs the flows of a disabled account", FileKind.RULE, rule.name, "on_leave",
            remedy='add `disable:` with what to write, for example `disable: {active: "false"}`',
        )  # fmt: skip
    if rule.disable and rule.on_leave is not OnLeave.DISABLE:
        subject.warn(
            f"`disable:` is never used, because on_leave is {rule.on_leave}", FileKind.RULE, rule.name, "disable",
            remedy="write `on_leave: disable`, or remove it",
        )  # fmt: skip


def _check_capabilities(
    subject: Subject, rule: OutboundRule, schema: ObjectTypeSchema, capabilities: KindCapabilities
) -> None:
    connector = subject.rules.systems[rule.system].connector
    at = (FileKind.RULE, rule.name)
    if not capabilities.can_write:
        subject.error(f"the {connector} connector cannot write", *at, "system", remedy="remove the outbound rule")
        return
    if rule.deletes_unclaimed and not capabilities.can_delete:
        subject.error(f"the {connector} connector cannot delete", *at, "delete_unclaimed", remedy="remove it")
    if rule.on_leave is OnLeave.DELETE and not capabilities.can_delete:
        subject.error(
            f"the {connector} connector cannot delete", *at, "on_leave", remedy="choose disconnect or disable"
        )
    if rule.dn is not None and not schema.has_dn:
        subject.error(f"objects of {rule.system!r} have no dn", *at, "dn", remedy="remove `dn:`")
    if rule.provisions and schema.has_dn and rule.dn is None:
        subject.error(
            f"a new account in {rule.system!r} needs a dn", *at, "provision",
            remedy="add `dn:` with an expression, for example \"'uid=' || account || ',dc=example'\"",
        )  # fmt: skip
    if rule.provisions and not capabilities.assigns_anchor and rule.anchor is None:
        subject.error(
            f"a new account in {rule.system!r} needs an anchor ({' | '.join(schema.anchor)})", *at, "provision",
            remedy="add `anchor:` with an expression, for example the identity's number",
        )  # fmt: skip
    if rule.anchor is not None and capabilities.assigns_anchor:
        subject.error(
            f"{rule.system!r} makes the anchor of a new account itself", *at, "anchor", remedy="remove `anchor:`"
        )
    elif rule.anchor is not None and not rule.provisions:
        subject.warn(
            "`anchor:` is never used, because the rule does not provision", *at, "anchor",
            remedy="write `provision: true`, or remove it",
        )  # fmt: skip


def _check_required(subject: Subject, rule: OutboundRule, schema: ObjectTypeSchema) -> None:
    written = {flow.target for flow in rule.flows} | set(schema.anchor)
    for attribute in schema.attributes.values():
        if attribute.is_required and attribute.name not in written:
            subject.error(
                f"a new account needs {attribute.name!r}, but no flow gives it",
                FileKind.RULE, rule.name, "flows",
                remedy=f"add a flow into {attribute.name!r}",
            )  # fmt: skip


def _use_object(subject: Subject, rule: Rule, schema: ObjectTypeSchema, uses: Iterable[str]) -> None:
    by_lower = {name.lower(): name for name in schema.attributes}
    subject.use(rule.system, schema.name, (by_lower.get(name.lower(), name) for name in uses))


def _same_objects(one: Rule, other: Rule) -> bool:
    return (one.system, one.object_type) == (other.system, other.object_type)


def _links(rule: Rule) -> bool:
    makes = rule.projects if isinstance(rule, InboundRule) else rule.provisions
    return bool(rule.joins) or makes
