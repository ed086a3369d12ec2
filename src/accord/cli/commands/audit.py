"""The command that shows who decided what."""

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading


def audit(*, options: Options = DEFAULTS) -> int:
    """Show who released, discarded and applied what, when and why."""
    from accord.cli.tables.checks import trail_table
    from accord.operations.audit import read_trail

    with reading(options) as accord:
        entries = tuple(read_trail(accord.context))
    give(Answer(data=entries, rows=entries, table=lambda: [trail_table(entries)]), options)
    return ExitCode.OK
