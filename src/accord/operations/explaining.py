"""Why a value is what it is, for whoever asks."""

from dataclasses import replace

from accord.model.errors import NotFound
from accord.runs.context import Context
from accord.runs.explain_run import Explanation, find_identity, run_explain


def explain(context: Context, text: str, attribute: str | None = None) -> Explanation:
    """Return the explanation of the identity meant by the text, of one attribute of it and its accounts when named.

    Raises NotFound when nothing is meant by the text, or neither the identity nor an account has the attribute.
    """
    explanation = run_explain(context, find_identity(context, text))
    if attribute is None:
        return explanation
    wanted = attribute.lower()
    values = tuple(v for v in explanation.values if v.attribute.lower() == wanted)
    accounts = tuple(a for a in explanation.accounts if a.attribute.lower() == wanted)
    if not values and not accounts:
        known = sorted({v.attribute for v in explanation.values} | {a.attribute for a in explanation.accounts})
        raise NotFound(f"there is no attribute {attribute!r} here", remedy=f"use one of: {', '.join(known)}")
    needed = {i.name for a in accounts for i in a.inputs}
    return replace(
        explanation,
        values=values or tuple(v for v in explanation.values if v.attribute in needed),
        accounts=accounts,
    )
