"""Commands about one connected system: does it answer, what does it offer."""

import sys
from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give, write_yaml
from accord.cli.session import reading

Name = Annotated[str, Parameter(name="SYSTEM", help="A connected system.")]


def check(name: Name, /, *, options: Options = DEFAULTS) -> int:
    """Connect to a system and show what it says of itself."""
    from accord.cli.tables.checks import connection_page
    from accord.operations.systems import test_connection

    with reading(options) as accord:
        tested = test_connection(accord.context, name)
    give(Answer(data=tested, rows=tested.facts, table=lambda: connection_page(tested)), options)
    return ExitCode.OK


def discover(
    name: Name,
    /,
    *,
    declaration: Annotated[
        bool, Parameter(name="--declaration", negative="", help="As it is written in systems/SYSTEM.yaml.")
    ] = False,
    options: Options = DEFAULTS,
) -> int:
    """Show the object types and attributes that a system offers."""
    from accord.cli.tables.checks import discovery_page
    from accord.operations.systems import discover as discover_system

    with reading(options) as accord:
        found = discover_system(accord.context, name)
    if declaration:
        write_yaml(found.declaration, sys.stdout)
    else:
        rows = [{"objectType": t.name, "attribute": a} for t in found.object_types for a in t.attributes]
        give(Answer(data=found.object_types, rows=rows, table=lambda: discovery_page(found)), options)
    return ExitCode.OK
