"""The command that shows who decided what, and proves that nobody changed the record of it."""

from typing import Annotated, Literal

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give
from accord.cli.session import reading


def audit(
    what: Annotated[Literal["show", "verify"], Parameter(name="WHAT", help="show, or verify.")] = "show",
    /,
    *,
    seen: Annotated[str, Parameter(name="--seen", help="A hash that an earlier verify told.")] = "",
    options: Options = DEFAULTS,
) -> int:
    """Show who did what, when and why; or verify that no entry was changed, removed or slipped in."""
    from accord.cli.tables.checks import trail_table, verified_page
    from accord.operations.audit import read_trail, verify_trail

    with reading(options) as accord:
        if what == "verify":
            verified = verify_trail(accord.context, expected=seen)
            give(Answer(data=verified, rows=[verified], table=lambda: verified_page(verified)), options)
            return ExitCode.OK
        entries = tuple(read_trail(accord.context))
    give(Answer(data=entries, rows=entries, table=lambda: [trail_table(entries)]), options)
    return ExitCode.OK
