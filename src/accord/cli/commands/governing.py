"""Commands about policies and managers."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from accord.cli.commands.roles import Json
from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options, as_json
from accord.cli.output import Answer, give
from accord.cli.session import reading, writing


def check(
    file: Annotated[Path | None, Parameter(name="FILE", help="Policies as YAML; else those that are kept.")] = None,
    /,
    *,
    json: Json = False,
    options: Options = DEFAULTS,
) -> int:
    """Find who violates policies, why, and the least that mends it. Ends with 2 when anybody does.

    Of a file nothing is kept; of the kept policies, violations are.
    """
    from accord.cli.tables.governing import policies_page
    from accord.operations.governance_reports import check_policies

    with (writing if file is None else reading)(options) as accord:
        found = check_policies(accord.context, file)
    give(Answer(data=found, rows=found.violations, table=lambda: policies_page(found)), as_json(options, wanted=json))
    return ExitCode.CHANGES if found.violations else ExitCode.OK


def resolve(
    *,
    matcher: Annotated[
        tuple[str, ...], Parameter(name="--matcher", negative="", help="How managers are recognised, in this order.")
    ] = (),
    json: Json = False,
    options: Options = DEFAULTS,
) -> int:
    """Find everybody's manager in what the systems say, and keep it. Ends with 3 where any is open.

    Who could be several is given with the candidates, never guessed; a manager once found is kept until another is.
    """
    from accord.cli.tables.governing import managers_page
    from accord.operations.governance_reports import resolve_managers

    with writing(options) as accord:
        found = resolve_managers(accord.context, matcher or None)
    give(Answer(data=found, rows=found.managers, table=lambda: managers_page(found)), as_json(options, wanted=json))
    is_open = found.cycles or any(found.states.get(state) for state in ("unresolved", "ambiguous"))
    return ExitCode.OBJECT_ERRORS if is_open else ExitCode.OK
