"""Counters that tell whether what a plan was computed from has changed: `system:NAME` and `metaverse`."""

from collections.abc import Iterable, Mapping

from accord.model.errors import PlanStale
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")

METAVERSE = "metaverse"


def system_scope(system: str) -> str:
    """Return the name of a system's counter."""
    return f"system:{system}"


class Versions:
    """The counters of one store; a scope never changed counts 0."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, scopes: Iterable[str]) -> dict[str, int]:
        """Return the counters of the scopes."""
        known = dict(self._database.rows(_SQL["read_versions"]))
        return {scope: int(known.get(scope, 0)) for scope in scopes}

    def bump(self, scopes: Iterable[str]) -> None:
        """Count a change; belongs into the transaction of the change."""
        for scope in sorted(set(scopes)):
            self._database.execute(_SQL["bump_version"], {"scope": scope})

    def require(self, expected: Mapping[str, int]) -> None:
        """Raise PlanStale, naming every scope that moved. Holds the counters until the transaction ends."""
        for scope in sorted(expected):
            # Writing takes the row's lock, so that two commits from one state cannot both pass.
            self._database.execute(_SQL["touch_version"], {"scope": scope})
        found = self.read(expected)
        moved = [scope for scope in sorted(expected) if found[scope] != expected[scope]]
        if moved:
            raise PlanStale(
                f"{_named(moved)} changed since the plan was made", remedy="make the plan again and look at it"
            )


def _named(scopes: list[str]) -> str:
    names = [scope.removeprefix("system:") for scope in scopes if scope.startswith("system:")]
    parts = ["the metaverse"] if METAVERSE in scopes else []
    parts += [f"what system {name} said" for name in names]
    return " and ".join(parts)
