"""Up to where each analysis has looked, so that the next one looks only at what changed since."""

import json
from dataclasses import asdict, dataclass

from accord.store.baselines import Position
from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Where an analysis began, and by which terms: whatever else than the data its result depends on."""

    position: Position
    terms: str


class Analyses:
    """What the analyses of one store have looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, name: str) -> Looked | None:
        """Return how far an analysis has looked; None when it never did."""
        text = self._database.value(_SQL["read_watermark"], {"key": f"analysis:{name}"})
        if not text:
            return None
        known = json.loads(str(text))
        return Looked(position=Position(**known["position"]), terms=str(known["terms"]))

    def save(self, name: str, looked: Looked) -> None:
        """Remember how far it has looked; belongs into the transaction that keeps what it found."""
        values = {"key": f"analysis:{name}", "value": json.dumps(asdict(looked))}
        self._database.execute(_SQL["save_watermark"], values)
