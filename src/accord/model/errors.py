"""Every error Accord raises on purpose, by who must act.

AccordError
├── ConfigError              the administrator: the configuration is wrong (file, line, remedy)
│   ├── ExpressionError      an expression in it is wrong (column, caret)
│   └── ConfigErrors         everything that is wrong with it, reported together
├── UsageError               the caller: the request cannot be carried out as asked
│   ├── NotFound
│   ├── Invalid              field by field, what is wrong with the request
│   ├── Conflict             it contradicts what is there now
│   ├── DataFolderBusy
│   └── SystemBusy
├── AccessError              the caller: who they are, or what they may do
│   ├── NotSignedIn
│   ├── Forbidden
│   └── TooManyRequests      wait, then ask again
├── Held                     the operator: a guard stopped the run before the first write
├── Cancelled                nobody: somebody wanted it to stop
├── PlanStale                the operator: what the plan was computed from has changed since
├── SystemUnavailable        time: the connected system did not answer; try again
│   ├── IncompleteRead       it answered, but not with everything it holds
│   └── WatermarkLost        it no longer knows what changed since then; a full import is needed
├── SystemRefused            the system's owner: credentials, certificate, permission, missing file or sheet
└── ContractBroken           the connector's author: a connector broke its contract

A row that cannot be handled is not an exception but a `RowError`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


class AccordError(Exception):
    """Something went wrong that a person can act on; `code` is stable, `remedy` says what to do."""

    code = "ERROR"

    def __init__(self, message: str, *, remedy: str = "", place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place

    def __str__(self) -> str:
        """Return place, message and remedy as one text."""
        head = f"{self.place}: {self.message}" if self.place else self.message
        return f"{head}\n  remedy: {self.remedy}" if self.remedy else head


class ConfigError(AccordError):
    """The configuration is wrong."""

    code = "CONFIG_ERROR"


class ExpressionError(ConfigError):
    """An expression is wrong; `column` counts characters from 1, 0 when the place is not known."""

    code = "EXPRESSION_ERROR"

    def __init__(self, message: str, text: str, *, column: int = 0, remedy: str = "", place: str = "") -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.text = text
        self.column = column

    def __str__(self) -> str:
        """Return the message with the expression and a caret below the place."""
        head = f"{self.place}: {self.message}" if self.place else self.message
        if not self.column:
            body = f"{head}\n  {self.text}"
        else:
            before = self.text[: self.column - 1]
            line_start = before.rfind("\n") + 1
            line_end = self.text.find("\n", line_start)
            line = self.text[line_start : None if line_end < 0 else line_end]
            body = f"{head} at column {self.column}\n  {line}\n  {' ' * (self.column - 1 - line_start)}^"
        return f"{body}\n  remedy: {self.remedy}" if self.remedy else body


class ConfigErrors(ConfigError):
    """Everything that is wrong with a configuration; `errors` in the order of file and line."""

    code = "CONFIG_ERRORS"

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(f"{count} error{'' if count == 1 else 's'} in the configuration")

    def __str__(self) -> str:
        """Return the count and then every error as its own text."""
        return "\n".join([self.message, *(str(error) for error in self.errors)])


class UsageError(AccordError):
    """The request cannot be carried out as asked."""

    code = "BAD_REQUEST"


class NotFound(UsageError):
    """What was asked for does not exist."""

    code = "NOT_FOUND"


class Invalid(UsageError):
    """Fields of the request are wrong; `fields` holds what is wrong with each."""

    code = "VALIDATION_ERROR"

    def __init__(self, message: str, fields: Mapping[str, Sequence[str]], *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.fields = {name: tuple(texts) for name, texts in fields.items()}


class Conflict(UsageError):
    """The request contradicts what is there now."""

    code = "CONFLICT"


class AccessError(AccordError):
    """The caller may not do this."""

    code = "FORBIDDEN"


class NotSignedIn(AccessError):
    """Nobody, or nobody known, asks."""

    code = "UNAUTHORISED"


class Forbidden(AccessError):
    """The caller is known and lacks a role."""


class TooManyRequests(AccessError):
    """The caller asks too often; `retry_after_s` says when to ask again."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, remedy=f"wait {retry_after_s} s, then ask again")
        self.retry_after_s = retry_after_s


class DataFolderBusy(UsageError):
    """Another process writes to this data folder."""

    code = "DATA_FOLDER_BUSY"


class SystemBusy(UsageError):
    """Another run works on this connected system; `owner` is who holds its lease."""

    code = "SYSTEM_BUSY"

    def __init__(self, message: str, *, owner: str, remedy: str = "", place: str = "") -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.owner = owner


class Held(AccordError):
    """A guard stopped the run before the first write; the plan is kept under `plan_id`."""

    code = "HELD"

    def __init__(self, message: str, *, plan_id: str, remedy: str = "", place: str = "") -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.plan_id = plan_id


class Cancelled(AccordError):
    """The run was told to stop, and stopped."""

    code = "CANCELLED"


class PlanStale(AccordError):
    """What the plan was computed from has changed since."""

    code = "PLAN_STALE"


class SystemUnavailable(AccordError):
    """The connected system did not answer."""

    code = "SYSTEM_UNAVAILABLE"


class IncompleteRead(SystemUnavailable):
    """The connected system answered, but not with everything it holds."""

    code = "INCOMPLETE_READ"


class WatermarkLost(SystemUnavailable):
    """The connected system no longer knows what changed since the watermark."""

    code = "WATERMARK_LOST"


class SystemRefused(AccordError):
    """The connected system or its host refused: credentials, certificate, permission, missing file or sheet."""

    code = "SYSTEM_REFUSED"


class ContractBroken(AccordError):
    """A connector broke its contract."""

    code = "CONTRACT_BROKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One object that could not be handled; all others go on.

    `at` is where a person finds it ("row 17", a dn); `anchor` is None when not even that could be read.
    """

    code: str
    message: str
    at: str = ""
    anchor: str | None = None
    object_type: str = ""
    attribute: str | None = None
    remedy: str = ""
