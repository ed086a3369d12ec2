"""Which document something asked for by its number is kept in."""

from enum import StrEnum

from accord.config.places import FileKind
from accord.model.errors import NotFound
from accord.operations.administration.desk import Desk
from accord.operations.administration.naming import number_in


class Owner(StrEnum):
    """What has a history of changes."""

    SYSTEM = "connected system"
    RULE = "synchronisation rule"
    TYPE = "metaverse object type"
    SCHEDULE = "schedule"


_KINDS = {
    Owner.SYSTEM: ("system", FileKind.SYSTEM),
    Owner.RULE: ("rule", FileKind.RULE),
    Owner.TYPE: ("type", FileKind.TYPE),
    Owner.SCHEDULE: ("schedule", FileKind.SCHEDULE),
}


def owner_of(desk: Desk, owner: Owner, number: str) -> tuple[FileKind, str]:
    """Return kind and name of a document; raise NotFound when the number names nothing of that kind."""
    kind, file = _KINDS[owner]
    if owner is Owner.SCHEDULE:
        numbered = number_in("schedule", number, what=owner.value)
    elif number.isdecimal():
        numbered = int(number)
    else:
        raise NotFound(f"there is no {owner.value} {number}", remedy="list what there is")
    return file, desk.ids.steps(kind, numbered, what=owner.value)[0]
