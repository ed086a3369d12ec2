"""What the last synchronisation was computed from: while that stands, another one has nothing to do."""

import json
from collections.abc import Mapping

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")
_KEY = "settled"


class Settled:
    """The counters and rules after which a synchronisation found or left nothing to change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def holds(self, versions: Mapping[str, int], rules_digest: str) -> bool:
        """Tell whether these are the counters and rules of the last synchronisation that settled everything."""
        return bool(self._database.value(_SQL["read_watermark"], {"key": _KEY}) == _text(versions, rules_digest))

    def save(self, versions: Mapping[str, int], rules_digest: str) -> None:
        """Remember that a synchronisation settled everything at these counters."""
        self._database.execute(_SQL["save_watermark"], {"key": _KEY, "value": _text(versions, rules_digest)})


def _text(versions: Mapping[str, int], rules_digest: str) -> str:
    return json.dumps({"versions": dict(versions), "rules": rules_digest}, sort_keys=True)
