"""Decisions of persons as a table."""

from collections.abc import Sequence

from rich.table import Table

from accord.cli.tables.parts import cell, state, table
from accord.operations.decisions import Decision


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
