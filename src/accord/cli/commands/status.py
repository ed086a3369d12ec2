"""The command that says where everything stands."""

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading


def status(*, options: Options = DEFAULTS) -> int:
    """Say where everything stands: systems, what waits for them, the metaverse, plans that wait for a person."""
    from accord.cli.tables.status import status_page
    from accord.operations.status import read_status

    with reading(options) as accord:
        found = read_status(accord.context)
    give(Answer(data=found, rows=found.systems, table=lambda: status_page(found)), options)
    return ExitCode.OK
