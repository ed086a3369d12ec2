"""LDAP result codes as causes with a remedy; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SUCCESS = 0
NO_SUCH_OBJECT = 32
OBJECT_CLASS_VIOLATION = 65
OTHER = 80
LIMITS: Mapping[int, str] = {
    3: "time limit",
    4: "size limit",
    9: "partial results",
    11: "administrative limit",
}
"""Result codes by which a server says that a search ended early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a request failed: a stable code, what to do, and whether time may heal it."""

    code: str
    meaning: str
    remedy: str
    is_retryable: bool = False


def _cause(code: str, meaning: str, remedy: str) -> Cause:
    return Cause(code=code, meaning=meaning, remedy=remedy)


def _passing(code: str, meaning: str, remedy: str = "it is tried again later") -> Cause:
    return Cause(code=code, meaning=meaning, remedy=remedy, is_retryable=True)


CAUSES: Mapping[int, Cause] = {
    1: _passing("OPERATIONS_ERROR", "the server could not carry it out"),
    2: _cause("PROTOCOL_ERROR", "the server did not understand the request", "report this with the server's log"),
    3: _passing("TIME_LIMIT_EXCEEDED", "the server stopped at its time limit"),
    4: _passing("SIZE_LIMIT_EXCEEDED", "the server stopped at its size limit"),
    8: _cause("STRONG_AUTH_REQUIRED", "the server wants a protected connection",
             "use ldaps:// or start_tls: true"),
    10: _cause("REFERRAL", "another server holds this entry", "connect to the server that holds it"),
    11: _passing("ADMIN_LIMIT_EXCEEDED", "the server stopped at an administrative limit"),
    12: _cause("CONTROL_NOT_SUPPORTED", "the server lacks a needed control",
               "set `dialect` to what the server is"),
    13: _cause("TLS_REQUIRED", "the server wants encryption", "use ldaps:// or start_tls: true"),
    16: _cause("NO_SUCH_ATTRIBUTE", "the attribute or value to remove is not there",
               "import the system again: it was changed elsewhere"),
    17: _cause("UNDEFINED_ATTRIBUTE", "the directory does not know the attribute",
               "correct the attribute's name, or extend the directory's schema"),
    18: _cause("INAPPROPRIATE_MATCHING", "the attribute does not support this comparison",
               "give an equality rule in the directory's schema"),
    19: _cause("CONSTRAINT_VIOLATION", "a value breaks a rule of the directory",
               "correct the value: it must be unique, shorter, single or of the wanted strength"),
    20: _cause("VALUE_EXISTS", "the value is already there", "import the system again: it was changed elsewhere"),
    21: _cause("INVALID_SYNTAX", "a value is not of the attribute's syntax", "correct the value in the rule"),
    32: _cause("NOT_FOUND", "there is no such entry", "import the system again: it was changed elsewhere"),
    34: _cause("INVALID_DN_SYNTAX", "the name is not a valid distinguished name",
               "correct the rule that makes the dn"),
    48: _cause("INAPPROPRIATE_AUTH", "the kind of sign-in does not suit the entry", "use another account"),
    49: _cause("INVALID_CREDENTIALS", "name or password is wrong", "correct bind_dn and password"),
    50: _cause("INSUFFICIENT_ACCESS", "the account may not do this", "give the bind account the right to do it"),
    51: _passing("BUSY", "the server is busy"),
    52: _passing("UNAVAILABLE", "the server is shutting down or not ready"),
    53: _cause("UNWILLING_TO_PERFORM", "the server is not willing to do it",
               "see the server's message: often a password policy, a read-only copy or a protected entry"),
    54: _passing("LOOP_DETECT", "the server went round in circles"),
    64: _cause("NAMING_VIOLATION", "the name does not suit the entry or its place",
               "the dn must begin with an attribute that the entry has and its class allows"),
    65: _cause("OBJECT_CLASS_VIOLATION", "the entry would break its object classes",
               "flow every required attribute, and none that the classes do not allow"),
    66: _cause("NOT_ALLOWED_ON_NON_LEAF", "the entry has children", "delete or move the children first"),
    67: _cause("NAMING_ATTRIBUTE", "the attribute is part of the entry's name", "rename the object instead"),
    68: _cause("ALREADY_EXISTS", "there is an entry of that name already",
               "import and join the existing entry, or make another name"),
    69: _cause("OBJECT_CLASS_FIXED", "the object class of an entry cannot be changed so",
               "delete the entry and create it anew"),
    71: _cause("AFFECTS_MULTIPLE_SERVERS", "the move would cross servers or databases",
               "move within one database"),
    80: _passing("OTHER", "the server failed in a way of its own"),
}  # fmt: skip

_UNKNOWN = Cause(code="LDAP_ERROR", meaning="the server refused", remedy="see the server's message and log")

_ATTRIBUTE_PATTERNS = (
    re.compile(r"^(?:modify/\w+: )?([A-Za-z][\w-]*(?:;[\w-]+)*): "),
    re.compile(r"(?:requires )?attribute '([A-Za-z][\w-]*)'"),
    re.compile(r"\bAtt [0-9a-f]+ \(([A-Za-z][\w-]*)\)"),
    re.compile(r"\battribute ['\"]?([A-Za-z][\w-]*)['\"]? (?:on|of|in)\b"),
)


PARENT_MISSING = _passing(
    "PARENT_MISSING",
    "the entry it is to be placed under is not there",
    "create that entry first, or correct the dn",
)
"""Why an entry could not be placed; heals when the parent is made."""


def cause_of(code: int) -> Cause:
    """Return the cause behind a result code."""
    return CAUSES.get(code, _UNKNOWN)


def attribute_named(diagnostic: str, known: Iterable[str]) -> str | None:
    """Return the attribute that the server's message names, when it is one of those `known`."""
    names = {name.lower(): name for name in known}
    for pattern in _ATTRIBUTE_PATTERNS:
        for found in pattern.finditer(diagnostic):
            name = names.get(found.group(1).lower())
            if name is not None:
                return name
    return None


def describe(cause: Cause, diagnostic: str, known: Iterable[str]) -> str:
    """Return one sentence for a person: the attribute, what is wrong, what the server said, what to do."""
    attribute = attribute_named(diagnostic, known)
    said = diagnostic.strip().strip("\x00")
    head = f"{attribute}: {cause.meaning}" if attribute else cause.meaning
    return f"{head} ({said}); {cause.remedy}" if said else f"{head}; {cause.remedy}"
