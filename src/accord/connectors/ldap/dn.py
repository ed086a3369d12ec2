"""Distinguished names (RFC 4514) and filter values (RFC 4515): pure text, no server.

Normal form: no space around separators, each special character escaped by a backslash, everything else as
it is; attribute types and values keep their case. Two names are the same when their `name_key` is equal.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Ava(NamedTuple):
    """One `type=value` of a relative name; `is_hex` marks a `#...` value that is kept as it is written."""

    type: str
    value: str
    is_hex: bool = False


Rdn = tuple[Ava, ...]

# What a name must not contain to be in normal form without looking closer.
NEEDS_NORMALISING = r'[\\";<>]|[,=+] | [,=+]|^ | $'
_NEEDS_NORMALISING = re.compile(NEEDS_NORMALISING)
_FIRST_RDN = re.compile(r"(?:[^\\,]|\\.)*", re.DOTALL)
_SPECIAL = re.compile(r'[\\,+"<>;]')
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_FILTER_SPECIAL = re.compile(r"[\\*()\x00]")


def normalise(dn: str) -> str:
    """Return the name in normal form; raise ValueError when it is not a distinguished name.

    What looks normal already is not parsed: this runs for each entry and reference.
    """
    if not _NEEDS_NORMALISING.search(dn) and "=" in dn:
        return dn
    return ",".join(_format_rdn(rdn) for rdn in parse(dn))


def normalise_or_keep(dn: str) -> str:
    """Return the name in normal form, the text itself when it is not a distinguished name."""
    try:
        return normalise(dn)
    except ValueError:
        return dn


def name_key(dn: str) -> str:
    """Return what equal names have in common: their normal form without case."""
    return normalise_or_keep(dn).casefold()


def parse(dn: str) -> tuple[Rdn, ...]:
    """Return the relative names, deepest first; raise ValueError when the text is not a distinguished name."""
    if not dn.strip():
        return ()
    rdns: list[Rdn] = []
    avas: list[Ava] = []
    position = 0
    while True:
        ava, position = _parse_ava(dn, position)
        avas.append(ava)
        separator = dn[position : position + 1]
        if separator != "+":
            rdns.append(tuple(avas))
            avas = []
        if not separator:
            return tuple(rdns)
        position += 1


def split(dn: str) -> tuple[str, str]:
    """Return the first relative name and the parent of a name in normal form; the parent may be empty."""
    end = dn.find(",")
    if "\\" in dn:
        match = _FIRST_RDN.match(dn)
        end = match.end() if match else end
    if end < 0:
        return dn, ""
    return dn[:end], dn[end + 1 :]


def ancestors(dn: str) -> Iterator[str]:
    """Yield parent, grandparent and so on of a name in normal form."""
    _, parent = split(dn)
    while parent:
        yield parent
        _, parent = split(parent)


def first_rdn(dn: str) -> Rdn:
    """Return the first relative name of a name in normal form."""
    rdn, _parent = split(dn)
    if "\\" in rdn or "+" in rdn or "=#" in rdn:
        return parse(rdn)[0]
    kind, _, value = rdn.partition("=")
    return (Ava(kind, value),)


def escape_value(text: str) -> str:
    """Return the text as the value of a relative name."""
    escaped = _SPECIAL.sub(lambda match: "\\" + match.group(), text).replace("\x00", "\\00")
    if escaped.startswith((" ", "#")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and len(text) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped


def escape_filter_value(text: str) -> str:
    """Return the text as an assertion value of a search filter."""
    return _FILTER_SPECIAL.sub(lambda match: f"\\{ord(match.group()):02x}", text)


def _format_rdn(rdn: Rdn) -> str:
    return "+".join(f"{ava.type}={ava.value if ava.is_hex else escape_value(ava.value)}" for ava in rdn)


def _parse_ava(dn: str, start: int) -> tuple[Ava, int]:
    equals = dn.find("=", start)
    kind = dn[start:equals].strip() if equals > 0 else ""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)*", kind):
        raise ValueError(f"not a distinguished name: {dn!r}")
    position = equals + 1
    while dn[position : position + 1] == " ":
        position += 1
    if dn[position : position + 1] == "#":
        end = _end_of_plain(dn, position)
        return Ava(kind, dn[position:end].rstrip(), is_hex=True), end
    if dn[position : position + 1] == '"':
        return _parse_quoted(dn, kind, position + 1)
    return _parse_escaped(dn, kind, position)


def _end_of_plain(dn: str, position: int) -> int:
    while position < len(dn) and dn[position] not in ",;+":
        position += 1
    return position


def _parse_quoted(dn: str, kind: str, position: int) -> tuple[Ava, int]:
    value = bytearray()
    while position < len(dn) and dn[position] != '"':
        position = _take(dn, position, value)
    end = _end_of_plain(dn, position + 1)
    if position >= len(dn) or dn[position + 1 : end].strip():
        raise ValueError(f"not a distinguished name: {dn!r}")
    return Ava(kind, value.decode()), end


def _parse_escaped(dn: str, kind: str, position: int) -> tuple[Ava, int]:
    value = bytearray()
    kept = 0
    while position < len(dn) and dn[position] not in ",;+":
        is_blank = dn[position] == " "
        position = _take(dn, position, value)
        if not is_blank:
            kept = len(value)
    # Spaces before a separator are not part of the value unless they are escaped.
    return Ava(kind, bytes(value[:kept]).decode()), position


def _take(dn: str, position: int, value: bytearray) -> int:
    if dn[position] != "\\":
        value += dn[position].encode()
        return position + 1
    pair = dn[position + 1 : position + 3]
    if _HEX_PAIR.fullmatch(pair):
        value.append(int(pair, 16))
        return position + 3
    if not pair:
        raise ValueError(f"not a distinguished name: {dn!r}")
    value += pair[0].encode()
    return position + 2
