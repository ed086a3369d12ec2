"""Commands about policies and managers."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from accord.cli.commands.roles import Json
from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options, as_json
from accord.cli.output import Answer, give
from accord.cli.session import reading, writing

_MOST = 100_000


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


def keep(
    file: Annotated[Path, Parameter(name="FILE", help="Policies as YAML.")],
    /,
    *,
    options: Options = DEFAULTS,
) -> int:
    """Keep the policies of a file, each in place of the one of its id; `policies check` then judges them."""
    from accord.cli.tables.governing import kept_page
    from accord.operations.governance_reports import keep_policies

    with writing(options) as accord:
        kept = keep_policies(accord.context, file)
    give(Answer(data=kept, rows=kept.policies, table=lambda: kept_page(kept)), options)
    return ExitCode.OK


def ask(
    requested: Annotated[
        tuple[str, ...], Parameter(name="--request", negative="", help="A term that is asked for; may be repeated.")
    ],
    *,
    owner: Annotated[int, Parameter(name="--owner", help="Whose holdings are looked up.")] = 0,
    held: Annotated[
        tuple[str, ...], Parameter(name="--held", negative="", help="A term that is held as well; may be repeated.")
    ] = (),
    removed: Annotated[
        tuple[str, ...], Parameter(name="--remove", negative="", help="A term that is taken away; may be repeated.")
    ] = (),
    options: Options = DEFAULTS,
) -> int:
    """Say which policies a change would violate before it is made. Ends with 2 when any would be."""
    from accord.cli.tables.governing import asked_page
    from accord.operations.violations import ask_beforehand

    with reading(options) as accord:
        found = ask_beforehand(accord.context, requested=requested, held=held, removed=removed, owner=owner)
    give(Answer(data=found, rows=found, table=lambda: asked_page(found)), options)
    return ExitCode.CHANGES if found else ExitCode.OK


def violations(
    *,
    state: Annotated[str, Parameter(name="--state", help="Only those in this state.")] = "",
    owner: Annotated[int, Parameter(name="--owner", help="Only those of this owner.")] = 0,
    options: Options = DEFAULTS,
) -> int:
    """List the violations that are known, in the state they have now."""
    from accord.cli.tables.governing import violations_page
    from accord.operations.violations import list_violations

    with reading(options) as accord:
        found = list_violations(accord.context, state=state, owner=owner, limit=_MOST).findings
    give(Answer(data=found, rows=found, table=lambda: violations_page(found)), options)
    return ExitCode.OK


def tolerate(
    violation: Annotated[str, Parameter(name="VIOLATION", help="The violation's id.")],
    /,
    *,
    reason: Annotated[str, Parameter(name="--reason", help="Why it is tolerated.")],
    until: Annotated[str | None, Parameter(name="--until", help="Until when, as 2026-12-31T00:00:00Z.")] = None,
    control: Annotated[str, Parameter(name="--control", help="What makes up for it: it is then mitigated.")] = "",
    options: Options = DEFAULTS,
) -> int:
    """Accept a violation for exactly the evidence it has, until a time; whatever is held in addition is a new one."""
    from accord.cli.tables.governing import excepted_page
    from accord.operations.violations import except_violation

    status = "mitigated" if control else "accepted"
    with writing(options) as accord:
        kept = except_violation(
            accord.context, violation, status=status, reason=reason, valid_until=until, control=control
        )
    give(Answer(data=kept, rows=[kept], table=lambda: excepted_page(kept)), options)
    return ExitCode.OK


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
