"""What changed between two configurations, field by field. Pure: rules in, differences out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from accord.config.documents import Document, documents_of
from accord.config.places import FileKind
from accord.model.rules import RuleSet


class ChangeKind(StrEnum):
    """What became of a declared thing, or of one field of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs; `field` is its path in the file, as `objects.person.anchor`.

    `before` is None when the field was not given, `after` None when it is given no more: then the default holds.
    """

    field: tuple[str, ...]
    kind: ChangeKind
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChange:
    """One system, type, rule or lookup that was added, removed or changed. `fields` only when it changed."""

    of: FileKind
    name: str
    kind: ChangeKind
    fields: tuple[FieldChange, ...] = ()


def diff(before: RuleSet, after: RuleSet) -> tuple[ConfigChange, ...]:
    """Return what changed, in the order: systems, types, rules, lookups, each by name; empty when nothing did.

    The order of keys and where things stand do not count. Lists are compared as a whole.
    """
    old, new = documents_of(before), documents_of(after)
    order = list(FileKind)
    changes: list[ConfigChange] = []
    for key in sorted(old.keys() | new.keys(), key=lambda k: (order.index(k[0]), k[1])):
        kind, name = key
        if key not in old:
            changes.append(ConfigChange(of=kind, name=name, kind=ChangeKind.ADDED))
        elif key not in new:
            changes.append(ConfigChange(of=kind, name=name, kind=ChangeKind.REMOVED))
        elif fields := tuple(_field_changes(old[key], new[key], ())):
            changes.append(ConfigChange(of=kind, name=name, kind=ChangeKind.CHANGED, fields=fields))
    return tuple(changes)


def document_changes(old: Document, new: Document) -> tuple[FieldChange, ...]:
    """Return which fields differ between two forms of one document."""
    return tuple(_field_changes(old, new, ()))


def _field_changes(old: Document, new: Document, path: tuple[str, ...]) -> Iterator[FieldChange]:
    for key in sorted(old.keys() | new.keys(), key=str):
        here = (*path, str(key))
        if key not in old:
            yield FieldChange(field=here, kind=ChangeKind.ADDED, after=new[key])
        elif key not in new:
            yield FieldChange(field=here, kind=ChangeKind.REMOVED, before=old[key])
        else:
            before, after = old[key], new[key]
            if isinstance(before, dict) and isinstance(after, dict):
                yield from _field_changes(before, after, here)
            elif before != after:
                yield FieldChange(field=here, kind=ChangeKind.CHANGED, before=before, after=after)
