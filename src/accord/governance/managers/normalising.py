"""Brings what systems write about a person into one form: column by column, not row by row.

Texts by NFKC and without case; distinguished names by RFC 4514; employee numbers also without prefix and padding.
"""

import re
import unicodedata
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from accord.governance.managers.matchers import Matcher

_ESCAPED = re.compile(r'[\\"+#]')
_HEX = re.compile(rb"\\([0-9a-fA-F]{2})|\\(.)", re.DOTALL)


def normalise(values: pa.ChunkedArray, matcher: Matcher) -> pa.ChunkedArray:
    """Return the values in the form this matcher compares; null where a value cannot be of its kind."""
    match matcher:
        case Matcher.DN:
            return _dns(values)
        case Matcher.EMPLOYEE_LOOSE:
            return _numbers(values)
        case Matcher.MAIL:
            bare = pc.replace_substring_regex(_folded(values), r"^(mailto|smtp):\s*", "")
            return _where(pc.match_substring(bare, "@"), bare)
        case Matcher.ACCOUNT:
            return pc.replace_substring_regex(_folded(values), r"^[^\\]+\\", "")
        case Matcher.DISPLAY_NAME:
            return pc.replace_substring_regex(_folded(values), r"^([^,]+), ?([^,]+)$", r"\2 \1")
        case Matcher.EMPLOYEE | Matcher.SCIM | Matcher.POSITION:
            return _folded(values)


def normalise_dn(text: str) -> str | None:
    """Return a dn in one form (RFC 4514): attribute names and values without case, escapes where they must be."""
    parts = []
    for rdn in _split(text, ","):
        pairs = []
        for pair in _split(rdn, "+"):
            name, equals, value = pair.partition("=")
            if not equals or not name.strip():
                return None
            pairs.append(f"{_fold(name)}={_escape(_fold(_unescape(value.strip())))}")
        parts.append("+".join(sorted(pairs)))
    return ",".join(parts)


def _dns(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pc.any(pc.match_substring(values, "=")).as_py():
        return pa.chunked_array([pa.nulls(len(values), pa.string())])
    is_dn = pc.match_substring_regex(values, r"^\s*[\w.-]+\s*=")
    plain = pc.replace_substring_regex(_folded(values), r"\s*([,;=])\s*", r"\1")
    plain = pc.replace_substring(plain, ";", ",")
    needs_care = pc.and_(is_dn, pc.match_substring_regex(values, r'[\\"+#]'))
    result = _where(is_dn, plain)
    if not pc.any(needs_care).as_py():
        return result
    careful = [normalise_dn(v) if v and _ESCAPED.search(v) else None for v in values.to_pylist()]
    return pc.if_else(pc.fill_null(needs_care, False), pa.chunked_array([pa.array(careful, pa.string())]), result)


def _numbers(values: pa.ChunkedArray) -> pa.ChunkedArray:
    folded = _folded(values)
    is_number = pc.match_substring_regex(folded, r"^[a-z]{0,6}[-_ ./]?[0-9]*[1-9][0-9]*$")
    return _where(is_number, pc.replace_substring_regex(folded, r"^[a-z]{0,6}[-_ ./]?0*", ""))


def _folded(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts by NFKC, without case, with single blanks; null for nothing. Plain texts take the short way."""
    if pc.all(pc.string_is_ascii(values)).as_py() is not False:
        folded = pc.ascii_lower(values)
    else:
        lowered = pc.utf8_lower(pc.utf8_normalize(values, form="NFKC"))
        folded = pc.replace_substring(pc.replace_substring(lowered, "ß", "ss"), "\u03c2", "\u03c3")
    if any(pc.any(pc.match_substring(folded, blank)).as_py() for blank in ("  ", "\t", "\n", "\r")):
        folded = pc.replace_substring_regex(folded, r"\s+", " ")
    trimmed = pc.utf8_trim_whitespace(folded)
    return _where(pc.not_equal(trimmed, ""), trimmed)


def _where(condition: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.fill_null(condition, False), values, pa.scalar(None, pa.string()))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _split(text: str, separator: str) -> Iterator[str]:
    """Split at separators that are neither escaped nor quoted."""
    part, is_quoted, at = "", False, 0
    while at < len(text):
        sign = text[at]
        if sign == "\\" and at + 1 < len(text):
            part += text[at : at + 2]
            at += 2
            continue
        if sign == '"':
            is_quoted = not is_quoted
        elif sign == separator and not is_quoted:
            yield part
            part, at = "", at + 1
            continue
        part += sign
        at += 1
    yield part


def _unescape(value: str) -> str:
    bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    found = _HEX.sub(lambda m: bytes([int(m[1], 16)]) if m[1] else m[2], bare.encode())
    return found.decode("utf-8", errors="replace")


def _escape(value: str) -> str:
    return re.sub(r'([,+"\\<>;=#])', r"\\\1", value)
