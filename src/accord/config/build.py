"""Turns the shapes of files into the rules they declare. The shapes are checked before, the rules after."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from accord.config.conditions import scope_from
from accord.config.files import (
    DeletionPart,
    IdentityAttributePart,
    IdentityTypeFile,
    InboundRuleFile,
    ObjectAttributePart,
    ObjectTypePart,
    OutboundRuleFile,
    PasswordPart,
    SystemFile,
    UniquePart,
)
from accord.config.join_parts import FuzzyPart, JoinPart
from accord.config.kinds import KindCapabilities
from accord.config.limits import GuardPart
from accord.config.places import FileKind, PlaceOf
from accord.model.joins import Comparison, JoinKey, JoinRule, Likeness
from accord.model.rules import (
    ConnectedSystem,
    DeletionRule,
    DerivedReference,
    Flow,
    Guard,
    IdentityAttribute,
    IdentityType,
    InboundRule,
    OnLeave,
    OutboundRule,
    PasswordPolicy,
    UniqueValue,
)
from accord.model.schema import AttributeSchema, ObjectTypeSchema, Writability


def guard_from(part: GuardPart, base: Guard) -> Guard:
    """Return the guard with the given keys replaced, all others as in `base`."""
    changed = {}
    for limit in fields(Guard):
        keys = getattr(part, limit.name)
        given = {key: getattr(keys, key) for key in keys.model_fields_set}
        changed[limit.name] = replace(getattr(base, limit.name), **given)
    return Guard(**changed)


def system_from(
    file: SystemFile,
    settings: Mapping[str, object],
    capabilities: KindCapabilities | None,
    guard: Guard,
    place: PlaceOf,
) -> ConnectedSystem:
    """Return the connected system; `settings` are the file's with YAML's own values."""
    return ConnectedSystem(
        name=file.system,
        connector=file.connector,
        settings=settings,
        object_types={n: _object_type(n, part, capabilities) for n, part in file.objects.items()},
        guard=guard_from(file.guard, guard),
        place=place(FileKind.SYSTEM, file.system),
    )


def identity_type_from(file: IdentityTypeFile, place: PlaceOf) -> IdentityType:
    """Return the identity type."""
    return IdentityType(
        name=file.type,
        attributes={name: _identity_attribute(name, part) for name, part in file.attributes.items()},
        deletion=_deletion(file.deletion),
        display=file.display,
        place=place(FileKind.TYPE, file.type),
    )


def inbound_from(file: InboundRuleFile, matches: Sequence[JoinRule], place: PlaceOf) -> InboundRule:
    """Return the inbound rule; `matches` are the joins its objects have whatever the rule."""
    return InboundRule(
        name=file.rule,
        system=file.system,
        object_type=file.object,
        identity_type=file.identity,
        order=file.order,
        scope=scope_from(file.scope),
        joins=(*matches, *_joins(file.rule, file.join, place)),
        projects=file.project,
        joins_many=file.many,
        flows=tuple(
            Flow(
                target=target,
                expression=part.expression,
                null_is_value=part.null_is_value,
                place=place(FileKind.RULE, file.rule, "flows", target, "expression"),
            )
            for target, part in file.flows.items()
            if part.enabled
        ),
        on_leave=OnLeave(file.on_leave),
        place=place(FileKind.RULE, file.rule),
    )


def outbound_from(file: OutboundRuleFile, matches: Sequence[JoinRule], place: PlaceOf) -> OutboundRule:
    """Return the outbound rule; `matches` are the joins its objects have whatever the rule."""
    return OutboundRule(
        name=file.rule,
        system=file.system,
        object_type=file.object,
        identity_type=file.identity,
        order=file.order,
        scope=scope_from(file.scope),
        joins=(*matches, *_joins(file.rule, file.join, place)),
        provisions=file.provision,
        is_enforced=file.enforce,
        slot=file.slot or "",
        dn=file.dn,
        anchor=file.anchor,
        renames=file.rename,
        password=_password(file.password) if file.password else None,
        flows=tuple(
            Flow(
                target=target,
                expression=part.expression,
                initial_only=part.initial_only,
                is_enforced=part.enforce,
                place=place(FileKind.RULE, file.rule, "flows", target, "expression"),
            )
            for target, part in file.flows.items()
            if part.enabled
        ),
        on_leave=file.on_leave,
        deletes_unclaimed=file.delete_unclaimed,
        disable_container=file.disable_container,
        disable=tuple(
            Flow(target=target, expression=text, place=place(FileKind.RULE, file.rule, "disable", target))
            for target, text in file.disable.items()
        ),
        place=place(FileKind.RULE, file.rule),
    )


def matches_of(file: SystemFile | None, object_type: str, identity: str, place: PlaceOf) -> tuple[JoinRule, ...]:
    """Return the joins that objects of a type have whatever the rule, for one identity type."""
    part = file.objects.get(object_type) if file else None
    if file is None or part is None:
        return ()
    return tuple(
        JoinRule(
            keys=tuple(JoinKey(expression=text, attribute=name) for text, name in match.keys.items()),
            is_case_sensitive=match.case_sensitive,
            place=place(FileKind.SYSTEM, file.system, "objects", object_type, "match", position),
        )
        for position, match in enumerate(part.match)
        if match.identity == identity
    )


def _object_type(name: str, part: ObjectTypePart, capabilities: KindCapabilities | None) -> ObjectTypeSchema:
    is_assigned = capabilities is not None and capabilities.assigns_anchor
    anchors = {
        anchor: AttributeSchema(
            name=anchor, writability=Writability.READ_ONLY if is_assigned else Writability.READ_WRITE
        )
        for anchor in part.anchor
    }
    return ObjectTypeSchema(
        name=name,
        anchor=part.anchor,
        attributes=anchors | {n: _object_attribute(n, a) for n, a in part.attributes.items()},
        has_dn=capabilities is not None and capabilities.has_dn,
    )


def _object_attribute(name: str, part: ObjectAttributePart) -> AttributeSchema:
    return AttributeSchema(
        name=name,
        type=part.type,
        is_multivalued=part.multivalued,
        is_case_sensitive=part.case_sensitive,
        writability=part.writability,
        is_required=part.required,
        format=part.format,
        description=part.description,
    )


def _identity_attribute(name: str, part: IdentityAttributePart) -> IdentityAttribute:
    derived = part.derived
    return IdentityAttribute(
        schema=AttributeSchema(
            name=name,
            type=part.type,
            is_multivalued=part.multivalued,
            is_case_sensitive=part.case_sensitive,
            description=part.description,
        ),
        precedence=part.precedence,
        unique=_unique(part.unique) if part.unique else None,
        derived=DerivedReference(
            type=derived.type, theirs=derived.theirs, ours=derived.ours, scope=scope_from(derived.scope)
        )
        if derived
        else None,
    )


def _unique(part: UniquePart) -> UniqueValue:
    return UniqueValue(
        base=part.base,
        suffix=part.suffix,
        max_length=part.max_length,
        taken_in=tuple(_three(text) for text in part.taken_in),
    )


def _password(part: PasswordPart) -> PasswordPolicy:
    return PasswordPolicy(
        attribute=part.attribute,
        secret=part.secret,
        length=part.length,
        has_uppercase=part.uppercase,
        has_lowercase=part.lowercase,
        has_digits=part.digits,
        symbols=part.symbols,
        avoids_similar=part.avoid_similar,
    )


def _three(text: str) -> tuple[str, str, str]:
    system, _, rest = text.partition(".")
    object_type, _, attribute = rest.partition(".")
    return system, object_type, attribute


def _deletion(part: DeletionPart) -> DeletionRule:
    return DeletionRule(
        trigger=part.trigger,
        grace_days=part.grace_days,
        sources=part.sources,
        match=part.match,
        unless=scope_from(part.unless),
    )


def _joins(rule: str, parts: tuple[JoinPart, ...], place: PlaceOf) -> tuple[JoinRule, ...]:
    return tuple(
        JoinRule(
            keys=tuple(JoinKey(expression=text, attribute=name) for text, name in part.keys.items()),
            is_case_sensitive=part.case_sensitive,
            fuzzy=_likeness(part.fuzzy) if part.fuzzy is not None else None,
            place=place(FileKind.RULE, rule, "join", position),
        )
        for position, part in enumerate(parts)
    )


def _likeness(part: FuzzyPart) -> Likeness:
    return Likeness(
        comparisons=tuple(
            Comparison(expression=text, attribute=c.attribute, weight=c.weight) for text, c in part.compare.items()
        ),
        review=part.review,
        join=part.join,
    )
