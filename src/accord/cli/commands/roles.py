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
    from accord.operations.holdings import Assignments, Index
    from accord.operations.role_mining import MinedRoles

File = Annotated[Path, Parameter(name="FILE", help="Who holds what: `USER: PERMISSION ...` or `USER,PERMISSION`.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="The same as --output json.")]


def mine(  # noqa: PLR0913 - one option each
    file: Annotated[Path | None, Parameter(name="FILE", help="Who holds what; or name a system.")] = None,
    /,
    *,
    system: Annotated[str | None, Parameter(name="--system", help="Mine the memberships of this system.")] = None,
    objective: Annotated[
        Literal["roles", "complexity", "hybrid"],
        Parameter(
            name="--objective", help="As few roles as can be, with proof; the simplest description; or by attributes."
        ),
    ] = "complexity",
    attributes: Annotated[
        Path | None,
        Parameter(name="--attributes", help="Attributes as CSV, the user first, to tell roles by."),
    ] = None,
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
    description: what is left over stays granted directly, and who seems to lack something is named. Attributes tell
    each role by an expression; with --objective hybrid whom it finds are the members, and who gains or loses is said.
    """
    from accord.cli.tables.roles import mined_page

    found = _mine(file, system, attributes, objective, rounds, nodes, options)
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
    from accord.operations import role_files, role_mining

    assignments = role_files.read_assignments(file)
    roles, certificate = role_files.read_mined(result, assignments)
    checked = role_mining.verify(assignments, roles, certificate)
    give(Answer(data=checked, rows=[checked], table=lambda: verified_page(checked)), as_json(options, wanted=json))
    return ExitCode.OK if checked.is_exact and checked.is_proven else ExitCode.FAILED


def drift(  # noqa: PLR0913 - one option each
    roles: Annotated[Path, Parameter(name="ROLES", help="The roles there are, as `accord roles mine --json` writes.")],
    file: Annotated[Path | None, Parameter(name="FILE", help="Who should hold what; or name a system.")] = None,
    /,
    *,
    system: Annotated[str | None, Parameter(name="--system", help="Compare with this system.")] = None,
    nodes: Annotated[
        int, Parameter(name="--nodes", help="How many nodes the search for the fewest may take.")
    ] = 10_000,
    json: Json = False,
    options: Options = DEFAULTS,
) -> int:
    """Find where roles differ from what is held, and the fewest edits that mend it. Ends with 2 when they differ."""
    from accord.cli.tables.roles import drift_page
    from accord.operations.role_drift import compare, read_roles

    assignments, _ = _held(file, system, options)
    found = compare(assignments, read_roles(roles), nodes=nodes)
    give(Answer(data=found, rows=found.edits, table=lambda: drift_page(found)), as_json(options, wanted=json))
    return ExitCode.CHANGES if found.edits else ExitCode.OK


def _mine(  # noqa: PLR0913, PLR0917 - the command's options
    file: Path | None,
    system: str | None,
    attributes: Path | None,
    objective: str,
    rounds: int,
    nodes: int,
    options: Options,
) -> "MinedRoles":
    from accord.operations import role_files, role_mining

    assignments, index = _held(file, system, options)
    if attributes is not None:
        index = role_files.read_attributes(attributes, assignments)
    wanted = role_mining.Objective(objective)
    return role_mining.mine(assignments, wanted, rounds=rounds, nodes=nodes, index=index)


def _held(file: Path | None, system: str | None, options: Options) -> "tuple[Assignments, Index | None]":
    """Return who holds what in the file or system; of a system with the attributes of whoever owns the accounts."""
    from accord.operations import role_files
    from accord.operations.holdings import read_system_assignments

    if (file is None) == (system is None):
        raise UsageError("name either a file or a system", remedy="name FILE, or --system SYSTEM")
    if file is not None:
        return role_files.read_assignments(file), None
    with reading(options) as accord:
        return read_system_assignments(accord.context, str(system))
