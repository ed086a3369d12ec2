"""Commands about work that is queued: ask for it, see it, cancel it, ask for it again. A worker or server does it."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, again, give, say
from accord.cli.session import asking, reading

if TYPE_CHECKING:
    from accord.operations.execution import Job

Name = Annotated[str, Parameter(name="ACTIVITY", help="A7, the GUID of the activity, or that of its task.")]


def jobs_list(*, options: Options = DEFAULTS) -> int:
    """Show what goes on and what waits, in the order in which it was asked for."""
    from accord.operations.execution import list_jobs

    with reading(options) as accord:
        jobs = list_jobs(accord.context)
    give(Answer(data=jobs, rows=jobs, table=lambda: [_table(jobs)]), options)
    return ExitCode.OK


def jobs_add(
    work: Annotated[
        str,
        Parameter(name="WORK", help="full-import, delta-sync, export, cycle, delta-cycle, ..."),
    ],
    system: Annotated[str, Parameter(name="SYSTEM", help="The connected system, if the work is for one.")] = "",
    /,
    *,
    key: Annotated[str | None, Parameter(name="--key", help="Asked twice with one key, it is queued once.")] = None,
    reason: Annotated[str, Parameter(name="--reason", help="Why; kept with the activity.")] = "",
    options: Options = DEFAULTS,
) -> int:
    """Queue work for the server or worker that has this store."""
    from accord.operations.execution import execute
    from accord.operations.performing import Order

    with asking(options) as accord:
        accepted = execute(accord.context, Order(work=work, system=system, reason=reason), key=key)
    give(Answer(data=accepted, rows=[accepted], table=lambda: _lines(accepted.message, accepted.activity)), options)
    say(f"next: accord jobs list{again(options)}", options)
    return ExitCode.OK


def jobs_cancel(name: Name, /, *, options: Options = DEFAULTS) -> int:
    """Cancel what waits or goes on; what it had committed stays, and its record says what that is."""
    from accord.operations.execution import cancel

    with asking(options) as accord:
        activity = cancel(accord.context, name)
    words = "cancelled" if activity.ended_at else "asked to stop"
    give(Answer(data=activity, rows=[activity], table=lambda: _lines(f"{activity.id} {words}")), options)
    return ExitCode.OK


def jobs_retry(name: Name, /, *, options: Options = DEFAULTS) -> int:
    """Queue the work of a job that ended once more, as a new activity."""
    from accord.operations.execution import retry

    with asking(options) as accord:
        accepted = retry(accord.context, name)
    give(Answer(data=accepted, rows=[accepted], table=lambda: _lines(accepted.message, accepted.activity)), options)
    return ExitCode.OK


def _lines(*texts: str) -> list[RenderableType]:
    return list(texts)


def _table(jobs: "tuple[Job, ...]") -> RenderableType:
    from accord.cli.tables.parts import cell, number, state, table, time

    made = table("activity", "what", "state", "waits for", "queued", "by", "done", numbers=("done",))
    for job in jobs:
        activity = job.activity
        phase = activity.phases[-1] if activity.phases else None
        made.add_row(
            cell(activity.id),
            cell(f"{activity.profile} {activity.system}".strip()),
            state(activity.state),
            cell(job.waits_for or ""),
            cell(time(job.queued_at) if job.queued_at else ""),
            cell(activity.actor),
            number(phase.done if phase else 0),
        )
    return made
