"""What `accord.testing.connector_suite` needs of a connector's author, and how it works through the connector."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from accord.connectors.base import (
    ANCHOR,
    AT,
    DN,
    AttributeChange,
    Capabilities,
    Connector,
    ConnectorKind,
    ExportOperation,
    ExportOutcome,
    Operation,
    ReadBatch,
    ReadScope,
    Settings,
)
from accord.model.schema import ObjectTypeSchema

NOT_FOUND = "NOT_FOUND"
"""The code of an outcome whose object is not there: update or delete of something already gone."""

ALREADY_EXISTS = "ALREADY_EXISTS"
"""The code of a create whose object is there already."""

Values = Mapping[str, tuple[str, ...]]
"""One object: attribute -> canonical texts, never empty; an attribute without values is absent."""

AWKWARD: Mapping[str, str] = {
    "leading_zeros": "00042",
    "quotes": 'Anna "Ann" O\'Neil',
    "comma": "Berg, Karl; Tom",
    "newline": "first line\nsecond line",
    "beyond_bmp": "Zoë 😀 𠮷",
    "formula": "=1+1",
    "number_like": "1e5",
    "boolean_like": "TRUE",
    "date_like": "1/2/2024",
    "null_like": "NULL",
    "backslash": "C:\\temp\\n",
    "inner_spaces": "two  spaces",
}
"""Texts that careless reading or writing damages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which attributes of the object type serve which test; None where the system has no such attribute.

    `text` and `other` are single-valued optional texts, `multi` an optional multi-valued text.
    """

    text: str
    other: str
    multi: str | None = None
    date: str | None = None
    reference: str | None = None


class SystemUnderTest(Protocol):
    """A private system made for one test, with ways in and out that are not the connector's."""

    @property
    def kind(self) -> ConnectorKind:
        """The kind under test."""

    @property
    def settings(self) -> Settings:
        """Valid settings for this system."""

    @property
    def missing_settings(self) -> Settings:
        """Valid settings that point to a system that is not there."""

    @property
    def object_type(self) -> ObjectTypeSchema:
        """The person-like type, with every attribute that the suite may read and write."""

    @property
    def roles(self) -> Roles:
        """Which attribute serves which test."""

    def seed(self, objects: Mapping[str, Values]) -> None:
        """Put objects into the empty system by their keys, adding whatever else the system requires."""

    def contents(self) -> Mapping[str, Values]:
        """Return every object by its key with its values of `object_type`'s attributes, as they are now."""

    def anchor_of(self, key: str) -> str | None:
        """Return the anchor of the object with that key; never None for an object that exists.

        On a system that assigns anchors: when there is no such object, a well-formed anchor that nothing has.
        """

    def dn_of(self, key: str) -> str | None:
        """Return the dn an object with that key has or would have; None on a system without dns."""

    def required(self, key: str) -> Values:
        """Return the values that a create must carry besides those under test."""

    def reference_to(self, key: str) -> str:
        """Return the canonical text that refers to the object with that key."""

    def close(self) -> None:
        """End what was started."""


