"""What a job makes of accounts that left, beyond disabling them: a stamp, another container, no more groups. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.datasync.body import JobBody
from accord.model.schema import AttributeSchema, ObjectTypeSchema

CONTROL = "userAccountControl"
DISABLED = "514"
STAMPED = "description"
GROUPS = "memberOf"
"""What an account says of the groups it is in. It is written to the groups."""

_MEMBERS = "member"
GROUP_TYPE = "group of an account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What a job does with accounts it disables; empty texts for nothing."""

    container: str = ""
    stamp: str = ""
    strips_groups: bool = False

    @property
    def writes_alike(self) -> bool:
        """Tell whether what is sent to accounts is what the directory takes, as it is."""
        return not (self.container or self.strips_groups)


def leaving_of(body: JobBody) -> Leaving:
    """Return the settings Deprovisioning.Container, Deprovisioning.Stamp and Deprovisioning.StripGroups of a job."""
    if not any(option.is_deprovisioning for option in body.objects):
        return Leaving()
    settings = body.settings
    return Leaving(
        container=settings.get("Deprovisioning.Container"),
        stamp=settings.get("Deprovisioning.Stamp"),
        strips_groups=settings.flag("Deprovisioning.StripGroups"),
    )


def attributes_of(leaving: Leaving) -> dict[str, AttributeSchema]:
    """Return what is read and written of accounts for their leaving."""
    found = {}
    if leaving.stamp:
        found[STAMPED] = AttributeSchema(name=STAMPED)
    if leaving.strips_groups:
        # Names of other objects travel as texts here.
        found[GROUPS] = AttributeSchema(name=GROUPS, is_multivalued=True, is_case_sensitive=False)
    return found


def group_schema() -> ObjectTypeSchema:
    """Return what is written of groups."""
    members = AttributeSchema(name=_MEMBERS, is_multivalued=True)
    return ObjectTypeSchema(name=GROUP_TYPE, anchor=("objectGUID",), has_dn=True, attributes={_MEMBERS: members})


def is_disabling(operation: ExportOperation) -> bool:
    """Tell whether an operation disables an account."""
    return operation.operation in (Operation.UPDATE, Operation.RENAME) and any(
        change.name == CONTROL and change.after == (DISABLED,) for change in operation.changes
    )


def without_groups(operation: ExportOperation) -> ExportOperation:
    """Return the operation without what is written to groups instead."""
    return replace(operation, changes=tuple(c for c in operation.changes if c.name != GROUPS))


def in_place(operation: ExportOperation) -> ExportOperation:
    """Return the operation without its move."""
    return replace(operation, operation=Operation.UPDATE, new_dn=None)


def is_moved_later(operation: ExportOperation) -> bool:
    """Tell whether an account is disabled and moved: a move that is refused must not keep it enabled."""
    return operation.operation is Operation.RENAME and is_disabling(operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """One group, and by the account's row the members that leave it or come into it."""

    dn: str
    members: Mapping[int, str]

    def operation(self, row: int, *, adds: bool) -> ExportOperation:
        """Return what is sent to the group."""
        names = tuple(self.members.values())
        change = AttributeChange(name=_MEMBERS, added=names if adds else (), removed=() if adds else names, after=None)
        return ExportOperation(
            row=row, operation=Operation.UPDATE, object_type=GROUP_TYPE, anchor=None, dn=self.dn, changes=(change,)
        )


def groups_left(operations: Sequence[ExportOperation]) -> list[GroupChange]:
    """Return the groups that accounts leave, by the names accounts have before."""
    return _by_group((o.row, o.dn or "", c.removed) for o in operations for c in _changes(o))


def groups_joined(operations: Sequence[ExportOperation]) -> list[GroupChange]:
    """Return the groups that accounts come into, by the names accounts have afterwards."""
    return _by_group((o.row, o.new_dn or o.dn or "", c.added) for o in operations for c in _changes(o))


def _changes(operation: ExportOperation) -> Iterator[AttributeChange]:
    return (change for change in operation.changes if change.name == GROUPS)


def _by_group(parts: Iterator[tuple[int, str, tuple[str, ...]]]) -> list[GroupChange]:
    found: dict[str, dict[int, str]] = {}
    for row, name, groups in parts:
        for group in groups:
            found.setdefault(group, {})[row] = name
    return [GroupChange(dn=group, members=members) for group, members in found.items()]
