"""How errors are told: what happened and where, what to do about it, the code to search for. No traceback."""

import os
import sys

from accord.cli.exit_codes import ExitCode, exit_code_of
from accord.cli.output import console_for
from accord.model.errors import AccordError, ConfigErrors

DEBUG = "ACCORD_DEBUG"


def tell(error: AccordError) -> ExitCode:
    """Write an error to standard error; return how the command ends."""
    errors = error.errors if isinstance(error, ConfigErrors) else (error,)
    for one in errors:
        _tell_one(one)
    if isinstance(error, ConfigErrors) and len(errors) > 1:
        console_for(sys.stderr).print(error.message, style="red bold")
    return exit_code_of(error)


def tell_unexpected(error: BaseException) -> ExitCode:
    """Write what should never happen; return how the command ends."""
    console = console_for(sys.stderr)
    console.print(f"error[INTERNAL]: {type(error).__name__}: {error}", style="red bold", soft_wrap=True)
    console.print(
        f"  remedy: this is a mistake in accord: report it with what {DEBUG}=1 accord ... shows", soft_wrap=True
    )
    return ExitCode.FAILED


def wants_traceback() -> bool:
    """Tell whether the person asked for tracebacks."""
    return os.environ.get(DEBUG, "") not in ("", "0")


def _tell_one(error: AccordError) -> None:
    console = console_for(sys.stderr)
    what, _, remedy = str(error).partition("\n  remedy: ")
    headline, _, more = what.partition("\n")
    console.print(f"error[{error.code}]: ", style="red bold", end="")
    console.print(headline, style="bold", soft_wrap=True)
    if more:
        console.print(more, soft_wrap=True)
    if remedy:
        console.print(f"  remedy: {remedy}", soft_wrap=True)
