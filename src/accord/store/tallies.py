"""How many of what there are: numbers for monitoring, counted by the databases."""

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("tallies")


class Tallies:
    """The numbers of one store."""

    def __init__(self, data: Database, control: Database) -> None:
        self._data = data
        self._control = control

    def runs(self) -> list[tuple[str, str, str, int, str]]:
        """Return system, profile, state, count, and when the last of them ended, of all activities."""
        return [(s, p, state, int(n), last) for s, p, state, n, last in self._control.rows(_SQL["runs"])]

    def pending(self) -> list[tuple[str, str, int]]:
        """Return system, state and count of all pending exports."""
        return [(system, state, int(n)) for system, state, n in self._data.rows(_SQL["pending"])]
