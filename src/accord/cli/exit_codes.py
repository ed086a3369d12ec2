"""How a command ends, for scripts: documented in docs/reference/cli.md, each tested."""

from enum import IntEnum

from accord.model.errors import (
    AccordError,
    Cancelled,
    DataFolderBusy,
    Held,
    NotFound,
    PlanStale,
    SystemBusy,
    SystemRefused,
    SystemUnavailable,
    UsageError,
)


class ExitCode(IntEnum):
    """Exit codes; they keep their meaning from release to release."""

    OK = 0
    FAILED = 1
    CHANGES = 2
    OBJECT_ERRORS = 3
    REFUSED = 4
    NOT_FOUND = 5
    PERMISSION = 6
    UNREACHABLE = 7
    USAGE = 64
    CANCELLED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "failed; the message says why",
    ExitCode.CHANGES: "`plan --detailed-exitcode` found changes, or `policies check` violations",
    ExitCode.OBJECT_ERRORS: "done, but some objects could not be handled",
    ExitCode.REFUSED: "refused before anything was written: a guard holds the plan, or the world moved since",
    ExitCode.NOT_FOUND: "what was asked for does not exist",
    ExitCode.PERMISSION: "a system refused: sign-in, certificate, permission, or a missing file",
    ExitCode.UNREACHABLE: "a system did not answer, or not with everything it holds",
    ExitCode.USAGE: "the command line is wrong, or asks for what cannot be done",
    ExitCode.CANCELLED: "cancelled",
}
"""What each exit code says, for people."""

_BY_ERROR: tuple[tuple[type[AccordError], ExitCode], ...] = (
    (Cancelled, ExitCode.CANCELLED),
    (Held, ExitCode.REFUSED),
    (PlanStale, ExitCode.REFUSED),
    (NotFound, ExitCode.NOT_FOUND),
    (DataFolderBusy, ExitCode.FAILED),
    (SystemBusy, ExitCode.FAILED),
    (UsageError, ExitCode.USAGE),
    (SystemRefused, ExitCode.PERMISSION),
    (SystemUnavailable, ExitCode.UNREACHABLE),
)


def exit_code_of(error: AccordError) -> ExitCode:
    """Return how a command ends that this error stopped."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.FAILED)
