"""How a manager may be referred to, in the order of trust, and what an owner can be found by."""

from collections.abc import Mapping
from enum import StrEnum


class Matcher(StrEnum):
    """One way to recognise the manager in what a system says."""

    DN = "dn"
    SCIM = "scim"
    EMPLOYEE = "employee"
    EMPLOYEE_LOOSE = "employee_loose"
    MAIL = "mail"
    ACCOUNT = "account"
    POSITION = "position"
    DISPLAY_NAME = "display_name"


DEFAULT_ORDER = tuple(Matcher)

CONFIDENCE: Mapping[Matcher, float] = {
    Matcher.DN: 1.0,
    Matcher.SCIM: 1.0,
    Matcher.EMPLOYEE: 1.0,
    Matcher.EMPLOYEE_LOOSE: 0.9,
    Matcher.MAIL: 0.95,
    Matcher.ACCOUNT: 0.9,
    Matcher.POSITION: 0.8,
    Matcher.DISPLAY_NAME: 0.6,
}
"""How much a match by each is worth, from 0 to 1."""
