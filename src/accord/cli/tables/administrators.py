"""Local administrators as a table."""

from collections.abc import Sequence

from rich.table import Table

from accord.cli.tables.parts import cell, table, time
from accord.operations.administrators import Administrator


def administrator_table(found: Sequence[Administrator]) -> Table:
    """Return who may sign in by password."""
    made = table("name", "may do", "since", "by")
    for one in found:
        made.add_row(cell(one.name), cell(", ".join(one.roles)), time(one.created_at), cell(one.created_by))
    return made
