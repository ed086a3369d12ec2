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
        return self._value(f"watermark:{system}")

    def read_schema(self, system: str) -> str | None:
        """Return the digest of what was read of each object when the watermark was taken; None when not known."""
        return self._value(f"watermark schema:{system}")

    def save(self, system: str, watermark: str, *, schema: str = "") -> None:
        """Remember the watermark; belongs into the transaction that commits what was read up to it."""
        for key, value in ((f"watermark:{system}", watermark), (f"watermark schema:{system}", schema)):
            self._database.execute(_SQL["save_watermark"], {"key": key, "value": value})

    def _value(self, key: str) -> str | None:
        text = self._database.value(_SQL["read_watermark"], {"key": key})
        return str(text) if text else None
