"""The command that tells what happened to one person, account or group."""

from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading


def history(
    what: Annotated[str, Parameter(name="OBJECT", help="An anchor, a dn or any value.")],
    /,
    *,
    options: Options = DEFAULTS,
) -> int:
    """Tell what happened to a person, account or group: every change, by which run, from what to what."""
    from accord.cli.tables.objects import history_lines
    from accord.operations.history import read_history

    with reading(options) as accord:
        entries = read_history(accord.context, what)
    give(Answer(data=entries, rows=entries, table=lambda: history_lines(entries)), options)
    return ExitCode.OK
