"""Checks of connected systems by themselves: object types, anchors, attributes."""

from collections.abc import Iterable

from accord.config.places import FileKind
from accord.config.subject import Subject
from accord.config.tree import Step
from accord.model.rules import ConnectedSystem
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

_DATES = frozenset({ValueType.DATE, ValueType.DATETIME})
_ANCHOR_TYPES = frozenset({ValueType.TEXT, ValueType.INTEGER, ValueType.GUID})


def check_systems(subject: Subject) -> None:
    """Note what is wrong with each system."""
    for system in subject.rules.systems.values():
        for name, object_type in system.object_types.items():
            _check_anchor(subject, system, name, object_type)
            check_distinct(subject, FileKind.SYSTEM, system.name, object_type.attributes, "objects", name, "attributes")
            for attribute in object_type.attributes.values():
                _check_format(subject, system, name, attribute)


def check_distinct(subject: Subject, kind: FileKind, owner: str, names: Iterable[str], *path: Step) -> None:
    """Note names that differ in case only: expressions do not tell them apart."""
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.lower(), name)
        if first != name:
            subject.error(
                f"{name!r} and {first!r} differ in case only",
                kind, owner, *path, name,
                remedy="remove one of them: expressions do not tell upper from lower case in names",
            )  # fmt: skip


def _check_anchor(subject: Subject, system: ConnectedSystem, name: str, object_type: ObjectTypeSchema) -> None:
    subject.use(system.name, name, object_type.anchor)
    for anchor in object_type.anchor:
        attribute = object_type.attributes[anchor]
        if attribute.is_multivalued or attribute.type not in _ANCHOR_TYPES:
            unfit = "multi-valued" if attribute.is_multivalued else attribute.type
            subject.error(
                f"the anchor {anchor!r} cannot be {unfit}",
                FileKind.SYSTEM, system.name, "objects", name, "attributes", anchor,
                remedy="choose attributes that hold one text, integer or guid that never changes",
            )  # fmt: skip
    if len(set(object_type.anchor)) != len(object_type.anchor):
        subject.error(
            "the anchor names an attribute twice",
            FileKind.SYSTEM, system.name, "objects", name, "anchor",
            remedy="name each attribute once",
        )  # fmt: skip


def _check_format(subject: Subject, system: ConnectedSystem, name: str, attribute: AttributeSchema) -> None:
    path: tuple[Step, ...] = ("objects", name, "attributes", attribute.name, "format")
    if attribute.format is None:
        return
    if attribute.type not in _DATES:
        subject.error(
            f"a format is for dates; {attribute.name!r} is {attribute.type}",
            FileKind.SYSTEM, system.name, *path,
            remedy="write `type: date` or `type: datetime`, or remove the format",
        )  # fmt: skip
    elif "%" not in attribute.format:
        subject.error(
            f"the format {attribute.format!r} has no % fields",
            FileKind.SYSTEM, system.name, *path,
            remedy='write it like "%d.%m.%Y" or "%Y-%m-%d %H:%M:%S"',
        )  # fmt: skip
