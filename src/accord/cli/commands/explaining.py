"""The command that answers why."""

from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading


def explain(  # noqa: PLR0913 - each is one word of the command line
    what: Annotated[str, Parameter(name="OBJECT", help="An anchor, a dn or any value.")],
    attribute: Annotated[str | None, Parameter(name="ATTRIBUTE", help="One attribute; else all.")] = None,
    /,
    *,
    missing: Annotated[
        bool, Parameter(name="--why-not", negative="", help="Why accounts are missing, and why it does not end.")
    ] = False,
    system: Annotated[str | None, Parameter(name="--system", help="With --why-not: in this system only.")] = None,
    who: Annotated[str | None, Parameter(name="--who", help="Whether and why a reference names this one.")] = None,
    at: Annotated[str | None, Parameter(name="--at", help="As it was then (ISO 8601), and by what.")] = None,
    options: Options = DEFAULTS,
) -> int:
    """Explain why the values of a person, account or group are what they are: rules, inputs, precedence.

    Of an object that belongs to nobody, and with --why-not, it tells why not: scopes, joins and what they looked for.
    With --who it tells of one member of a group of any size why it is one, or why not.
    """
    from accord.cli.tables.absence import why_not_page
    from accord.cli.tables.explaining import explanation_page
    from accord.operations.absence import why_not
    from accord.operations.explaining import explain as explain_object
    from accord.operations.subjects import find_subject

    if at is not None:
        return _explain_at(what, attribute, at, options)
    if who is not None:
        return _explain_one(what, attribute, who, options)
    with reading(options) as accord:
        if missing or find_subject(accord.context, what).identity_id is None:
            absent = why_not(accord.context, what, system)
            give(Answer(data=absent, rows=absent.trials, table=lambda: why_not_page(absent)), options)
            return ExitCode.OK
        found = explain_object(accord.context, what, attribute)
    give(Answer(data=found, rows=found.values, table=lambda: explanation_page(found)), options)
    return ExitCode.OK


def _explain_at(what: str, attribute: str | None, at: str, options: Options) -> int:
    from accord.cli.tables.explaining import past_page
    from accord.operations.past import explain_at, read_time

    with reading(options) as accord:
        found = explain_at(accord.context, what, read_time(at), attribute)
    give(Answer(data=found, rows=found.objects, table=lambda: past_page(found)), options)
    return ExitCode.OK


def _explain_one(what: str, attribute: str | None, who: str, options: Options) -> int:
    from accord.cli.tables.explaining import reference_page
    from accord.operations.explaining_one import explain_reference

    with reading(options) as accord:
        found = explain_reference(accord.context, what, who, attribute)
    give(Answer(data=found, rows=found.trials, table=lambda: reference_page(found)), options)
    return ExitCode.OK
