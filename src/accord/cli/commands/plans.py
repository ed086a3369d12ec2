"""Commands about plans: make, list, apply, release, discard."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, again, give, say, warn
from accord.cli.progress import hidden
from accord.cli.session import reading, writing

if TYPE_CHECKING:
    from accord.operations.plans import PlanSummary

By = Annotated[str, Parameter(name="--by", help="Who decides.")]
Reason = Annotated[str, Parameter(name="--reason", help="Why; kept with the plan and in the audit trail.")]


def plan(
    *,
    detailed_exitcode: Annotated[
        bool, Parameter(name="--detailed-exitcode", negative="", help="End with 2 when there are changes, 4 when held.")
    ] = False,
    imports: Annotated[
        bool, Parameter(name="--import", negative="", help="Import every system first, else plan on what is known.")
    ] = False,
    delta: Annotated[
        bool, Parameter(name="--delta", negative="", help="Plan what changes since the last synchronisation concern.")
    ] = False,
    show_all: Annotated[bool, Parameter(name="--all", negative="", help="Show every object, not a sample.")] = False,
    options: Options = DEFAULTS,
) -> int:
    """Compute everything a synchronisation would change and keep it as a plan; change nothing."""
    from accord.cli.commands.runs import import_first
    from accord.cli.commands.showing import give_plan
    from accord.operations.plans import make_delta_plan, make_plan, read_plan_summary
    from accord.operations.runs import never_imported

    with writing(options) as accord:
        if imports:
            import_first(accord, options)
        plan_id = (make_delta_plan if delta else make_plan)(accord.context).activity.plan or ""
        with hidden(accord.context.progress):
            for system in never_imported(accord.context):
                warn(f"warning: {system} was never imported and is taken for empty: accord run {system} full-import")
            give_plan(accord, plan_id, options, show_all=show_all)
        made = read_plan_summary(accord.context, plan_id)
    _hint_after_plan(made, options)
    if not detailed_exitcode:
        return ExitCode.OK
    if made.state == "held":
        return ExitCode.REFUSED
    return ExitCode.CHANGES if any(count.area != "errors" for count in made.counts) else ExitCode.OK


def plans(
    *,
    state: Annotated[
        Literal["ready", "held", "released", "applied", "discarded"] | None, Parameter(help="Only those in this state.")
    ] = None,
    limit: Annotated[int, Parameter(help="At most so many.")] = 20,
    options: Options = DEFAULTS,
) -> int:
    """List plans, newest first."""
    from accord.cli.tables.plans import plan_list
    from accord.model.plan import PlanState
    from accord.operations.plans import list_plans

    with reading(options) as accord:
        found = list_plans(accord.context, state=PlanState(state) if state else None, limit=limit)
    give(Answer(data=found, rows=found, table=lambda: [plan_list(found)]), options)
    return ExitCode.OK


def apply(plan_id: Annotated[str, Parameter(name="PLAN")], /, *, options: Options = DEFAULTS) -> int:
    """Do exactly what a plan says; refuse when what it was computed from has changed.

    Metaverse and pending exports become what the plan says; `accord run SYSTEM export` then writes to the systems.
    """
    from accord.cli.commands.runs import ending, give_report
    from accord.operations.plans import apply as apply_plan
    from accord.operations.plans import read_plan_summary

    with writing(options) as accord:
        if not _is_confirmed(read_plan_summary(accord.context, plan_id), options):
            say("nothing was done", options)
            return ExitCode.CANCELLED
        report = apply_plan(accord.context, plan_id)
    give_report(report, options)
    waiting = sorted({c.system for c in report.activity.counts if c.area == "export"})
    if waiting:
        say(f"next: {' and '.join(f'accord run {system} export{again(options)}' for system in waiting)}", options)
    return ending(report)


def release(
    plan_id: Annotated[str, Parameter(name="PLAN")], /, *, by: By, reason: Reason, options: Options = DEFAULTS
) -> int:
    """Let a plan that a guard holds be applied; your name and reason are kept."""
    from accord.operations.plans import release_plan

    with writing(options) as accord:
        released = release_plan(accord.context, plan_id, by=by, reason=reason)
    _give_summary(released, options)
    say(f"next: accord apply {released.id}{again(options)}", options)
    return ExitCode.OK


def discard(
    plan_id: Annotated[str, Parameter(name="PLAN")], /, *, by: By, reason: Reason, options: Options = DEFAULTS
) -> int:
    """Make sure that a plan is never applied; your name and reason are kept."""
    from accord.operations.plans import discard_plan

    with writing(options) as accord:
        discarded = discard_plan(accord.context, plan_id, by=by, reason=reason)
    _give_summary(discarded, options)
    return ExitCode.OK


def _give_summary(summary: "PlanSummary", options: Options) -> None:
    from accord.cli.tables.plans import plan_head

    give(Answer(data=summary, rows=[summary], table=lambda: plan_head(summary)), options)


def _hint_after_plan(summary: "PlanSummary", options: Options) -> None:
    this = f"{summary.id}{again(options)}"
    if summary.state == "held":
        say(f"next: correct the source, or accord release {this} --by NAME --reason TEXT", options)
    elif summary.counts:
        say(f"next: accord show {this} --all, then accord apply {this}", options)


def _is_confirmed(summary: "PlanSummary", options: Options) -> bool:
    """Ask on a terminal; elsewhere naming the plan is the consent."""
    if options.yes or summary.is_stale or summary.state not in ("ready", "released"):
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    from accord.cli.tables.counts import in_words

    sys.stderr.write(f"apply plan {summary.id} ({in_words(summary.counts) or 'no changes'})? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
