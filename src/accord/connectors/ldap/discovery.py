"""The subschema as object types and attributes; pure."""

from collections.abc import Iterable, Mapping

from accord.connectors.ldap.client import AttributeDefinition, ClassDefinition, Dialect, Subschema
from accord.model.schema import AttributeSchema, ObjectTypeSchema, SystemSchema, ValueType, Writability

ANCHORS: Mapping[Dialect, str] = {
    Dialect.OPENLDAP: "entryUUID",
    Dialect.ACTIVE_DIRECTORY: "objectGUID",
}
"""The attribute that names an entry for ever, by dialect."""

_SYNTAX = "1.3.6.1.4.1.1466.115.121.1."
_TYPES: Mapping[str, ValueType] = {
    _SYNTAX + "7": ValueType.BOOLEAN,
    _SYNTAX + "12": ValueType.REFERENCE,
    _SYNTAX + "24": ValueType.DATETIME,
    _SYNTAX + "27": ValueType.INTEGER,
    # Active Directory's large integer.
    "1.2.840.113556.1.4.906": ValueType.INTEGER,
    _SYNTAX + "5": ValueType.BINARY,
    _SYNTAX + "8": ValueType.BINARY,
    _SYNTAX + "9": ValueType.BINARY,
    _SYNTAX + "10": ValueType.BINARY,
    _SYNTAX + "28": ValueType.BINARY,
    _SYNTAX + "40": ValueType.BINARY,
    "1.3.6.1.1.16.1": ValueType.GUID,
}
_TEXT_ALTHOUGH_OCTETS = frozenset({"userpassword", "unicodepwd"})
_SHOWN_OPERATIONAL = ("entryUUID", "createTimestamp", "modifyTimestamp", "memberOf")


def discovered(subschema: Subschema, dialect: Dialect, configured: Mapping[str, tuple[str, ...]]) -> SystemSchema:
    """Return the configured object types (name -> object classes) and every structural class by its own name."""
    types = {name: _object_type(name, classes, subschema, dialect) for name, classes in configured.items()}
    for definition in subschema.classes.values():
        name = definition.names[0]
        if definition.is_structural and name not in types:
            types[name] = _object_type(name, (name,), subschema, dialect)
    return SystemSchema(object_types=types)


def _object_type(name: str, classes: Iterable[str], subschema: Subschema, dialect: Dialect) -> ObjectTypeSchema:
    definitions = [d for d in (subschema.classes.get(c.lower()) for c in classes) if d is not None]
    must = {_canonical(a, subschema) for d in definitions for a in d.must} - {"objectClass"}
    names = dict.fromkeys([*sorted(must), *sorted(_allowed(definitions, subschema)), ANCHORS[dialect]])
    names.update(dict.fromkeys(n for n in _SHOWN_OPERATIONAL if n.lower() in subschema.attributes))
    attributes = {n: _attribute(n, subschema, dialect, is_required=n in must) for n in names}
    return ObjectTypeSchema(name=name, anchor=(ANCHORS[dialect],), attributes=attributes, has_dn=True)


def _allowed(definitions: Iterable[ClassDefinition], subschema: Subschema) -> set[str]:
    return {_canonical(a, subschema) for d in definitions for a in d.may}


def _canonical(name: str, subschema: Subschema) -> str:
    definition = subschema.attributes.get(name.lower())
    return definition.names[0] if definition else name


def _attribute(name: str, subschema: Subschema, dialect: Dialect, *, is_required: bool) -> AttributeSchema:
    definition = subschema.attributes.get(name.lower()) or AttributeDefinition(names=(name,), syntax="", equality="")
    is_anchor = name == ANCHORS[dialect]
    is_read_only = definition.is_read_only or is_anchor or name == "memberOf"
    return AttributeSchema(
        name=name,
        type=ValueType.GUID if is_anchor else _type(name, definition),
        is_multivalued=not (definition.is_single_valued or is_anchor),
        is_case_sensitive="ignore" not in definition.equality.lower(),
        writability=Writability.READ_ONLY if is_read_only else Writability.READ_WRITE,
        is_required=is_required,
        description=definition.description,
    )


def _type(name: str, definition: AttributeDefinition) -> ValueType:
    if name.lower() in _TEXT_ALTHOUGH_OCTETS:
        return ValueType.TEXT
    # A syntax may carry a length in braces.
    return _TYPES.get(definition.syntax.partition("{")[0], ValueType.TEXT)
