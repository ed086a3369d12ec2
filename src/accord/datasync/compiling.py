"""A job's body as connected systems, rules and the way to read its source. Pure: the same body gives the same job.

Every destination field is an attribute of the identity: what flows in is the transform over the source row, what
flows out is that attribute. So plans, explanations and errors speak of the job's own fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from accord.config.digest import digest_of
from accord.datasync.body import JobBody, ObjectOption
from accord.datasync.compiled import DESTINATION, SOURCE, CompiledJob, SourcePlan
from accord.datasync.destinations import destination_plan
from accord.datasync.leavers import Leaving, attributes_of, leaving_of
from accord.datasync.loose import wrong
from accord.datasync.mapping import Mapped, Target, map_fields
from accord.datasync.naming import ObjectKind, object_kind
from accord.datasync.outbound import Ways, outbound_rule
from accord.datasync.providers import Provider
from accord.datasync.scripting import global_script
from accord.datasync.sources import source_plan
from accord.model.rules import (
    ConnectedSystem,
    Flow,
    Guard,
    IdentityAttribute,
    IdentityType,
    InboundRule,
    OutboundRule,
    RuleSet,
)
from accord.model.schema import AttributeSchema, ObjectTypeSchema

DEFAULT_VARIABLES: Mapping[str, str] = {
    "NOW": "format_date(now(), '%Y-%m-%d %H:%M:%S')",
    "DATE": "format_date(now(), '%Y-%m-%d')",
    "TIME": "format_date(now(), '%H:%M:%S')",
}
"""Variables of Static transforms as expressions; the host's own are added by whoever runs the job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a job is compiled with: its two providers, and what the destination says its objects can hold.

    `schemas` is by object type; what it does not name is taken to be text.
    """

    source: Provider
    destination: Provider
    schemas: Mapping[str, ObjectTypeSchema]
    variables: Mapping[str, str]
    guard: Guard = field(default_factory=Guard)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One object type of a job, compiled."""

    kind: ObjectKind
    plan: SourcePlan
    identity: IdentityType
    source: ObjectTypeSchema
    destination: ObjectTypeSchema
    inbound: InboundRule
    outbound: OutboundRule


def compile_job(body: JobBody, around: Surroundings) -> CompiledJob:
    """Return the job ready to run; raise Invalid with the place in the body of what makes no sense."""
    if not body.objects:
        raise wrong("objectsOption", "a job needs an object type that is selected")
    parts = [_part(body, option, around) for option in body.objects]
    names = [part.kind.name for part in parts]
    if len(set(names)) < len(names):
        raise wrong("objectsOption", "an object type is selected twice")
    systems = {
        SOURCE: ConnectedSystem(
            name=SOURCE, connector=around.source.kind.connector, settings={}, guard=around.guard,
            object_types={part.kind.name: part.source for part in parts},
        ),
        DESTINATION: ConnectedSystem(
            name=DESTINATION, connector=around.destination.kind.connector, settings={}, guard=around.guard,
            object_types={part.kind.name: part.destination for part in parts},
        ),
    }  # fmt: skip
    rules = RuleSet(
        systems=systems,
        identity_types={part.kind.name: part.identity for part in parts},
        inbound=tuple(part.inbound for part in parts),
        outbound=tuple(part.outbound for part in parts),
    )
    options = {part.kind.name: option for part, option in zip(parts, body.objects, strict=True)}
    return CompiledJob(
        script=global_script(body),
        rules=replace(rules, digest=digest_of(rules)),
        sources={part.kind.name: part.plan for part in parts},
        destination=destination_plan(body, options, {part.kind.name: part.kind for part in parts}, around.destination,
                                     {part.kind.name: tuple(part.destination.attributes) for part in parts}),
    )  # fmt: skip


def _part(body: JobBody, option: ObjectOption, around: Surroundings) -> _Part:
    kind = object_kind(option, around.destination.kind)
    known = around.schemas.get(kind.name)
    target = Target(provider=around.destination.kind, variables=around.variables, schema=known)
    mapped = map_fields(body, option, kind, target)
    plan = source_plan(body, option, kind, mapped, around.source)
    return _Part(
        kind=kind,
        plan=plan,
        identity=_identity(kind, mapped),
        source=_source_schema(kind, plan, mapped),
        destination=_destination_schema(
            kind, mapped, leaving_of(body) if option.is_deprovisioning else Leaving(), around
        ),
        inbound=_inbound(kind, mapped, option),
        outbound=outbound_rule(
            option,
            kind,
            mapped,
            around.destination.kind,
            Ways(
                ignores_case=around.destination.ignores_case,
                moves=body.settings.flag("Destination.MoveOnContainerChange"),
                leaving=leaving_of(body),
                variables=around.variables,
            ),
        ),
    )


def _identity(kind: ObjectKind, mapped: Mapped) -> IdentityType:
    attributes = {
        name: IdentityAttribute(schema=schema, unique=mapped.uniques.get(name))
        for name, schema in mapped.attributes.items()
    }
    return IdentityType(name=kind.name, attributes=attributes, display=mapped.keys[0], place="objectsOption")


def _source_schema(kind: ObjectKind, plan: SourcePlan, mapped: Mapped) -> ObjectTypeSchema:
    names = dict.fromkeys((*plan.columns, *(s.column for s in plan.scripts)))
    attributes = {name: AttributeSchema(name=name) for name in names}
    for look_up in plan.look_ups:
        is_multivalued = mapped.attributes[look_up.column.partition(" ")[2]].is_multivalued
        attributes[look_up.column] = AttributeSchema(name=look_up.column, is_multivalued=is_multivalued)
    return ObjectTypeSchema(name=kind.name, anchor=("row key",), attributes=attributes)


def _destination_schema(kind: ObjectKind, mapped: Mapped, leaving: Leaving, around: Surroundings) -> ObjectTypeSchema:
    attributes = {name: mapped.attributes[name] for name in mapped.written}
    for name, schema in (attributes_of(leaving) if kind.can_sign_in else {}).items():
        attributes.setdefault(name, schema)
    if around.destination.kind.is_directory:
        known = around.schemas.get(kind.name)
        anchor = known.anchor if known else ("objectGUID",)
        return ObjectTypeSchema(name=kind.name, anchor=anchor, attributes=attributes, has_dn=True)
    anchor = ("id",) if around.destination.kind.assigns_anchor else mapped.keys
    return ObjectTypeSchema(name=kind.name, anchor=anchor, attributes=attributes)


def _inbound(kind: ObjectKind, mapped: Mapped, option: ObjectOption) -> InboundRule:
    return InboundRule(
        name=f"{kind.name} from source",
        system=SOURCE,
        object_type=kind.name,
        identity_type=kind.name,
        projects=True,
        flows=tuple(
            Flow(target=name, expression=text, place=mapped.places.get(name, option.place))
            for name, text in mapped.expressions.items()
        ),
        place=option.place,
    )
