"""Connected systems: whether they answer, and what they offer."""

from dataclasses import dataclass

from accord.config.documents import system_document
from accord.model.rules import ConnectedSystem
from accord.model.schema import AttributeSchema
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing a system says of itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """A system that answered, with what it said."""

    system: str
    connector: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredType:
    """One object type that a system offers."""

    name: str
    anchor: tuple[str, ...]
    has_dn: bool
    attributes: tuple[AttributeSchema, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a system offers. `declaration` is the same as it is written in `systems/NAME.yaml`."""

    system: str
    object_types: tuple[DiscoveredType, ...]
    declaration: object


def test_connection(context: Context, name: str) -> ConnectionTest:
    """Return what a system says of itself; raise SystemUnavailable or SystemRefused with a remedy."""
    declared = context.system(name)
    opened = context.open_system(name)
    try:
        report = opened.connector.test()
    finally:
        opened.connector.close()
    return ConnectionTest(
        system=name,
        connector=declared.connector,
        facts=tuple(Fact(name=fact, text=text) for fact, text in report.facts),
    )


def discover(context: Context, name: str) -> Discovery:
    """Return the object types and attributes a system offers."""
    declared = context.system(name)
    opened = context.open_system(name)
    try:
        schema = opened.connector.discover()
    finally:
        opened.connector.close()
    found = ConnectedSystem(name=name, connector=declared.connector, settings={}, object_types=schema.object_types)
    return Discovery(
        system=name,
        object_types=tuple(
            DiscoveredType(name=n, anchor=t.anchor, has_dn=t.has_dn, attributes=tuple(t.attributes.values()))
            for n, t in sorted(schema.object_types.items())
        ),
        declaration={"objects": system_document(found)["objects"]},
    )
