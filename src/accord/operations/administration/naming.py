"""By which numbers things are known outside: what has one, and how numbers become GUIDs and come back."""

import json
from collections.abc import Iterator, Mapping
from uuid import UUID

from accord.config.conditions import GroupPart
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
    for name, schedule in read.schedules.items():
        keys += [("schedule", name), *(("step", path(name, n)) for n in range(len(schedule.steps)))]
    for name, identity_type in read.types.items():
        keys += [("type", name), *(("type_attribute", attribute) for attribute in identity_type.attributes)]
    return keys


def _fixed(kind_of: KindOf) -> Iterator[Key]:
    for kind in KINDS:
        yield "connector", kind
        try:
            settings = kind_of(kind).settings
        except ConfigError:
            # Its library is not installed.
            continue
        for name in settings.model_fields:
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
    if isinstance(rule.scope, GroupPart):
        yield from _of_group(name, rule.scope, ())


def _of_group(rule: str, group: GroupPart, at: tuple[int, ...]) -> Iterator[Key]:
    yield "group", path(rule, *at)
    for position, member in enumerate(group.members()[1]):
        if isinstance(member, GroupPart):
            yield from _of_group(rule, member, (*at, position))
        else:
            yield "criterion", path(rule, *at, position)
