"""How many there are of everything: changed in the transaction that changes it, so that asking costs nothing."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc

from accord.store.database import Database
from accord.store.sql import load_queries

_SQL = load_queries("standing_counts")
_MANY = 20_000
"""From here on counting all that waits is quicker than counting what changes."""


class StandingCounts:
    """The counts of one store. What changes them belongs into the transaction that changes what is counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def objects(self, system: str) -> dict[str, int]:
        """Return how many objects of each type a system showed; those only planned are not counted."""
        return self._read("object", system)

    def identities(self) -> dict[str, int]:
        """Return how many identities of each type there are."""
        return self._read("identity", "")

    def states(self, system: str) -> dict[str, int]:
        """Return how many pending exports of a system there are in each state."""
        return self._read("pending", system)

    def pending(self) -> list[tuple[str, str, int]]:
        """Return system, state and count of all pending exports."""
        return [(system, state, int(n)) for system, state, n in self._database.rows(_SQL["read_pending"])]

    def add_objects(self, system: str, types: pa.ChunkedArray) -> None:
        """Count objects a system showed for the first time, by their types."""
        self._add("object", system, _counted(types))

    def add_identities(self, types: pa.ChunkedArray) -> None:
        """Count new identities, by their types."""
        self._add("identity", "", _counted(types))

    def take_objects(self, ids: pa.ChunkedArray) -> None:
        """Count these objects no longer; comes before they are removed."""
        self._of("objects_left", "left", ids)

    def take_identities(self, ids: pa.ChunkedArray) -> None:
        """Count these identities no longer; comes before they are removed."""
        self._of("identities_left", "left", ids)

    def let_arrive(self, ids: pa.ChunkedArray) -> None:
        """Count those of these objects that were only planned so far; comes before they are there."""
        self._of("objects_arrived", "arrived", ids)

    def move(self, system: str, states: Mapping[str, int]) -> None:
        """Count so many pending exports of a system more, or less, in each state."""
        self._add("pending", system, states)

    @contextmanager
    def moving(self, *ids: pa.ChunkedArray) -> Iterator[None]:
        """Keep the counts right through a change of the pending exports of these objects."""
        if sum(map(len, ids)) >= _MANY:
            yield
            self._database.execute(_SQL["forget_pending"])
            self._database.execute(_SQL["count_pending"])
            return
        all_ids = pa.chunked_array([chunk for column in ids for chunk in column.chunks], pa.int64())
        if not len(all_ids):
            yield
            return
        self._database.stage("moving", pa.table({"id": pc.unique(all_ids)}))
        self._database.execute(_SQL["pending_before"])
        yield
        self._database.execute(_SQL["pending_after"])

    def _read(self, kind: str, system: str) -> dict[str, int]:
        values = {"kind": kind, "system": system}
        return {str(name): int(n) for name, n in self._database.rows(_SQL["read"], values)}

    def _add(self, kind: str, system: str, counts: Mapping[str, int]) -> None:
        for name, n in sorted(counts.items()):
            if n:
                self._database.execute(_SQL["add"], {"kind": kind, "system": system, "name": name, "n": n})

    def _of(self, statement: str, stage: str, ids: pa.ChunkedArray) -> None:
        if len(ids):
            self._database.stage(stage, pa.table({"id": ids}))
            self._database.execute(_SQL[statement])


def _counted(names: Iterable[str]) -> dict[str, int]:
    return {str(item["values"]): int(item["counts"]) for item in pc.value_counts(names).to_pylist()}
