"""Reads who holds what from text: one user a line (`USER: PERMISSION PERMISSION`), or one pair a line."""

import csv
from collections.abc import Iterable

from accord.governance.mining.assignments import Assignments, from_pairs, require_fitting
from accord.governance.mining.bits import bits_of
from accord.governance.mining.tabulating import LARGE_BYTES, tabulate
from accord.model.errors import UsageError

_SHOWN = 40
_REMEDY = "write `USER: PERMISSION PERMISSION ...` or `USER,PERMISSION`, one a line"


def read_content(content: bytes, *, place: str = "") -> Assignments:
    """Return the assignments of a file's content; raise UsageError with the line that cannot be read."""
    found = tabulate(content, heads=_HEADS) if len(content) >= LARGE_BYTES else None
    return found or parse_assignments(decoded(content, place), place=place)


def decoded(content: bytes, place: str) -> str:
    """Return the content as text; raise UsageError where it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"it is no text in UTF-8: {error}", place=place) from error


def parse_assignments(text: str, *, place: str = "") -> Assignments:
    """Return the assignments of a text; raise UsageError with the line that cannot be read, or when it holds none.

    A user met twice holds what both lines say.
    """
    lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not lines:
        raise UsageError("there are no assignments in it", place=place, remedy=_REMEDY)
    is_by_user = ":" in lines[0][1] and "," not in lines[0][1].partition(":")[0]
    found = _by_user(lines, place) if is_by_user else from_pairs(_pairs(lines, place))
    if not found.permissions:
        raise UsageError("nobody holds anything in it", place=place, remedy=_REMEDY)
    return found


def _by_user(lines: list[tuple[int, str]], place: str) -> Assignments:
    permissions: dict[str, int] = {}
    users: dict[str, int] = {}
    known: dict[str, int] = {}
    for at, line in lines:
        user, colon, held = line.partition(":")
        name = user.strip()
        if not colon or not name:
            raise _unreadable(at, line, place)
        if held not in known:
            known[held] = bits_of([permissions.setdefault(p, len(permissions)) for p in held.split()])
        users[name] = users.get(name, 0) | known[held]
        require_fitting(len(users), len(permissions), place=place)
    return Assignments(users=tuple(users), permissions=tuple(permissions), rows=tuple(users.values()))


def _pairs(lines: list[tuple[int, str]], place: str) -> Iterable[tuple[str, str]]:
    first = lines[0][1]
    separator = next((s for s in ("\t", ";", ",") if s in first), None)
    texts = [line for _, line in lines]
    cells = csv.reader(texts, delimiter=separator, skipinitialspace=True) if separator else (t.split() for t in texts)
    for (at, line), row in zip(lines, cells, strict=False):
        pair = [cell.strip() for cell in row]
        if len(pair) != 2 or not all(pair):
            raise _unreadable(at, line, place)
        if at == lines[0][0] and (pair[0].lower(), pair[1].lower()) in _HEADS:
            continue
        yield pair[0], pair[1]


_HEADS = tuple((user, held) for user in ("user", "owner", "account") for held in ("permission", "entitlement", "group"))


def _unreadable(at: int, line: str, place: str) -> UsageError:
    return UsageError(f"line {at} is no assignment: {line[:_SHOWN]!r}", place=place, remedy=_REMEDY)
