"""The console script: all commands, and how they end."""

import signal
import sys
from collections.abc import Callable, Sequence
from inspect import getdoc

from cyclopts import App, CycloptsError, Group
from rich.text import Text

from accord.cli.commands import (
    administrator,
    audit,
    configuration,
    deciding,
    doctor,
    explaining,
    governing,
    history,
    jobs,
    moving,
    plans,
    reviewing,
    roles,
    runs,
    serving,
    showing,
    status,
    systems,
    undoing,
)
from accord.cli.exit_codes import ExitCode
from accord.cli.failures import tell, tell_unexpected, wants_traceback
from accord.cli.options import options_last
from accord.cli.output import warn
from accord.model.errors import AccordError

_HELP = """Keeps people, groups and applications consistent across systems: planned, guarded, explained.

First time here? accord init myfolder, then accord cycle -c myfolder."""

_SYNC = Group("Synchronise", sort_key=1)
_LOOK = Group("Look and ask", sort_key=2)
_GOVERN = Group("Govern", sort_key=3)
_SERVE = Group("Serve", sort_key=4)
_SETUP = Group("Set up and check", sort_key=5)

COMMANDS: tuple[tuple[Group, str, Callable[..., int]], ...] = (
    (_SYNC, "plan", plans.plan),
    (_SYNC, "apply", plans.apply),
    (_SYNC, "release", plans.release),
    (_SYNC, "discard", plans.discard),
    (_SYNC, "undo", undoing.undo),
    (_SYNC, "join", deciding.join),
    (_SYNC, "split", deciding.split),
    (_SYNC, "decisions", deciding.decisions),
    (_SYNC, "review", reviewing.review),
    (_SYNC, "run", runs.run),
    (_SYNC, "cycle", runs.cycle),
    (_LOOK, "status", status.status),
    (_LOOK, "show", showing.show),
    (_LOOK, "explain", explaining.explain),
    (_LOOK, "history", history.history),
    (_LOOK, "plans", plans.plans),
    (_LOOK, "activities", showing.activities),
    (_LOOK, "audit", audit.audit),
    (_SERVE, "serve", serving.serve),
    (_SERVE, "worker", serving.worker),
    (_SETUP, "init", configuration.init),
    (_SETUP, "validate", configuration.validate),
    (_SETUP, "schema", configuration.schema),
    (_SETUP, "import", moving.import_),
    (_SETUP, "export", moving.export),
    (_SETUP, "administrator", administrator.administrator),
    (_SETUP, "doctor", doctor.doctor),
)
"""Every command with its group, in the order of the help."""

Below = tuple[tuple[str, Callable[..., int]], ...]

BELOW: tuple[tuple[Group, str, str, Below], ...] = (
    (
        _GOVERN,
        "policies",
        "Find who violates policies.",
        (
            ("check", governing.check),
            ("keep", governing.keep),
            ("ask", governing.ask),
            ("violations", governing.violations),
            ("except", governing.tolerate),
        ),
    ),
    (_GOVERN, "managers", "Find who reports to whom.", (("resolve", governing.resolve),)),
    (
        _GOVERN,
        "roles",
        "Find the roles that explain who holds what.",
        (("mine", roles.mine), ("verify", roles.verify), ("drift", roles.drift)),
    ),
    (
        _SERVE,
        "jobs",
        "Queue work for a server or worker, see it, cancel it.",
        (("list", jobs.jobs_list), ("add", jobs.jobs_add), ("cancel", jobs.jobs_cancel), ("retry", jobs.jobs_retry)),
    ),
    (
        _SETUP,
        "systems",
        "Test a connected system, or see what it offers.",
        (("test", systems.check), ("discover", systems.discover)),
    ),
    (
        _SETUP,
        "secret",
        "Keep secrets in the store, encrypted.",
        (("set", moving.set_secret), ("list", moving.list_secrets), ("rotate", moving.rotate_secrets)),
    ),
)
"""Commands below a noun, with their group and the noun's help."""


def build_app() -> App:
    """Return the command line."""
    app = App(
        name="accord",
        help=_HELP,
        version=_version,
        help_format="plaintext",
        result_action="return_value",
        exit_on_error=False,
        print_error=True,
        error_formatter=_told,
        suppress_keyboard_interrupt=False,
    )
    app["--help"].group = app["--version"].group = Group("Help", sort_key=8)
    for place, (group, name, command) in enumerate(COMMANDS):
        app.command(command, name=name, help=_help_of(command), group=group, sort_key=place)
    for place, (group, noun, about, commands) in enumerate(BELOW, len(COMMANDS)):
        below = App(name=noun, help=about, group=group, sort_key=place)
        for name, command in commands:
            below.command(command, name=name, help=_help_of(command))
        app.command(below)
    return app


def run(tokens: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        result = build_app()(options_last(list(tokens)))
    except CycloptsError:
        return ExitCode.USAGE
    except AccordError as error:
        if wants_traceback():
            raise
        return tell(error)
    except KeyboardInterrupt:
        warn("cancelled; what was committed before stays, nothing of the unfinished step was kept")
        return ExitCode.CANCELLED
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is still to be flushed has nowhere to go.
        sys.stdout = None
        return ExitCode.OK
    except Exception as error:
        if wants_traceback():
            raise
        return tell_unexpected(error)
    return int(result) if isinstance(result, int) else ExitCode.OK


def main() -> None:
    """Run the command line of this process; being told to end counts as being cancelled."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def _told(error: CycloptsError) -> Text:
    """Return a mistake on the command line in the form of all errors."""
    chain = " ".join(error.command_chain or ())
    return Text.assemble(
        ("error[USAGE]: ", "red bold"), (str(error), "bold"), f"\n  remedy: {f'accord {chain}'.strip()} --help"
    )


def _help_of(command: Callable[..., int]) -> str:
    """Return a command's docstring with its paragraphs as long lines, which wrap at any width."""
    paragraphs = (getdoc(command) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _version() -> str:
    from importlib.metadata import version

    return version("accord")
