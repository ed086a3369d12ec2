"""By which numbers things are known outside: what has one, and how numbers become GUIDs and come back."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from accord.config.conditions import GroupPart, scope_document, scope_from
from accord.config.files import InboundRuleFile, OutboundRuleFile, SystemFile
from accord.config.kinds import KindOf
from accord.config.reading import FilesRead
from accord.connectors.registry import KINDS
from accord.model.errors import ConfigError, NotFound
from accord.runs.context import Context
from accord.store.public_ids import Key

SEPARATOR = "\t"
DN_ATTRIBUTE = "distinguishedName"
"""How the dn of an object is called among its attributes."""

COMPOSED_SETTINGS: Mapping[str, tuple[str, ...]] = {"ldap": ("Host", "Port", "Use Secure Connection (LDAPS)?")}
"""Settings that existing automation gives one by one, and that are one setting here."""

_GUID_TAGS = {
    "object": 0xACC0B000,
    "identity": 0xACC0B001,
    "pending": 0xACC0B002,
    "schedule": 0xACC0B003,
    "step": 0xACC0B004,
}


def path(*steps: str | int) -> str:
    """Return where something is, as one text."""
    return SEPARATOR.join(str(step) for step in steps)


class Ids:
    """The numbers of everything, both ways."""

    def __init__(self, numbers: Mapping[Key, int]) -> None:
        self._numbers = numbers
        self._keys = {number: key for key, number in numbers.items()}

    def of(self, kind: str, *steps: str | int) -> int:
        """Return the number of something that is there."""
        return self._numbers[kind, path(*steps)]

    def get(self, kind: str, *steps: str | int) -> int | None:
        """Return the number of something, None when it has none."""
        return self._numbers.get((kind, path(*steps)))

    def below(self, kind: str, *steps: str | int) -> list[int]:
        """Return the numbers of everything of a kind that is within something."""
        within = path(*steps) + SEPARATOR
        return [number for (of, at), number in self._numbers.items() if of == kind and at.startswith(within)]

    def steps(self, kind: str, number: int, *, what: str | None = None) -> tuple[str, ...]:
        """Return where the thing of that number is; raise NotFound when it is none of that kind."""
        key = self._keys.get(number)
        if key is None or key[0] != kind:
            raise NotFound(f"there is no {what or kind.replace('_', ' ')} {number}", remedy="list what there is")
        return tuple(key[1].split(SEPARATOR))


def guid(kind: str, number: int) -> str:
    """Return the GUID (RFC 9562, version 8) that stands for a number of ours."""
    return str(UUID(int=_GUID_TAGS[kind] << 96 | 0x8 << 76 | 0x8 << 60 | number))


def number_in(kind: str, text: str, *, what: str) -> int:
    """Return the number a GUID stands for; raise NotFound when it stands for none of that kind."""
    try:
        value = UUID(text).int
    except ValueError:
        value = 0
    number = value & (1 << 60) - 1
    if value == 0 or UUID(guid(kind, number)).int != value:
        raise NotFound(f"there is no {what} {text}", remedy="list what there is")
    return number


def wanted_ids(context: Context, read: FilesRead, kind_of: KindOf) -> list[Key]:
    """Return everything that has a number: what is declared, what was discovered, and what there always is."""
    keys = list(_fixed(kind_of))
    for name, system in read.systems.items():
        keys += _of_system(context, name, system)
    for name, rule in read.rules.items():
        keys += _of_rule(name, rule)
        tree = scope_tree(context, name, rule)
        keys += [] if tree is None else _of_group(name, tree, ())
    for name, schedule in read.schedules.items():
        keys += [("schedule", name), *(("step", path(name, n)) for n in range(len(schedule.steps)))]
    for name, identity_type in read.types.items():
        keys += [("type", name), *(("type_attribute", attribute) for attribute in identity_type.attributes)]
    return keys


def settle_ids(context: Context) -> None:
    """Give numbers to what has none yet: what there always is, and what another version brought."""
    if context.configured is not None:
        read = context.configured.of(context.store).configuration.files
        context.store.configurations.ids.settle(wanted_ids(context, read, context.configured.kind_of))


def _fixed(kind_of: KindOf) -> Iterator[Key]:
    for kind in KINDS:
        yield "connector", kind
        try:
            settings = kind_of(kind).settings
        except ConfigError:
            # Its library is not installed.
            continue
        for name in (*settings.model_fields, *COMPOSED_SETTINGS.get(kind, ())):
            yield "setting", path(kind, name)


def _of_system(context: Context, name: str, system: SystemFile) -> Iterator[Key]:
    yield "system", name
    for object_type, attributes in known_types(context, name, system).items():
        yield "object_type", path(name, object_type)
        for attribute in (*attributes, DN_ATTRIBUTE):
            yield "attribute", path(name, object_type, attribute)
    for object_type, part in system.objects.items():
        for position in range(len(part.match)):
            yield "match", path(name, object_type, position)
    for profile in system.profiles or ("Full Import", "Delta Import", "Full Synchronisation",
                                       "Delta Synchronisation", "Export"):  # fmt: skip
        yield "profile", path(name, profile)
    found = context.store.configurations.discovery(name, "hierarchy")
    for partition in json.loads(found) if found else ():
        yield "partition", path(name, partition["dn"])
        for container in partition["containers"]:
            yield "container", path(name, container["dn"])


def known_types(context: Context, name: str, system: SystemFile) -> dict[str, list[str]]:
    """Return the attributes of every object type, declared or discovered."""
    found = context.store.configurations.discovery(name, "schema")
    types: dict[str, list[str]] = {n: list(t["attributes"]) for n, t in (json.loads(found) if found else {}).items()}
    for object_type, part in system.objects.items():
        known = types.setdefault(object_type, [])
        known += [a for a in (*part.anchor, *part.attributes) if a not in known]
    return {n: list(dict.fromkeys(attributes)) for n, attributes in types.items()}


def _of_rule(name: str, rule: InboundRuleFile | OutboundRuleFile) -> Iterator[Key]:
    yield "rule", name
    for target in rule.flows:
        yield "mapping", path(name, "flows", target)
    if isinstance(rule, OutboundRuleFile):
        for key in ("dn", "anchor"):
            if getattr(rule, key) is not None:
                yield "mapping", path(name, key)
    for position in range(len(rule.join)):
        yield "rule_match", path(name, position)


Tree = dict[str, Any]
"""A group as it is written: one key (all, any, none) with its members; a condition is a mapping with an attribute."""


def sketch_key(rule: str) -> tuple[str, str]:
    """Return under which name the scope of a rule is kept as long as groups in it are empty."""
    return f"rule/{rule}", "scope"


def scope_tree(context: Context, name: str, rule: InboundRuleFile | OutboundRuleFile) -> Tree | None:
    """Return the groups of a rule's scope, with those that are empty still; None when it has none."""
    written = scope_document(scope_from(rule.scope)) if isinstance(rule.scope, GroupPart) else None
    found = context.store.configurations.discovery(*sketch_key(name))
    sketch = json.loads(found) if found else None
    if sketch is not None and without_empty(sketch) == written:
        return dict(sketch)
    return dict(written) if isinstance(written, dict) else None


def without_empty(tree: Tree) -> Tree | None:
    """Return the groups without those that say nothing."""
    members = members_of(tree)
    if members is None:
        return tree
    kept = [found for member in members if (found := without_empty(member)) is not None]
    return {next(iter(tree)): kept} if kept else None


def members_of(tree: Tree) -> list[Tree] | None:
    """Return the members of a group, None when it is a condition."""
    members = next((tree[kind] for kind in ("all", "any", "none") if kind in tree), None)
    return members if isinstance(members, list) else None


def _of_group(rule: str, tree: Tree, at: tuple[int, ...]) -> Iterator[Key]:
    members = members_of(tree)
    yield ("criterion" if members is None else "group"), path(rule, *at)
    for position, member in enumerate(members or ()):
        yield from _of_group(rule, member, (*at, position))
