"""Commands that run: one profile on one system, or the whole cycle."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, again, give, say, show
from accord.cli.progress import hidden
from accord.cli.session import writing

if TYPE_CHECKING:
    from accord.app import Accord
    from accord.operations.runs import RunReport


def run(
    system: Annotated[str, Parameter(name="SYSTEM", help="A connected system.")],
    profile: Annotated[
        str, Parameter(name="PROFILE", help="full-import, delta-import, full-sync, delta-sync or export.")
    ],
    /,
    *,
    options: Options = DEFAULTS,
) -> int:
    """Run one profile on one connected system: full-import, delta-import, full-sync, delta-sync or export.

    Profiles may be spelled FullImport or "Full Import" as well. A synchronisation covers all systems, whichever is
    named.
    """
    from accord.operations.runs import profile_named, run_profile

    wanted = profile_named(profile)
    with writing(options) as accord:
        report = run_profile(accord.context, system, wanted)
    give_report(report, options)
    return ending(report)


def cycle(
    *,
    delta: Annotated[
        bool, Parameter(name="--delta", negative="", help="Import, synchronise and confirm what changed.")
    ] = False,
    options: Options = DEFAULTS,
) -> int:
    """Import every system, synchronise, export what waits, import again to confirm; stop at the first hold."""
    from rich.text import Text

    from accord.cli.tables.activities import run_line, run_report
    from accord.operations.runs import run_cycle, run_delta_cycle

    reports: list[RunReport] = []
    is_live = options.output == "table"
    try:
        with writing(options) as accord:
            for report in (run_delta_cycle if delta else run_cycle)(accord.context):
                reports.append(report)
                if is_live:
                    with hidden(accord.context.progress):
                        show(run_line(report))
    finally:
        if not is_live:
            give(Answer(data=reports, rows=reports, table=list), options)
    failed = [report for report in reports if report.errors]
    for report in failed if is_live else []:
        show(Text())
        for part in run_report(report):
            show(part)
    say(f"next: accord status{again(options)}", options)
    return ExitCode.OBJECT_ERRORS if failed else ExitCode.OK


def import_first(accord: "Accord", options: Options) -> None:
    """Import every system before the command's own work, with a word on each; objects with errors do not stop it."""
    from accord.cli.tables.activities import run_line
    from accord.operations.runs import import_all

    for report in import_all(accord.context):
        with hidden(accord.context.progress):
            say(run_line(report).plain, options)


def give_report(report: "RunReport", options: Options) -> None:
    """Show how a run ended."""
    from accord.cli.tables.activities import run_report

    rows = report.activity.counts
    give(Answer(data=report, rows=rows, table=lambda: run_report(report)), options)


def ending(report: "RunReport") -> int:
    """Return how a command ends that made this run."""
    return ExitCode.OBJECT_ERRORS if report.errors else ExitCode.OK
