"""Commands that show one thing, whatever it is, and the list of activities."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading

if TYPE_CHECKING:
    from accord.app import Accord

_SAMPLE = 3


def show(
    what: Annotated[
        str, Parameter(name="WHAT", help="A plan (P7), an activity (A7), a system, or a person, account or group.")
    ],
    /,
    *,
    show_all: Annotated[
        bool, Parameter(name="--all", negative="", help="Every object of a plan or activity, not a sample.")
    ] = False,
    at: Annotated[
        str | None, Parameter(name="--at", help="Of a person, account or group: as it was then (ISO 8601).")
    ] = None,
    options: Options = DEFAULTS,
) -> int:
    """Show a plan, an activity, a system, or everything known of a person, account or group.

    An object is named by an anchor, a dn or any value (an e-mail address, a last name), by system/anchor, or by
    identity:7.
    """
    from accord.operations.activities import is_activity_name
    from accord.operations.plans import is_plan_name

    with reading(options) as accord:
        if at is not None:
            _object_at(accord, what, at, options)
        elif is_plan_name(what):
            give_plan(accord, what, options, show_all=show_all)
        elif is_activity_name(what):
            _activity(accord, what, options, limit=1_000_000 if show_all else 20)
        elif what in accord.configuration.rules.systems:
            _system(accord, what, options)
        else:
            _object(accord, what, options)
    return ExitCode.OK


def activities(
    *,
    system: Annotated[str | None, Parameter(help="Only those of this system.")] = None,
    limit: Annotated[int, Parameter(help="At most so many.")] = 20,
    options: Options = DEFAULTS,
) -> int:
    """List what was done, newest first."""
    from accord.cli.tables.activities import activity_list
    from accord.operations.activities import list_activities

    with reading(options) as accord:
        found = list_activities(accord.context, system=system, limit=limit)
    give(Answer(data=found, rows=found, table=lambda: [activity_list(found)]), options)
    return ExitCode.OK


def give_plan(accord: "Accord", plan_id: str, options: Options, *, show_all: bool) -> None:
    """Show a plan: a sample of it as a table, all of it as data."""
    from accord.cli.tables.plans import plan_page
    from accord.operations.plan_changes import read_plan, stream_changes
    from accord.operations.plan_values import changed_values

    if options.output in ("csv", "jsonl"):
        changes = stream_changes(accord.context, plan_id)
        rows = changed_values(changes) if options.output == "csv" else changes
        give(Answer(data=(), rows=rows, table=list), options)
        return
    is_whole = show_all or options.output != "table"
    page = read_plan(accord.context, plan_id, per_kind=None if is_whole else _SAMPLE)
    give(Answer(data=page, rows=page.changes, table=lambda: plan_page(page)), options)


def _activity(accord: "Accord", what: str, options: Options, *, limit: int) -> None:
    from accord.cli.tables.activities import activity_page
    from accord.operations.activities import read_activity

    page = read_activity(accord.context, what, limit=limit)
    give(Answer(data=page, rows=page.items, table=lambda: activity_page(page)), options)


def _system(accord: "Accord", what: str, options: Options) -> None:
    from accord.cli.tables.status import systems_table
    from accord.operations.status import read_system_status

    found = read_system_status(accord.context, what)
    give(Answer(data=found, rows=[found], table=lambda: [systems_table([found])]), options)


def _object_at(accord: "Accord", what: str, at: str, options: Options) -> None:
    from accord.cli.tables.objects import object_page
    from accord.operations.past import read_object_at, read_time

    page = read_object_at(accord.context, what, read_time(at))
    give(Answer(data=page, rows=page.objects, table=lambda: object_page(page)), options)


def _object(accord: "Accord", what: str, options: Options) -> None:
    from accord.cli.tables.objects import object_page
    from accord.operations.objects import read_object

    page = read_object(accord.context, what)
    give(Answer(data=page, rows=page.objects, table=lambda: object_page(page)), options)
