"""What systems and the metaverse can hold: value types, attributes, object types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ValueType(StrEnum):
    """The type of one value. Between modules a value travels as its canonical text (see `CANONICAL_TEXT`)."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    BINARY = "binary"
    GUID = "guid"
    REFERENCE = "reference"


CANONICAL_TEXT: Mapping[ValueType, str] = {
    ValueType.TEXT: "the characters themselves, never empty",
    ValueType.INTEGER: "decimal digits with an optional minus sign, 64 bit",
    ValueType.DECIMAL: "decimal digits with an optional point, at most 28 digits before and 10 after it",
    ValueType.BOOLEAN: "true or false",
    ValueType.DATE: "YYYY-MM-DD",
    ValueType.DATETIME: "YYYY-MM-DDTHH:MM:SS[.ffffff]Z, always UTC",
    ValueType.BINARY: "base64 with padding",
    ValueType.GUID: "lower case, with hyphens",
    ValueType.REFERENCE: "the dn of the object referred to where its system has dns, else its anchor",
}


class Writability(StrEnum):
    """When an attribute of a connected system may be written."""

    READ_WRITE = "read_write"
    READ_ONLY = "read_only"
    CREATE_ONLY = "create_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSchema:
    """One attribute of an object type.

    `format` is a strptime pattern for dates and datetimes that do not come as ISO 8601, used on import only.
    """

    name: str
    type: ValueType = ValueType.TEXT
    is_multivalued: bool = False
    is_case_sensitive: bool = True
    writability: Writability = Writability.READ_WRITE
    is_required: bool = False
    format: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTypeSchema:
    """One object type of a connected system.

    `anchor` names the attributes whose values identify an object for ever (joined by `|` when several).
    `has_dn` says that objects have a distinguished name besides the anchor, by which they refer to each other.
    """

    name: str
    anchor: tuple[str, ...]
    attributes: Mapping[str, AttributeSchema] = field(default_factory=dict)
    has_dn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSchema:
    """What discovery found in a connected system: object types by name."""

    object_types: Mapping[str, ObjectTypeSchema]
