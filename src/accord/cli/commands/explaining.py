"""The command that answers why."""

from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading


def explain(
    what: Annotated[str, Parameter(name="OBJECT", help="An anchor, a dn or any value.")],
    attribute: Annotated[str | None, Parameter(name="ATTRIBUTE", help="One attribute; else all.")] = None,
    /,
    *,
    options: Options = DEFAULTS,
) -> int:
    """Explain why the values of a person, account or group are what they are: rules, inputs, precedence."""
    from accord.cli.tables.explaining import explanation_page
    from accord.operations.explaining import explain as explain_object

    with reading(options) as accord:
        found = explain_object(accord.context, what, attribute)
    give(Answer(data=found, rows=found.values, table=lambda: explanation_page(found)), options)
    return ExitCode.OK
