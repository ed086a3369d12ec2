"""What a plan may ask about those whom its workspace does not hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from accord.model.frames import Identities, Links, PendingExports, StagedObjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearers:
    """Identities and objects, with the objects' links, that bear one of the values asked for; and perhaps others."""

    identities: Identities
    objects: StagedObjects
    links: Links


class Beyond(Protocol):
    """The rest of the world, as it was when the last synchronisation had settled it."""

    def named(self, system: str, keys: pa.ChunkedArray) -> StagedObjects:
        """Return the objects of a system that references could name so."""

    def bearers(self, hashes: pa.ChunkedArray) -> Bearers:
        """Return who bears a value of one of these hashes (`lookups`)."""

    def count_objects(self) -> Mapping[str, int]:
        """Return how many objects each system holds in all, without planned ones."""

    def waiting(self) -> PendingExports:
        """Return what waits for objects not in the workspace, and was not sent."""

    def count_waiting(self) -> Mapping[tuple[str, str], int]:
        """Return how much of that there is by system and operation."""

    def count_waiting_removals(self) -> Mapping[str, int]:
        """Return how many references wait to be removed in each system, from objects not in the workspace."""

    def count_references(self) -> Mapping[str, int]:
        """Return how many references the objects of each system hold in all."""

    def count_identities(self) -> Mapping[str, int]:
        """Return how many identities of each type there are in all."""
