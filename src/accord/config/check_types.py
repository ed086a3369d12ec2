"""Checks of identity types: precedence, unique values, derived references, deletion."""

from collections.abc import Mapping, Sequence

from accord.config.check_scopes import check_scope
from accord.config.check_systems import check_distinct
from accord.config.findings import suggest
from accord.config.places import FileKind
from accord.config.subject import Subject
from accord.engine.columns import identity_columns
from accord.model.rules import DeletionTrigger, IdentityAttribute, IdentityType, InboundRule, SourceMatch, UniqueValue
from accord.model.schema import ValueType


def check_types(subject: Subject) -> None:
    """Note what is wrong with each identity type."""
    for identity_type in subject.rules.identity_types.values():
        check_distinct(subject, FileKind.TYPE, identity_type.name, identity_type.attributes, "attributes")
        feeding = [r for r in subject.rules.inbound if r.identity_type == identity_type.name]
        for name, attribute in identity_type.attributes.items():
            _check_sources(subject, identity_type, attribute, feeding)
            _check_precedence(subject, identity_type, name, attribute, feeding)
            _check_derived(subject, identity_type, attribute)
        _check_uniques(subject, identity_type)
        _check_deletion(subject, identity_type, feeding)
        if identity_type.display is not None:
            subject.expressions.single_text(
                identity_type.display,
                identity_columns(identity_type),
                place=subject.place(FileKind.TYPE, identity_type.name, "display"),
                what="the display",
            )


def _check_sources(
    subject: Subject, identity_type: IdentityType, attribute: IdentityAttribute, feeding: Sequence[InboundRule]
) -> None:
    name, path = attribute.schema.name, ("attributes", attribute.schema.name)
    fed_by = [r.name for r in feeding if any(f.target == name for f in r.flows)]
    if attribute.unique is not None and attribute.derived is not None:
        subject.error(
            f"{name!r} cannot be both unique and derived", FileKind.TYPE, identity_type.name, *path,
            remedy="remove one of them",
        )  # fmt: skip
    if attribute.derived is not None and fed_by:
        subject.error(
            f"{name!r} is derived, but the rule {fed_by[0]!r} flows into it",
            FileKind.TYPE, identity_type.name, *path,
            remedy="remove the flow or the derivation",
        )  # fmt: skip
    is_fed = bool(fed_by) or attribute.unique is not None or attribute.derived is not None
    is_known = not any(kind is FileKind.RULE for kind, _ in subject.broken)
    if not is_fed and is_known:
        subject.warn(
            f"nothing flows into {name!r}", FileKind.TYPE, identity_type.name, *path,
            remedy="add a flow to an inbound rule, or remove the attribute",
        )  # fmt: skip


def _check_precedence(
    subject: Subject,
    identity_type: IdentityType,
    name: str,
    attribute: IdentityAttribute,
    feeding: Sequence[InboundRule],
) -> None:
    contributors = {r.name for r in feeding if any(f.target == name for f in r.flows)}
    inbound = {r.name for r in subject.rules.inbound}
    seen: set[str] = set()
    for position, rule in enumerate(attribute.precedence):
        at = (FileKind.TYPE, identity_type.name, "attributes", name, "precedence", position)
        if subject.is_broken(FileKind.RULE, rule):
            continue
        if rule in seen:
            subject.error(f"the rule {rule!r} is listed twice", *at, remedy="remove one of them")
        elif rule not in inbound:
            subject.unknown("inbound rule", rule, contributors or inbound, at)
        elif rule not in contributors:
            remedy = suggest(rule, contributors) if contributors else "remove it, or add a flow to the rule"
            subject.error(f"the rule {rule!r} has no flow into {name!r}", *at, remedy=remedy)
        seen.add(rule)


def _check_uniques(subject: Subject, identity_type: IdentityType) -> None:
    needs: dict[str, frozenset[str]] = {}
    columns = identity_columns(identity_type)
    for name, attribute in identity_type.attributes.items():
        if attribute.unique is None:
            continue
        path = ("attributes", name, "unique")
        if attribute.schema.type is not ValueType.TEXT or attribute.schema.is_multivalued:
            subject.error(
                f"a unique value is one text, but {name!r} is not", FileKind.TYPE, identity_type.name, *path,
                remedy="declare the attribute as a single text",
            )  # fmt: skip
        _check_suffix(subject, identity_type, name, attribute.unique)
        _check_taken(subject, identity_type, name, attribute.unique)
        needs[name] = subject.expressions.single_text(
            attribute.unique.base,
            columns,
            place=subject.place(FileKind.TYPE, identity_type.name, *path, "base"),
            what="the base",
        )
    for name in sorted(needs):
        cycle = _cycle(name, needs)
        if cycle and name == min(cycle):
            subject.error(
                f"unique values need each other: {' -> '.join((*cycle, cycle[0]))}",
                FileKind.TYPE, identity_type.name, "attributes", name, "unique", "base",
                remedy="build one of them from other attributes",
            )  # fmt: skip


