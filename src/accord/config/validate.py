"""Checks a whole configuration without touching any system."""

from collections.abc import Mapping

from accord.config.check_rules import check_rules
from accord.config.check_systems import check_systems
from accord.config.check_types import check_types
from accord.config.expressions import Expressions
from accord.config.findings import Findings
from accord.config.kinds import Kind, KindOf
from accord.config.places import FileKind, PlaceOf, declared_places
from accord.config.rules import every_rule
from accord.config.subject import Subject
from accord.engine.expressions import Compiler
from accord.model.errors import ConfigError
from accord.model.rules import RuleSet


def validate(
    rules: RuleSet,
    *,
    kind_of: KindOf,
    place: PlaceOf | None = None,
    broken: frozenset[tuple[FileKind, str]] = frozenset(),
) -> Findings:
    """Return all errors and warnings of the rules. The connectors' settings are checked where they are read.

    `broken` names files that were already reported, so that what refers to them is not reported again.
    """
    findings = Findings()
    place = place or declared_places(rules)
    with Compiler(lookups=rules.lookups) as compiler:
        subject = Subject(
            rules=rules,
            findings=findings,
            place=place,
            kinds=_kinds(rules, kind_of, findings, place),
            expressions=Expressions(compiler, findings),
            broken=broken,
        )
        check_systems(subject)
        check_types(subject)
        check_rules(subject)
    if not any(kind is FileKind.RULE for kind, _ in broken):
        _note_unused(subject)
    return findings


def _kinds(rules: RuleSet, kind_of: KindOf, findings: Findings, place: PlaceOf) -> Mapping[str, Kind]:
    kinds: dict[str, Kind] = {}
    for system in rules.systems.values():
        try:
            kinds[system.connector] = kind_of(system.connector)
        except ConfigError as error:
            at = place(FileKind.SYSTEM, system.name, "connector")
            findings.error(error.message, place=at, remedy=error.remedy)
    return kinds


def _note_unused(subject: Subject) -> None:
    ruled = {rule.system for rule in every_rule(subject.rules)}
    for system in subject.rules.systems.values():
        if system.name not in ruled:
            subject.warn(
                f"no rule uses the system {system.name!r}", FileKind.SYSTEM, system.name,
                remedy="write a rule for it, or remove it",
            )  # fmt: skip
            continue
        for name, object_type in system.object_types.items():
            used = subject.used.get((system.name, name), set())
            for attribute in object_type.attributes.values():
                if attribute.name not in used and not attribute.is_required:
                    subject.warn(
                        f"no rule uses the attribute {attribute.name!r}",
                        FileKind.SYSTEM, system.name, "objects", name, "attributes", attribute.name,
                        remedy="use it in a rule, or remove it: what is not used is not read",
                    )  # fmt: skip
    used_types = {rule.identity_type for rule in every_rule(subject.rules)}
    for identity_type in subject.rules.identity_types.values():
        if identity_type.name not in used_types:
            subject.warn(
                f"no rule uses the identity type {identity_type.name!r}", FileKind.TYPE, identity_type.name,
                remedy="write a rule for it, or remove it",
            )  # fmt: skip
