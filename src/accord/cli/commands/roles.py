"""Commands about roles: which explain who holds what, and whether a result holds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options, as_json
from accord.cli.output import Answer, give
from accord.cli.session import reading
from accord.model.errors import UsageError

if TYPE_CHECKING:
    from accord.operations.role_mining import MinedRoles

File = Annotated[Path, Parameter(name="FILE", help="Who holds what: `USER: PERMISSION ...` or `USER,PERMISSION`.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="The same as --output json.")]


def mine(  # noqa: PLR0913 - one option each
    file: Annotated[Path | None, Parameter(name="FILE", help="Who holds what; or name a system.")] = None,
    /,
    *,
    system: Annotated[str | None, Parameter(name="--system", help="Mine the memberships of this system.")] = None,
    objective: Annotated[
        Literal["roles", "complexity"],
        Parameter(name="--objective", help="As few roles as can be, with proof; or the simplest description."),
    ] = "complexity",
    rounds: Annotated[
        int, Parameter(name="--rounds", help="How often each of the fewest roles is tried to be made simpler.")
    ] = 3,
    nodes: Annotated[
        int, Parameter(name="--nodes", help="How many nodes the search for the fewest may take.")
    ] = 10_000,
    json: Json = False,
    options: Options = DEFAULTS,
) -> int:
    """Find the roles that explain who holds what; changes nothing.

    With --objective roles as few as can be, and a certificate that fewer cannot do. By default the simplest
    description: what is left over stays granted directly, and who seems to lack something is named.
    """
    from accord.cli.tables.roles import mined_page

    found = _mine(file, system, objective, rounds, nodes, options)
    give(Answer(data=found, rows=found.roles, table=lambda: mined_page(found)), as_json(options, wanted=json))
    return ExitCode.OK


def verify(
    file: File,
    result: Annotated[Path, Parameter(name="RESULT", help="What `accord roles mine --objective roles --json` wrote.")],
    /,
    *,
    json: Json = False,
    options: Options = DEFAULTS,
) -> int:
    """Check mined roles and their certificate against who holds what, by another road than they were found."""
    from accord.cli.tables.roles import verified_page
    from accord.operations import role_mining

    assignments = role_mining.read_assignments(file)
    roles, certificate = role_mining.read_mined(result, assignments)
    checked = role_mining.verify(assignments, roles, certificate)
    give(Answer(data=checked, rows=[checked], table=lambda: verified_page(checked)), as_json(options, wanted=json))
    return ExitCode.OK if checked.is_exact and checked.is_proven else ExitCode.FAILED


def _mine(  # noqa: PLR0913, PLR0917 - the command's options
    file: Path | None, system: str | None, objective: str, rounds: int, nodes: int, options: Options
) -> "MinedRoles":
    from accord.operations import role_mining

    if (file is None) == (system is None):
        raise UsageError("name either a file or a system", remedy="accord roles mine FILE, or --system SYSTEM")
    wanted = role_mining.Objective(objective)
    if file is not None:
        return role_mining.mine(role_mining.read_assignments(file), wanted, rounds=rounds, nodes=nodes)
    from accord.operations.holdings import read_system_assignments

    with reading(options) as accord:
        assignments = read_system_assignments(accord.context, str(system))
    return role_mining.mine(assignments, wanted, rounds=rounds, nodes=nodes)
