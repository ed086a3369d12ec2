"""Up to where everything is synchronised: what a delta synchronisation goes on from."""

import json
from dataclasses import asdict, dataclass, field

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("coordination")
_HISTORY = load_queries("history")
_KEY = "synchronised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where history, journal and ids stood."""

    history: int
    journal: int
    next_object_id: int
    next_identity_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The last synchronisation: where it began, by which rules, and whom the next one must look at again.

    `objects` and `identities` are those with problems and those it changed. `look_ups` is the version of the hashes,
    `at` the time for which it was made (ISO 8601).
    """

    position: Position
    rules_digest: str
    look_ups: str
    at: str
    objects: tuple[int, ...] = field(default=())
    identities: tuple[int, ...] = field(default=())


class Baselines:
    """The one baseline of a store, if deltas are in use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Baseline | None:
        """Return the baseline; None when there is none."""
        text = self._database.value(_SQL["read_watermark"], {"key": _KEY})
        if not text:
            return None
        known = json.loads(str(text))
        return Baseline(
            position=Position(**known["position"]),
            rules_digest=known["rules_digest"],
            look_ups=known["look_ups"],
            at=known.get("at", ""),
            objects=tuple(known["objects"]),
            identities=tuple(known["identities"]),
        )

    def position(self) -> Position:
        """Return where everything stands now."""
        history, journal = self._database.rows(_HISTORY["position"])[0]
        ids = [int(self._database.value(_SQL["next_id"], {"key": key}) or 1) for key in
               ("next_object_id", "next_identity_id")]  # fmt: skip
        return Position(history=history, journal=journal, next_object_id=ids[0], next_identity_id=ids[1])

    def save(self, baseline: Baseline) -> None:
        """Remember the baseline."""
        self._database.execute(_SQL["save_watermark"], {"key": _KEY, "value": json.dumps(asdict(baseline))})

    def forget(self) -> None:
        """Let the next delta synchronisation be a full one."""
        self._database.execute(_SQL["save_watermark"], {"key": _KEY, "value": ""})
