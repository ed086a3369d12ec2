"""Why: one question for everything that can be explained, for the command line and for Python."""

from accord.operations.absence import WhyNot, why_not
from accord.operations.explaining import Explanation, explain
from accord.operations.explaining_one import WhyReference, explain_reference
from accord.operations.past import PastExplanation, explain_at, read_time
from accord.operations.subjects import find_subject
from accord.runs.context import Context

__all__ = ["Explanation", "PastExplanation", "Why", "WhyNot", "WhyReference", "why"]

Why = Explanation | WhyNot | WhyReference | PastExplanation
"""An answer: of what is there, of what is missing, of one reference, of what was."""


def why(  # noqa: PLR0913 - each is one word of the question
    context: Context,
    what: str,
    attribute: str | None = None,
    *,
    is_missing: bool = False,
    system: str | None = None,
    who: str | None = None,
    at: str | None = None,
) -> Why:
    """Return why what a text means is as it is: values, precedence, links, accounts and what waits for them.

    `is_missing` asks why accounts are missing, in a `system` or any, and why nobody ends; of an object that belongs to
    nobody it is always asked. `who` asks about one reference, whether it is there or not; `at` (ISO 8601) about what
    was then. Nothing changes. Raises NotFound or UsageError when a text means nothing or several things.
    """
    if at is not None:
        return explain_at(context, what, read_time(at), attribute)
    if who is not None:
        return explain_reference(context, what, who, attribute)
    if is_missing or find_subject(context, what).identity_id is None:
        return why_not(context, what, system)
    return explain(context, what, attribute)
