"""Commands by which a person decides who belongs to whom."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, again, give, say
from accord.cli.session import reading, writing

if TYPE_CHECKING:
    from accord.operations.decisions import Decision

System = Annotated[str, Parameter(name="SYSTEM", help="The connected system.")]
Object = Annotated[str, Parameter(name="OBJECT", help="An anchor or dn of it.")]
Reason = Annotated[str, Parameter(name="--reason", help="Why; kept with the decision and in the audit trail.")]


def join(
    system: System,
    name: Object,
    identity: Annotated[str, Parameter(name="IDENTITY", help="An anchor, a dn or any value of the identity.")],
    /,
    *,
    reason: Reason,
    options: Options = DEFAULTS,
) -> int:
    """Decide that an object belongs to an identity, whatever the rules say; the next synchronisation links them."""
    from accord.operations.decisions import join_by_hand

    with writing(options) as accord:
        made = join_by_hand(accord.context, system, name, identity, reason=reason)
    return _give([made], options)


def split(  # noqa: PLR0913 - each is one word of the command line
    system: System,
    name: Object,
    /,
    *,
    reason: Reason,
    never: Annotated[bool, Parameter(name="--never", negative="", help="And never match the two again.")] = False,
    identity: Annotated[
        str | None, Parameter(name="--from", help="With --never: the identity, where it is not the present one.")
    ] = None,
    options: Options = DEFAULTS,
) -> int:
    """Decide that an object's link ends; nothing is written to it, and the rules decide anew whose it is."""
    from accord.model.errors import UsageError
    from accord.operations.decisions import never_match, split_by_hand

    if identity is not None and not never:
        raise UsageError("--from needs --never", remedy="without --never the present link ends")
    with writing(options) as accord:
        if never:
            made = never_match(accord.context, system, name, identity, reason=reason)
        else:
            made = split_by_hand(accord.context, system, name, reason=reason)
    return _give([made], options)


def decisions(
    *,
    withdraw: Annotated[int | None, Parameter(name="--withdraw", help="End the decision of this number.")] = None,
    reason: Annotated[str, Parameter(name="--reason", help="With --withdraw: why.")] = "",
    show_all: Annotated[bool, Parameter(name="--all", negative="", help="Also those that ended.")] = False,
    options: Options = DEFAULTS,
) -> int:
    """List what persons decided about who belongs to whom, or withdraw a decision."""
    from accord.operations.decisions import list_decisions, withdraw_decision

    if withdraw is not None:
        with writing(options) as accord:
            ended = withdraw_decision(accord.context, withdraw, reason=reason)
        return _give([ended], options)
    with reading(options) as accord:
        found = list_decisions(accord.context, with_ended=show_all)
    _show(found, options)
    return ExitCode.OK


def _give(made: "list[Decision]", options: Options) -> int:
    _show(tuple(made), options)
    say(f"next: accord plan{again(options)}", options)
    return ExitCode.OK


def _show(found: "tuple[Decision, ...]", options: Options) -> None:
    from accord.cli.tables.decisions import decision_list

    give(Answer(data=found, rows=found, table=lambda: [decision_list(found)]), options)