@dataclass(slots=True)
class ObjectsRead:
    """What a read yielded, by anchor."""

    values: dict[str | None, dict[str, Any]] = field(default_factory=dict)
    at: dict[str | None, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def opened(system: SystemUnderTest) -> "closing[Connector]":
    """Open the connector for a with statement."""
    return closing(system.kind.open(system.settings))


def opened_missing(system: SystemUnderTest) -> Connector:
    """Open the connector on a system that is not there."""
    return system.kind.open(system.missing_settings)


def scope_of(system: SystemUnderTest, page_rows: int = 50_000) -> ReadScope:
    """Want every attribute of the object type."""
    return ReadScope(object_types={system.object_type.name: system.object_type}, page_rows=page_rows)


def narrowed(system: SystemUnderTest, names: Sequence[str]) -> ObjectTypeSchema:
    """Return the object type with these attributes only."""
    whole = system.object_type
    attributes = {name: whole.attributes[name] for name in names}
    return ObjectTypeSchema(name=whole.name, anchor=whole.anchor, attributes=attributes, has_dn=whole.has_dn)


def declared_columns(system: SystemUnderTest) -> dict[str, pa.DataType]:
    """Return names and types of the columns that a batch must have."""
    columns = {ANCHOR: pa.string(), AT: pa.string()}
    if system.object_type.has_dn:
        columns[DN] = pa.string()
    for name, attribute in system.object_type.attributes.items():
        columns[name] = pa.list_(pa.string()) if attribute.is_multivalued else pa.string()
    return columns


def read_batches(
    system: SystemUnderTest, *, page_rows: int = 50_000, scope: ReadScope | None = None
) -> list[ReadBatch]:
    """Read through the connector, everything unless a scope says less."""
    with opened(system) as connector:
        return list(connector.read(scope or scope_of(system, page_rows)))


def collected(batches: Sequence[ReadBatch]) -> ObjectsRead:
    """Return the objects of all batches by anchor."""
    objects = ObjectsRead()
    for batch in batches:
        objects.errors.extend(f"{error.at}: {error.message}" for error in batch.errors)
        for row in batch.rows.to_pylist():
            anchor = row.pop(ANCHOR)
            assert anchor not in objects.values, f"anchor {anchor!r} was read twice"
            objects.at[anchor] = row.pop(AT)
            objects.values[anchor] = row
    return objects


def read_objects(system: SystemUnderTest) -> ObjectsRead:
    """Read everything through the connector, without row errors."""
    objects = collected(read_batches(system))
    assert objects.errors == []
    return objects


def read_by_key(system: SystemUnderTest, keys: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Return what the connector reads in the form of `contents`, values sorted."""
    read = read_objects(system).values
    found: dict[str, dict[str, list[str]]] = {}
    for key in keys:
        row = read[system.anchor_of(key)]
        found[key] = {
            name: sorted(value) if isinstance(value, list) else [value]
            for name, value in row.items()
            if name != DN and value is not None
        }
    return found


def comparable_contents(system: SystemUnderTest) -> dict[str, dict[str, list[str]]]:
    """Return what the system holds, values in order."""
    return {key: in_order(values) for key, values in system.contents().items()}


def in_order(values: Values) -> dict[str, list[str]]:
    """Return the values of one object in order, as a read of several values has none."""
    return {name: sorted(texts) for name, texts in values.items() if texts}


def full_values(system: SystemUnderTest, key: str, refers_to: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return a value for every role the system has; the reference only when there is someone to refer to."""
    roles = system.roles
    values: dict[str, tuple[str, ...]] = {roles.text: (f"Text of {key}",), roles.other: ("Other",)}
    if roles.multi is not None:
        values[roles.multi] = ("one", "two", "three")
    if roles.date is not None:
        values[roles.date] = ("2024-02-29",)
    if roles.reference is not None and refers_to is not None:
        values[roles.reference] = (system.reference_to(refers_to),)
    return values


def change_of(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> AttributeChange:
    """Return the change from one set of values to another."""
    added = tuple(value for value in after if value not in before)
    removed = tuple(value for value in before if value not in after)
    return AttributeChange(name=name, added=added, removed=removed, after=after)


def creation(system: SystemUnderTest, row: int, key: str, values: Values) -> ExportOperation:
    """Create the object with that key, with these values and those required."""
    whole = {**system.required(key), **values}
    return ExportOperation(
        row=row,
        operation=Operation.CREATE,
        object_type=system.object_type.name,
        anchor=None if system.kind.capabilities.assigns_anchor else system.anchor_of(key),
        dn=system.dn_of(key),
        changes=tuple(change_of(name, (), after) for name, after in whole.items()),
    )


def update_of(system: SystemUnderTest, row: int, key: str, *changes: AttributeChange) -> ExportOperation:
    """Change the object with that key."""
    return ExportOperation(
        row=row,
        operation=Operation.UPDATE,
        object_type=system.object_type.name,
        anchor=system.anchor_of(key),
        dn=system.dn_of(key),
        changes=changes,
    )


def deletion(system: SystemUnderTest, row: int, key: str) -> ExportOperation:
    """Delete the object with that key."""
    return ExportOperation(
        row=row,
        operation=Operation.DELETE,
        object_type=system.object_type.name,
        anchor=system.anchor_of(key),
        dn=system.dn_of(key),
    )


def written(system: SystemUnderTest, operations: Sequence[ExportOperation]) -> dict[int, ExportOutcome]:
    """Write through the connector; return the outcomes by row, exactly one each."""
    with opened(system) as connector:
        outcomes = list(connector.write(operations, scope_of(system)))
    by_row = {outcome.row: outcome for outcome in outcomes}
    assert len(by_row) == len(outcomes) == len(operations)
    return by_row


def undeclared_operations(capabilities: Capabilities) -> list[Operation]:
    """Return the operations that a kind does not claim."""
    if not capabilities.can_write:
        return list(Operation)
    declared = {Operation.RENAME: capabilities.can_rename, Operation.DELETE: capabilities.can_delete}
    return [operation for operation, is_declared in declared.items() if not is_declared]
