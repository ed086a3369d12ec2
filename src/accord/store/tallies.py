"""How many of what there are: numbers for monitoring, counted by the database."""

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("tallies")


class Tallies:
    """The numbers of one store."""

    def __init__(self, control: Database) -> None:
        self._control = control

    def runs(self) -> list[tuple[str, str, str, int, str]]:
        """Return system, profile, state, count, and when the last of them ended, of all activities."""
        return [(s, p, state, int(n), last) for s, p, state, n, last in self._control.rows(_SQL["runs"])]
