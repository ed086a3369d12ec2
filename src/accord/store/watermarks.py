"""How far each system has been read: where the next delta import continues."""

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")


class Watermarks:
    """The watermarks of one store, opaque texts of the connectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, system: str) -> str | None:
        """Return the system's watermark; None when it was never read by one that gives watermarks."""
        text = self._database.value(_SQL["read_watermark"], {"key": f"watermark:{system}"})
        return str(text) if text else None

    def save(self, system: str, watermark: str) -> None:
        """Remember the watermark; belongs into the transaction that commits what was read up to it."""
        self._database.execute(_SQL["save_watermark"], {"key": f"watermark:{system}", "value": watermark})
