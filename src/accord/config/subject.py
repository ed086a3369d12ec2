"""What every check is given: the rules, where they stand, what connectors can do, and where to note findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from accord.config.expressions import Expressions
from accord.config.findings import Findings, suggest
from accord.config.kinds import Kind
from accord.config.places import FileKind, PlaceOf
from accord.config.rules import Rule
from accord.config.tree import Step
from accord.model.rules import IdentityType, RuleSet
from accord.model.schema import ObjectTypeSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One configuration under check. `broken` names files already reported: what refers to them is not checked.

    `used` collects the object attributes that any rule reads or writes, by system and object type.
    """

    rules: RuleSet
    findings: Findings
    place: PlaceOf
    kinds: Mapping[str, Kind]
    expressions: Expressions
    broken: frozenset[tuple[FileKind, str]] = frozenset()
    used: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def error(self, message: str, kind: FileKind, name: str, *path: Step, remedy: str) -> None:
        """Note an error at a key of a declared thing."""
        self.findings.error(message, place=self.place(kind, name, *path), remedy=remedy)

    def warn(self, message: str, kind: FileKind, name: str, *path: Step, remedy: str) -> None:
        """Note a warning at a key of a declared thing."""
        self.findings.warn(message, place=self.place(kind, name, *path), remedy=remedy)

    def is_broken(self, kind: FileKind, name: str) -> bool:
        """Tell whether the file of that name was already reported."""
        return (kind, name) in self.broken

    def unknown(self, what: str, name: str, known: Iterable[str], at: tuple[FileKind, str, *tuple[Step, ...]]) -> None:
        """Note that a name refers to nothing."""
        self.findings.error(f"there is no {what} {name!r}", place=self.place(*at), remedy=suggest(name, known))

    def object_type_of(self, rule: Rule) -> ObjectTypeSchema | None:
        """Return the object type a rule names, None when there is none."""
        system = self.rules.systems.get(rule.system)
        return system.object_types.get(rule.object_type) if system else None

    def identity_type_of(self, rule: Rule) -> IdentityType | None:
        """Return the identity type a rule names, None when there is none."""
        return self.rules.identity_types.get(rule.identity_type)

    def use(self, system: str, object_type: str, attributes: Iterable[str]) -> None:
        """Note that object attributes are read or written."""
        self.used.setdefault((system, object_type), set()).update(attributes)
