"""What content synchronisation (RFC 4533) carries in its controls and messages, to and from bytes. Pure."""

import uuid
from collections.abc import Mapping

from accord.connectors.ldap.ber import element, elements
from accord.connectors.ldap.client import Entry, SyncPart

SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
_SYNC_STATE = "1.3.6.1.4.1.4203.1.9.1.2"
_SYNC_DONE = "1.3.6.1.4.1.4203.1.9.1.3"

_BOOLEAN = 0x01
_OCTETS = 0x04
_ENUMERATED = 0x0A
_SEQUENCE = 0x30
_SET = 0x31
_REFRESH_ONLY = b"\x01"
_PRESENT = 0
_DELETE = 3
# Of an information message: what it is, by tag.
_NEW_COOKIE = 0x80
_REFRESH_PRESENT = 0xA2
_ID_SET = 0xA3


def request_value(cookie: str | None) -> bytes:
    """Return the value of a control that asks for what changed since the cookie, once."""
    given = b"" if cookie is None else element(_OCTETS, cookie.encode())
    return element(_SEQUENCE, element(_ENUMERATED, _REFRESH_ONLY) + given)


def entry_part(entry: Entry, controls: Mapping[str, bytes]) -> SyncPart:
    """Return one entry by its state: changed, there as before, or gone."""
    ((_, content),) = elements(controls[_SYNC_STATE])
    (_, state), (_, name), *rest = elements(content)
    cookie = _cookie(rest)
    match state[-1]:
        case int(value) if value == _DELETE:
            return SyncPart(removed=(_uuid(name),), cookie=cookie)
        case int(value) if value == _PRESENT:
            return SyncPart(names_present=True, cookie=cookie)
        case _:
            return SyncPart(entries=((_uuid(name), entry),), cookie=cookie)


def info_part(value: bytes) -> SyncPart:
    """Return what a message between the entries says: names of what is gone, or that the present is listed."""
    ((tag, content),) = elements(value)
    if tag == _NEW_COOKIE:
        return SyncPart(cookie=content.decode())
    parts = elements(content)
    cookie = _cookie(parts)
    if tag != _ID_SET:
        return SyncPart(names_present=tag == _REFRESH_PRESENT, cookie=cookie)
    if not _is_deletes(parts):
        return SyncPart(names_present=True, cookie=cookie)
    gone = tuple(_uuid(name) for part, names in parts if part == _SET for _, name in elements(names))
    return SyncPart(removed=gone, cookie=cookie)


def done_part(controls: Mapping[str, bytes]) -> SyncPart:
    """Return the end of a synchronisation: the new cookie."""
    value = controls.get(_SYNC_DONE)
    if value is None:
        return SyncPart()
    ((_, content),) = elements(value)
    parts = elements(content)
    return SyncPart(names_present=not _is_deletes(parts), cookie=_cookie(parts))


def _cookie(parts: list[tuple[int, bytes]]) -> str | None:
    return next((value.decode() for tag, value in parts if tag == _OCTETS), None)


def _is_deletes(parts: list[tuple[int, bytes]]) -> bool:
    return any(value != b"\x00" for tag, value in parts if tag == _BOOLEAN)


def _uuid(value: bytes) -> str:
    return str(uuid.UUID(bytes=value))
