"""Why a database refused: one set of causes for all databases, and what a read or an export makes of them."""

from dataclasses import dataclass
from enum import StrEnum

from accord.connectors.base import Operation
from accord.model.errors import SystemRefused, SystemUnavailable


class Cause(StrEnum):
    """Why a statement failed."""

    NOT_UNIQUE = "NOT_UNIQUE"
    REFERENCE_MISSING = "REFERENCE_MISSING"
    STILL_REFERENCED = "STILL_REFERENCED"
    VALUE_REQUIRED = "VALUE_REQUIRED"
    TOO_LONG = "TOO_LONG"
    BAD_VALUE = "BAD_VALUE"
    CHECK_FAILED = "CHECK_FAILED"
    READ_ONLY = "READ_ONLY"
    NO_PERMISSION = "NO_PERMISSION"
    SIGN_IN_REFUSED = "SIGN_IN_REFUSED"
    CERTIFICATE = "CERTIFICATE"
    MISSING = "MISSING"
    BUSY = "BUSY"
    CONNECTION_LOST = "CONNECTION_LOST"
    REFUSED = "REFUSED"


# A reference may be created by a later operation of the same run.
_RETRYABLE = frozenset({Cause.BUSY, Cause.CONNECTION_LOST, Cause.REFERENCE_MISSING})

_REMEDIES = {
    Cause.NO_PERMISSION: "grant the user the right it lacks",
    Cause.SIGN_IN_REFUSED: "check user, password and database in the settings, and the server's access rules",
    Cause.CERTIFICATE: (
        "name the authority that signed the server's certificate in `ca_file`, and use the host name it was made for"
    ),
    Cause.MISSING: "correct the name in the settings or the query",
    Cause.BUSY: "try again when the database is less busy",
    Cause.CONNECTION_LOST: "check that the server runs and can be reached, then try again",
}


# Neither driver has a code for these, only words: OpenSSL's, libpq's, the server's.
_CERTIFICATE_WORDS = (
    "certificate verify failed",
    "server certificate for",
    "does not support ssl",
    "but ssl was required",
    "ssl is required",
)


def is_about_certificate(message: str) -> bool:
    """Tell whether a connection failed because it could not be sealed to the right server."""
    lower = message.lower()
    return any(words in lower for words in _CERTIFICATE_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One refusal. `ends_transaction`: the database has undone everything since begin by itself."""

    cause: Cause
    message: str
    ends_transaction: bool = False

    @property
    def is_retryable(self) -> bool:
        """Tell whether time may heal it."""
        return self.cause in _RETRYABLE

    @property
    def is_lost(self) -> bool:
        """Tell whether the connection is gone."""
        return self.cause is Cause.CONNECTION_LOST

    def code(self, operation: Operation) -> str:
        """Return the outcome's code for an operation that failed so."""
        if self.cause is Cause.NOT_UNIQUE and operation is Operation.CREATE:
            return "ALREADY_EXISTS"
        if self.cause is Cause.REFERENCE_MISSING and operation is Operation.DELETE:
            return Cause.STILL_REFERENCED
        return self.cause

    def error(self, place: str) -> SystemRefused | SystemUnavailable:
        """Return the error for a connection test, discovery or read that failed so."""
        kind = SystemUnavailable if self.is_retryable else SystemRefused
        remedy = _REMEDIES.get(self.cause, "correct the settings or the query so that the database accepts it")
        return kind(self.message, place=place, remedy=remedy)
