"""Which columns an expression may use: the attributes of an object type or of an identity type, typed."""

from collections.abc import Iterable, Mapping

from accord.engine.expressions import Column
from accord.model.rules import IdentityType
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType

ANCHOR_COLUMN = "anchor"
DN_COLUMN = "dn"


def object_columns(schema: ObjectTypeSchema) -> Mapping[str, Column]:
    """Return the columns of a connected-system object: its attributes, and `anchor` and `dn` unless so named.

    References are no columns: they are edges, and flow by their bare name.
    """
    columns = {ANCHOR_COLUMN: Column(type=ValueType.TEXT, is_multivalued=False)}
    if schema.has_dn:
        columns[DN_COLUMN] = Column(type=ValueType.TEXT, is_multivalued=False, is_case_sensitive=False)
    return columns | _columns(schema.attributes.values())


def identity_columns(identity_type: IdentityType) -> Mapping[str, Column]:
    """Return the columns of an identity: its attributes but for references."""
    return _columns(a.schema for a in identity_type.attributes.values())


def _columns(attributes: Iterable[AttributeSchema]) -> dict[str, Column]:
    return {
        a.name: Column(type=a.type, is_multivalued=a.is_multivalued, is_case_sensitive=a.is_case_sensitive)
        for a in attributes
        if a.type is not ValueType.REFERENCE
    }
