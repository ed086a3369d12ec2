"""Decisions of persons, and what waits for them, as tables."""

from collections.abc import Sequence

from rich.table import Table

from accord.cli.tables.parts import cell, state, table
from accord.operations.decisions import Decision
from accord.operations.reviews import Review


def decision_list(decisions: Sequence[Decision]) -> Table:
    """Return decisions as a table."""
    made = table("no", "decision", "object", "identity", "state", "by", "why", wraps=("object", "state", "why"))
    for decision in decisions:
        made.add_row(
            cell(str(decision.id)),
            cell(decision.kind),
            cell(f"{decision.system}/{decision.object}"),
            cell(decision.identity),
            state(decision.state).append(f": {decision.note}", style="dim") if decision.note else state(decision.state),
            cell(decision.actor),
            cell(decision.reason),
        )
    return made


def review_list(reviews: Sequence[Review]) -> Table:
    """Return what waits for a person as a table."""
    made = table("object", "may be", "score", "compared", "rule", numbers=("score",), wraps=("object", "compared"))
    for review in reviews:
        made.add_row(
            cell(f"{review.system}/{review.object}"),
            cell(f"{review.identity} (identity:{review.identity_id})"),
            cell(f"{review.score:.3f}"),
            cell(review.evidence),
            cell(review.rule),
        )
    return made
