"""What the last synchronisation was computed from: while that stands, another one has nothing to do."""

import json
from collections.abc import Mapping
from typing import Any

from accord.model.rule_parts import RuleParts
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
        kept = self._read()
        return kept.get("versions") == dict(versions) and kept.get("rules") == rules_digest

    def parts(self, versions: Mapping[str, int]) -> RuleParts | None:
        """Return the parts of the rules by which everything is settled at these counters, None if nobody knows."""
        kept = self._read()
        return kept.get("parts") if kept.get("versions") == dict(versions) else None

    def save(self, versions: Mapping[str, int], rules_digest: str, parts: RuleParts) -> None:
        """Remember that a synchronisation settled everything at these counters."""
        kept = {"versions": dict(versions), "rules": rules_digest, "parts": parts}
        values = {"key": _KEY, "value": json.dumps(kept, sort_keys=True)}
        self._database.execute(_SQL["save_watermark"], values)

    def _read(self) -> dict[str, Any]:
        text = self._database.value(_SQL["read_watermark"], {"key": _KEY})
        return {} if text is None else dict(json.loads(text))
