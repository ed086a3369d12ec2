"""What role mining reads from files: who holds what, attributes, and results that are to be verified."""

import csv
import gzip
import json
import lzma
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.attributes import Index
from accord.governance.mining.parsing import decoded, read_content
from accord.governance.mining.proposals import role_of
from accord.governance.mining.roles import Certificate, Role, Witness
from accord.model.errors import NotFound, UsageError

__all__ = ["Assignments", "Index", "read_assignments", "read_attributes", "read_mined", "read_text"]

_LARGEST_BYTES = 1 << 30


def read_assignments(path: Path) -> Assignments:
    """Return who holds what, from a text file that may be packed by gzip or xz; raise NotFound or UsageError."""
    return read_content(_read(path), place=str(path))


def read_attributes(path: Path, assignments: Assignments) -> Index:
    """Return attributes from a CSV file whose first column names the user; raise NotFound or UsageError."""
    rows = list(csv.reader(read_text(path).splitlines()))
    if len(rows) < 2 or len(rows[0]) < 2:
        raise UsageError(
            "there are no attributes in it",
            place=str(path),
            remedy="write a head `user,department,...` and a line each",
        )
    wrong = next((at for at, row in enumerate(rows, start=1) if row and len(row) != len(rows[0])), None)
    if wrong is not None:
        raise UsageError(f"line {wrong} has not as many values as the head", place=str(path), remedy="correct the line")
    values = {row[0].strip(): row[1:] for row in rows[1:] if row}
    return Index(
        {
            name: [values[user][at].strip() or None if user in values else None for user in assignments.users]
            for at, name in enumerate(rows[0][1:])
        }
    )


def read_mined(path: Path, assignments: Assignments) -> tuple[tuple[Role, ...], Certificate]:
    """Return roles and certificate that `accord roles mine --json` wrote; raise UsageError where it is none."""
    try:
        content = json.loads(read_text(path))
        roles = tuple(_role(assignments, entry, str(path)) for entry in content["roles"])
        certificate = _certificate(assignments, content["certificate"], str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"this is no result of role mining with a certificate ({type(error).__name__}: {error})",
            place=str(path),
            remedy="write one with: accord roles mine FILE --objective roles --json > RESULT",
        ) from error
    return roles, certificate


def _role(assignments: Assignments, entry: dict[str, list[str]], place: str) -> Role:
    _require_known(entry["users"], assignments.users, place)
    _require_known(entry["permissions"], assignments.permissions, place)
    return role_of(assignments, entry["users"], entry["permissions"])


def _certificate(assignments: Assignments, entry: dict[str, Any], place: str) -> Certificate:
    users = {name: at for at, name in enumerate(assignments.users)}
    permissions = {name: at for at, name in enumerate(assignments.permissions)}
    witnesses = entry["witnesses"]
    _require_known([w["user"] for w in witnesses], users, place)
    _require_known([w["permission"] for w in witnesses], permissions, place)
    return Certificate(
        whole=int(entry["whole"]),
        witnesses=tuple(
            Witness(user=users[w["user"]], permission=permissions[w["permission"]], weight=int(w["weight"]))
            for w in witnesses
        ),
    )


def _require_known(names: Iterable[str], known: Iterable[str], place: str) -> None:
    unknown = set(names) - set(known)
    if unknown:
        raise UsageError(
            f"it names {min(unknown)!r}, which is not in the assignments", place=place, remedy="verify it on its file"
        )


def read_text(path: Path) -> str:
    """Return a text file that may be packed by gzip or xz; raise NotFound or UsageError."""
    return decoded(_read(path), str(path))


def _read(path: Path) -> bytes:
    try:
        with _opened(path) as file:
            content: bytes = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}", remedy="name a file of assignments") from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise UsageError(f"it cannot be read: {error}", place=str(path)) from error
    if len(content) > _LARGEST_BYTES:
        raise UsageError("it holds more than a gigabyte", place=str(path), remedy="mine one system at a time")
    return content


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb")
