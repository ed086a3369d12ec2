"""Exports as LDAP requests: pure, tested without a server.

A single-valued attribute is replaced, a multi-valued one gets the difference only, so that one changed member
of a large group is one value on the wire.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import assert_never

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.connectors.ldap.active_directory import name_problem
from accord.connectors.ldap.dn import Ava, first_rdn, name_key, normalise, split
from accord.connectors.ldap.values import PASSWORDS, PLAIN_TYPES, to_wire
from accord.model.errors import RowError
from accord.model.schema import AttributeSchema, ObjectTypeSchema

VALUES_PER_MODIFY = 1000
"""The most values one modify carries; Active Directory refuses more than a few thousand."""


class Kind(IntEnum):
    """What a modification does with its values (numbers as in RFC 4511)."""

    ADD = 0
    DELETE = 1
    REPLACE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Modification:
    """One change of one attribute."""

    kind: Kind
    name: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Make an entry."""

    dn: str
    attributes: tuple[tuple[str, tuple[bytes, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Modify:
    """Change an entry's attributes, all or none."""

    dn: str
    modifications: tuple[Modification, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Give an entry a new name; `new_superior` is None when it stays where it is."""

    dn: str
    new_rdn: str
    new_superior: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove an entry without children."""

    dn: str


Request = Add | Modify | Rename | Delete


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteTarget:
    """How objects of one type are written.

    `placeholder` is an attribute and the value that keeps it filled, for classes whose groups may not be empty.
    """

    schema: ObjectTypeSchema
    object_classes: tuple[str, ...]
    placeholder: tuple[str, str] | None = None
    is_active_directory: bool = False


def to_requests(operation: ExportOperation, target: WriteTarget) -> tuple[Request, ...] | RowError:
    """Return the requests that carry out one export, each depending on the one before, or why there are none."""
    try:
        return _build(operation, target)
    except ValueError as error:
        return _error(operation, "INVALID_VALUE", str(error))


def with_placeholder(request: Modify, target: WriteTarget) -> Modify | None:
    """Return the request that also fills what it would empty; None when that is not what is wrong with it."""
    if target.placeholder is None:
        return None
    name, value = target.placeholder
    if not any(m.kind is Kind.DELETE and m.name.lower() == name.lower() for m in request.modifications):
        return None
    keep = Modification(kind=Kind.ADD, name=name, values=(value.encode(),))
    return replace(request, modifications=(keep, *request.modifications))


def _build(operation: ExportOperation, target: WriteTarget) -> tuple[Request, ...] | RowError:
    if operation.dn is None:
        return _error(operation, "NO_DN", "the operation does not say which entry it is for")
    dn = normalise(operation.dn)
    if target.is_active_directory and operation.operation is not Operation.DELETE:
        problem = name_problem(normalise(operation.new_dn or dn), _account_names(operation), target.object_classes)
        if problem:
            return _error(operation, "INVALID_NAME", problem[1], problem[0])
    match operation.operation:
        case Operation.CREATE:
            return (_add(dn, operation.changes, target),)
        case Operation.UPDATE:
            return _naming_conflict(operation, dn, target) or _modifies(dn, operation.changes, target)
        case Operation.RENAME:
            return _rename(dn, operation, target)
        case Operation.DELETE:
            return (Delete(dn=dn),)
        case never:
            assert_never(never)


def _account_names(operation: ExportOperation) -> list[str]:
    names = [change for change in operation.changes if change.name.lower() == "samaccountname"]
    return [value for change in names for value in change.after or change.added]


def _add(dn: str, changes: Sequence[AttributeChange], target: WriteTarget) -> Add:
    attributes: dict[str, tuple[str, list[bytes]]] = {
        "objectclass": ("objectClass", [name.encode() for name in target.object_classes])
    }
    for change in changes:
        values = _wire_values(change, change.after or change.added, target)
        if not values:
            continue
        known = attributes.get(change.name.lower())
        if known is None:
            attributes[change.name.lower()] = (change.name, list(values))
        else:
            known[1].extend([value for value in values if value not in known[1]])
    for ava in first_rdn(dn):
        _fill_naming_attribute(attributes, ava, target)
    if target.placeholder is not None:
        name, value = target.placeholder
        attributes.setdefault(name.lower(), (name, [value.encode()]))
    return Add(dn=dn, attributes=tuple((name, tuple(values)) for name, values in attributes.values()))


def _fill_naming_attribute(attributes: dict[str, tuple[str, list[bytes]]], ava: Ava, target: WriteTarget) -> None:
    if ava.is_hex:
        return
    _name, present = attributes.setdefault(ava.type.lower(), (ava.type, []))
    is_there = any(value.decode(errors="replace").casefold() == ava.value.casefold() for value in present)
    if not is_there and (not present or _attribute(ava.type, target).is_multivalued):
        present.append(ava.value.encode())


def _rename(dn: str, operation: ExportOperation, target: WriteTarget) -> tuple[Request, ...] | RowError:
    if operation.new_dn is None:
        return _error(operation, "NO_DN", "the operation does not say the new name")
    new_dn = normalise(operation.new_dn)
    conflict = _naming_conflict(operation, new_dn, target)
    if conflict is not None:
        return conflict
    renaming: tuple[Request, ...] = ()
    if new_dn != dn:
        new_rdn, new_parent = split(new_dn)
        is_move = name_key(new_parent) != name_key(split(dn)[1])
        renaming = (Rename(dn=dn, new_rdn=new_rdn, new_superior=new_parent if is_move else None),)
    rest = [change for change in operation.changes if not _is_done_by_rename(change, dn, new_dn)]
    return renaming + _modifies(new_dn, rest, target)


def _is_done_by_rename(change: AttributeChange, dn: str, new_dn: str) -> bool:
    # Renaming puts the new name's values into the entry and takes the old name's values out.
    old, new = _naming_values(change.name, dn), _naming_values(change.name, new_dn)
    added = {value.casefold() for value in change.added}
    removed = {value.casefold() for value in change.removed}
    return bool(new) and added <= new and removed <= old


def _naming_conflict(operation: ExportOperation, dn: str, target: WriteTarget) -> RowError | None:
    for change in operation.changes:
        naming = _naming_values(change.name, dn)
        if naming and naming & _values_lost(change, naming, target):
            message = f"{change.name} is part of the name of the entry and cannot be taken out of it"
            return _error(operation, "NAMING_ATTRIBUTE", message, change.name)
    return None


def _values_lost(change: AttributeChange, naming: set[str], target: WriteTarget) -> set[str]:
    added = {value.casefold() for value in change.added}
    if _is_replaced(change, target):
        return naming - added - {value.casefold() for value in change.after or ()}
    return {value.casefold() for value in change.removed} - added


def _naming_values(name: str, dn: str) -> set[str]:
    return {ava.value.casefold() for ava in first_rdn(dn) if ava.type.lower() == name.lower()}


def _modifies(dn: str, changes: Iterable[AttributeChange], target: WriteTarget) -> tuple[Request, ...]:
    modifications = [m for change in changes for m in _modifications(change, target)]
    return tuple(Modify(dn=dn, modifications=tuple(batch)) for batch in _batches(modifications))


def _modifications(change: AttributeChange, target: WriteTarget) -> Iterator[Modification]:
    if _is_replaced(change, target):
        after = change.added if change.after is None else change.after
        values = _wire_values(change, after, target)
        if not values and target.placeholder and target.placeholder[0].lower() == change.name.lower():
            values = (target.placeholder[1].encode(),)
        yield Modification(kind=Kind.REPLACE, name=change.name, values=values)
        return
    for kind, texts in ((Kind.DELETE, change.removed), (Kind.ADD, change.added)):
        if texts:
            yield Modification(kind=kind, name=change.name, values=_wire_values(change, texts, target))


def _is_replaced(change: AttributeChange, target: WriteTarget) -> bool:
    if change.name.lower() in PASSWORDS or change.after == ():
        return True
    return not _attribute(change.name, target).is_multivalued


def _batches(modifications: Iterable[Modification]) -> Iterator[list[Modification]]:
    batch: list[Modification] = []
    room = VALUES_PER_MODIFY
    for part in (part for m in modifications for part in _parts(m)):
        if batch and len(part.values) > room:
            yield batch
            batch, room = [], VALUES_PER_MODIFY
        batch.append(part)
        room -= len(part.values)
    if batch:
        yield batch


def _parts(modification: Modification) -> Iterator[Modification]:
    values = modification.values
    if len(values) <= VALUES_PER_MODIFY:
        yield modification
        return
    kind = modification.kind
    for start in range(0, len(values), VALUES_PER_MODIFY):
        yield Modification(kind=kind, name=modification.name, values=values[start : start + VALUES_PER_MODIFY])
        # The first part replaces, the others join it.
        kind = Kind.ADD if kind is Kind.REPLACE else kind


def _wire_values(change: AttributeChange, texts: Iterable[str], target: WriteTarget) -> tuple[bytes, ...]:
    attribute = _attribute(change.name, target)
    try:
        if attribute.type in PLAIN_TYPES and attribute.name.lower() not in PASSWORDS:
            return tuple([text.encode() for text in texts])
        return tuple(to_wire(text, attribute, is_active_directory=target.is_active_directory) for text in texts)
    except ValueError as error:
        raise ValueError(f"{change.name}: {error}") from error


def _attribute(name: str, target: WriteTarget) -> AttributeSchema:
    found = target.schema.attributes.get(name)
    if found is None:
        same = (a for known, a in target.schema.attributes.items() if known.lower() == name.lower())
        found = next(same, AttributeSchema(name=name, is_multivalued=True))
    return found


def _error(operation: ExportOperation, code: str, message: str, attribute: str | None = None) -> RowError:
    remedy = "rename the object instead" if code == "NAMING_ATTRIBUTE" else "correct the value in the rule"
    return RowError(
        code=code,
        message=message,
        at=operation.dn or "",
        anchor=operation.anchor,
        object_type=operation.object_type,
        attribute=attribute,
        remedy=remedy,
    )
