"""When something of the configuration was made and changed last."""

from accord.config.places import FileKind
from accord.operations.administration.desk import Desk, file_of


def made_at(desk: Desk, kind: FileKind, name: str) -> str:
    """Return when a document was made."""
    return desk.times.get(file_of(kind, name), ("", ""))[0]


def changed_at(desk: Desk, kind: FileKind, name: str) -> str | None:
    """Return when a document was changed last."""
    return desk.times.get(file_of(kind, name), ("", ""))[1] or None
