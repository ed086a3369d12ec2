"""The command for what waits for a person."""

from typing import Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, again, give, say
from accord.cli.session import reading, writing


def review(
    *,
    accept: Annotated[str | None, Parameter(name="--accept", help="Join SYSTEM/OBJECT to its best candidate.")] = None,
    reject: Annotated[str | None, Parameter(name="--reject", help="Never match SYSTEM/OBJECT with them.")] = None,
    identity: Annotated[str | None, Parameter(name="--identity", help="The candidate meant.")] = None,
    reason: Annotated[str, Parameter(name="--reason", help="Why; kept with the decision.")] = "",
    options: Options = DEFAULTS,
) -> int:
    """List objects that may belong to an identity, with scores and what was compared; accept or reject them."""
    from accord.cli.tables.decisions import decision_list, review_list
    from accord.operations.reviews import accept_review, list_reviews, reject_review

    if accept is None and reject is None:
        with reading(options) as accord:
            found = list_reviews(accord.context)
        give(Answer(data=found, rows=found, table=lambda: [review_list(found)]), options)
        return ExitCode.OK
    made = []
    with writing(options) as accord:
        if accept is not None:
            made.append(accept_review(accord.context, accept, identity, reason=reason))
        if reject is not None:
            made += reject_review(accord.context, reject, identity, reason=reason)
    give(Answer(data=made, rows=made, table=lambda: [decision_list(made)]), options)
    say(f"next: accord plan{again(options)}", options)
    return ExitCode.OK
