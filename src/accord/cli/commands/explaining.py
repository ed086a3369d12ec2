"""The command that answers why."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading

if TYPE_CHECKING:
    from accord.operations.why import Why


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
    from accord.operations.why import why

    with reading(options) as accord:
        found = why(accord.context, what, attribute, is_missing=missing, system=system, who=who, at=at)
    give(_answer(found), options)
    return ExitCode.OK


def _answer(found: "Why") -> Answer:
    from accord.cli.tables.absence import why_not_page
    from accord.cli.tables.explaining import explanation_page, past_page, reference_page
    from accord.operations.why import Explanation, WhyNot, WhyReference

    if isinstance(found, WhyNot):
        return Answer(data=found, rows=found.trials, table=lambda: why_not_page(found))
    if isinstance(found, WhyReference):
        return Answer(data=found, rows=found.trials, table=lambda: reference_page(found))
    if isinstance(found, Explanation):
        return Answer(data=found, rows=found.values, table=lambda: explanation_page(found))
    return Answer(data=found, rows=found.objects, table=lambda: past_page(found))
