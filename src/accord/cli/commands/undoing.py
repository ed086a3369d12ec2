"""The command that takes a run back."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import again, say
from accord.cli.progress import hidden
from accord.cli.session import writing

if TYPE_CHECKING:
    from accord.app import Accord
    from accord.operations.runs import RunReport


def undo(
    run: Annotated[str, Parameter(name="RUN", help="An activity: A7, or its GUID.")],
    /,
    *,
    subject: Annotated[
        str | None, Parameter(name="--object", help="Only what was done to this person, account or group.")
    ] = None,
    attribute: Annotated[
        str | None, Parameter(name="--attribute", help="Only what was done to values of this attribute.")
    ] = None,
    apply: Annotated[
        bool, Parameter(name="--apply", negative="", help="Apply the plan at once, unless a guard holds it.")
    ] = False,
    options: Options = DEFAULTS,
) -> int:
    """Plan what takes back a synchronisation, an applied plan or an export, and keep the plan.

    What was changed again since is left out and told. Undo an export before the synchronisation that led to it. An
    import cannot be undone: the source says what it says.
    """
    from accord.operations.undoing import AGAIN
    from accord.operations.undoing import undo as plan_undo

    with writing(options) as accord:
        made = plan_undo(accord.context, run, subject=subject, attribute=attribute)
        is_applied = apply and not made.breaches
        _give(accord, made, options, is_applied=is_applied)
    for step in _next_steps(made, is_applied=is_applied):
        say(f"next: {step}{again(options)}", options)
    say(f"note: {AGAIN}", options)
    if apply and made.breaches:
        return ExitCode.REFUSED
    return ExitCode.OBJECT_ERRORS if made.errors else ExitCode.OK


def _give(accord: "Accord", made: "RunReport", options: Options, *, is_applied: bool) -> None:
    """Show the plan, or apply it and show what came of that."""
    from accord.cli.commands.runs import give_report
    from accord.cli.commands.showing import give_plan
    from accord.operations.plans import apply as apply_plan

    plan_id = made.activity.plan or ""
    report = apply_plan(accord.context, plan_id) if is_applied else None
    with hidden(accord.context.progress):
        if report is None:
            give_plan(accord, plan_id, options, show_all=False)
        else:
            give_report(report, options)


def _next_steps(made: "RunReport", *, is_applied: bool) -> list[str]:
    if is_applied:
        systems = {count.system for count in made.activity.counts if count.area == "export"}
        return [f"accord run {system} export" for system in sorted(systems)]
    apply = f"accord apply {made.activity.plan}"
    return [f"accord release {made.activity.plan} --by NAME --reason TEXT", apply] if made.breaches else [apply]
