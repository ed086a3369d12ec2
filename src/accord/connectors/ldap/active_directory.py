"""What Active Directory wants beyond LDAP: the form of names, and what the numbers in its messages mean. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from accord.connectors.ldap.dn import first_rdn
from accord.connectors.ldap.results import CAUSES, PARENT_MISSING, Cause

MOST_OF_USER_NAME = 20
MOST_OF_GROUP_NAME = 256
MOST_OF_COMMON_NAME = 64

_FORBIDDEN = frozenset('"/\\[]:;|=,+*?<>@')
_NUMBER = re.compile(r"^([0-9A-Fa-f]{8}):")


def _cause(code: str, meaning: str, remedy: str) -> Cause:
    return Cause(code=code, meaning=meaning, remedy=remedy)


_NAME_IN_USE = _cause(
    "NAME_IN_USE",
    "another object of the domain has this account name already",
    "let the rule make another name, or join the account that has it",
)
_PASSWORD_POLICY = _cause(
    "PASSWORD_POLICY",
    "the password does not satisfy the domain's policy",
    "choose a longer password of at least three kinds of characters, not holding the name",
)
_BY_NUMBER: Mapping[str, Cause] = {
    "0000052D": _PASSWORD_POLICY,
    "00000524": _NAME_IN_USE,
    "0000001F": _cause("TLS_REQUIRED", "passwords are only taken encrypted", "use ldaps:// or start_tls: true"),
    "000020B5": _cause(
        "REFERENCE_MISSING", "an object it refers to is not there", "correct the reference, or create that object first"
    ),
    "0000202B": _cause(
        "REFERRAL", "another domain controller holds this part, or this one is read-only",
        "connect to a writable controller of the domain that holds it",
    ),
    "0000200A": CAUSES[17],
    "000021C7": _NAME_IN_USE,
    "000021C8": _NAME_IN_USE,
}  # fmt: skip
_BY_WORDS: tuple[tuple[re.Pattern[str], Cause], ...] = (
    (re.compile(r"already in use", re.IGNORECASE), _NAME_IN_USE),
    (re.compile(r"check_password_restrictions", re.IGNORECASE), _PASSWORD_POLICY),
    (re.compile(r"parent does not exist", re.IGNORECASE), PARENT_MISSING),
)


def cause_named(diagnostic: str) -> Cause | None:
    """Return the cause that the server's message names, None when it only says what its result code says."""
    found = _NUMBER.match(diagnostic)
    by_number = _BY_NUMBER.get(found.group(1).upper()) if found else None
    return by_number or next((cause for words, cause in _BY_WORDS if words.search(diagnostic)), None)


def name_problem(dn: str, account_names: Sequence[str], object_classes: Iterable[str]) -> tuple[str, str] | None:
    """Return the attribute and what is wrong with the names of an object to be written, None when nothing is."""
    for ava in first_rdn(dn):
        if ava.type.lower() == "cn" and len(ava.value) > MOST_OF_COMMON_NAME:
            return "cn", f"the name has {len(ava.value)} characters, and the domain allows {MOST_OF_COMMON_NAME}"
    is_user = "user" in {name.lower() for name in object_classes}
    most = MOST_OF_USER_NAME if is_user else MOST_OF_GROUP_NAME
    for name in account_names:
        problem = _account_name_problem(name, most)
        if problem:
            return "sAMAccountName", problem
    return None


def _account_name_problem(name: str, most: int) -> str | None:
    if len(name) > most:
        return f"the account name has {len(name)} characters, and the domain allows {most}"
    forbidden = sorted(_FORBIDDEN & set(name))
    if forbidden:
        return f"the account name holds {' '.join(forbidden)}, which the domain does not allow"
    if name.endswith(".") or not name.strip(" ."):
        return "the account name is blank or ends with a dot, which the domain does not allow"
    return None