def _cycle(start: str, needs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the shortest way from an attribute back to itself, empty when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for needed in sorted(needs.get(way[-1], frozenset())):
            if needed == start:
                return way
            if needed in needs and needed not in seen:
                seen.add(needed)
                ways.append((*way, needed))
    return ()


def _check_suffix(subject: Subject, identity_type: IdentityType, name: str, unique: UniqueValue) -> None:
    at = (FileKind.TYPE, identity_type.name, "attributes", name, "unique", "suffix")
    if unique.suffix.count("{base}") != 1 or unique.suffix.count("{n}") != 1:
        subject.error(
            f"the suffix {unique.suffix!r} must have {{base}} and {{n}} once each", *at,
            remedy='write it like "{base}{n}" or "{base}-{n}"',
        )  # fmt: skip
    elif len(unique.suffix) - len("{base}{n}") + 2 > unique.max_length:
        subject.error(
            f"the suffix {unique.suffix!r} leaves no room within {unique.max_length} characters", *at,
            remedy="raise max_length or shorten the suffix",
        )  # fmt: skip


def _check_taken(subject: Subject, identity_type: IdentityType, name: str, unique: UniqueValue) -> None:
    for position, (system_name, type_name, attribute_name) in enumerate(unique.taken_in):
        at = (FileKind.TYPE, identity_type.name, "attributes", name, "unique", "taken_in", position)
        if not attribute_name:
            subject.error("an entry of taken_in has three parts", *at, remedy="write system.object.attribute")
            continue
        if subject.is_broken(FileKind.SYSTEM, system_name):
            continue
        system = subject.rules.systems.get(system_name)
        if system is None:
            subject.unknown("system", system_name, subject.rules.systems, at)
            continue
        object_type = system.object_types.get(type_name)
        if object_type is None:
            subject.unknown(f"object type in {system_name}", type_name, system.object_types, at)
            continue
        subject.use(system_name, type_name, [attribute_name])
        attribute = object_type.attributes.get(attribute_name)
        if attribute is None:
            subject.unknown(f"attribute in {system_name}.{type_name}", attribute_name, object_type.attributes, at)
        elif attribute.type is not ValueType.TEXT:
            subject.error(
                f"{attribute_name!r} is {attribute.type}; only text can be compared with a unique text", *at,
                remedy="name an attribute of type text",
            )  # fmt: skip


def _check_derived(subject: Subject, identity_type: IdentityType, attribute: IdentityAttribute) -> None:
    derived = attribute.derived
    if derived is None:
        return
    owner, name = identity_type.name, attribute.schema.name
    path = ("attributes", name, "derived")
    if attribute.schema.type is not ValueType.REFERENCE:
        subject.error(
            f"{name!r} is derived, so it must be a reference", FileKind.TYPE, owner, "attributes", name,
            remedy="write `type: reference`",
        )  # fmt: skip
    if subject.is_broken(FileKind.TYPE, derived.type):
        return
    referred = subject.rules.identity_types.get(derived.type)
    if referred is None:
        known = subject.rules.identity_types
        subject.unknown("identity type", derived.type, known, (FileKind.TYPE, owner, *path, "type"))
        return
    ours = _compared(subject, owner, identity_type, derived.ours, (*path, "ours"))
    theirs = _compared(subject, owner, referred, derived.theirs, (*path, "theirs"))
    if ours and theirs and ours is not theirs:
        subject.error(
            f"{derived.ours!r} is {ours} and {derived.theirs!r} is {theirs}: they are never equal",
            FileKind.TYPE, owner, *path,
            remedy="compare attributes of one type",
        )  # fmt: skip
    if derived.scope is not None:
        check_scope(subject, derived.scope, identity_columns(referred), (FileKind.TYPE, owner, *path, "scope"))


def _compared(
    subject: Subject, owner: str, identity_type: IdentityType, name: str, path: tuple[str, ...]
) -> ValueType | None:
    attribute = identity_type.attributes.get(name)
    if attribute is None:
        known = identity_type.attributes
        subject.unknown(f"attribute of {identity_type.name}", name, known, (FileKind.TYPE, owner, *path))
        return None
    if attribute.schema.type is ValueType.REFERENCE or attribute.schema.is_multivalued:
        subject.error(
            f"{name!r} cannot be compared: it is a reference or holds several values", FileKind.TYPE, owner, *path,
            remedy="name an attribute that holds one value and is no reference",
        )  # fmt: skip
        return None
    return attribute.schema.type


def _check_deletion(subject: Subject, identity_type: IdentityType, feeding: Sequence[InboundRule]) -> None:
    deletion = identity_type.deletion
    needs_sources = deletion.trigger is DeletionTrigger.AUTHORITATIVE_SOURCE
    if needs_sources is not bool(deletion.sources):
        subject.error(
            "authoritative_source needs sources" if needs_sources else f"{deletion.trigger} takes no sources",
            FileKind.TYPE, identity_type.name, "deletion", "trigger" if needs_sources else "sources",
            remedy="list the authoritative systems under `sources:`" if needs_sources else "remove them",
        )  # fmt: skip
    if deletion.match is not SourceMatch.ALL and not needs_sources:
        subject.error(
            f"{deletion.trigger} has no sources to match", FileKind.TYPE, identity_type.name, "deletion", "match",
            remedy="write `trigger: authoritative_source`, or remove `match:`",
        )  # fmt: skip
    if deletion.unless is not None:
        at_unless = (FileKind.TYPE, identity_type.name, "deletion", "unless")
        check_scope(subject, deletion.unless, identity_columns(identity_type), at_unless)
    for position, source in enumerate(deletion.sources):
        at = (FileKind.TYPE, identity_type.name, "deletion", "sources", position)
        if subject.is_broken(FileKind.SYSTEM, source):
            continue
        if source not in subject.rules.systems:
            subject.unknown("system", source, subject.rules.systems, at)
        elif source not in {r.system for r in feeding} and not any(k is FileKind.RULE for k, _ in subject.broken):
            subject.error(
                f"the system {source!r} has no inbound rule into {identity_type.name!r}", *at,
                remedy="name a system that its identities come from",
            )  # fmt: skip
