"""What becomes of accounts that a job disables, beyond that: a stamp, another container, no more groups. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.connectors.base import AttributeChange, ExportOperation, Operation
from accord.datasync.body import JobBody

_ESCAPES = "\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What a job does with accounts it disables; empty texts for nothing."""

    container: str = ""
    stamp: str = ""
    strips_groups: bool = False

    @property
    def is_wanted(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.container or self.stamp or self.strips_groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """One account that was disabled, with the groups it is in."""

    dn: str
    groups: tuple[str, ...] = ()


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


def stamp_at(text: str, moment: datetime) -> str:
    """Return the stamp with the time in it."""
    for name, pattern in (("%NOW%", "%Y-%m-%d %H:%M:%S"), ("%DATE%", "%Y-%m-%d"), ("%TIME%", "%H:%M:%S")):
        at = text.upper().find(name)
        while at >= 0:
            text = text[:at] + moment.strftime(pattern) + text[at + len(name) :]
            at = text.upper().find(name)
    return text


def operations_of(leaving: Leaving, leavers: Sequence[Leaver], stamp: str) -> Iterator[ExportOperation]:
    """Yield what is sent for leavers: out of groups, stamped, then moved, one group at a time."""
    row = 0
    if leaving.strips_groups:
        for group, members in _by_group(leavers).items():
            change = AttributeChange(name="member", removed=members, after=None)
            yield ExportOperation(row=row, operation=Operation.UPDATE, object_type="group", anchor=None, dn=group,
                                  changes=(change,))  # fmt: skip
            row += 1
    for leaver in leavers:
        changes = (AttributeChange(name="description", added=(stamp,), after=(stamp,)),) if stamp else ()
        new_dn = f"{_name_in(leaver.dn)},{leaving.container}" if leaving.container else None
        if changes or new_dn:
            kind = Operation.RENAME if new_dn else Operation.UPDATE
            yield ExportOperation(row=row, operation=kind, object_type="user", anchor=None, dn=leaver.dn,
                                  new_dn=new_dn, changes=changes)  # fmt: skip
            row += 1


def _by_group(leavers: Iterable[Leaver]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for leaver in leavers:
        for group in leaver.groups:
            found[group] = (*found.get(group, ()), leaver.dn)
    return found


def _name_in(dn: str) -> str:
    """Return the first part of a name, up to the comma that is not escaped."""
    position = 0
    while position < len(dn) and dn[position] != ",":
        position += 2 if dn[position] == _ESCAPES else 1
    return dn[:position]
