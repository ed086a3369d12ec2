"""Plans: everything a commit will do, as values. Preview, explain and apply read the same plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from accord.model.errors import RowError
from accord.model.frames import (
    AddedIdentities,
    AddedObjects,
    Frame,
    GoneIdentities,
    IdentityEdges,
    Ids,
    Links,
    Origins,
    PendingEdges,
    PendingExports,
    PlanErrors,
    PlannedObjects,
    RemovedIdentities,
    RemovedObjects,
    RestampedObjects,
    ReviewKeys,
    Reviews,
    StagedEdges,
    UpdatedIdentities,
    UpdatedObjects,
)


class PlanKind(StrEnum):
    """What a plan would change: one connector space (import), or metaverse and pending exports (sync)."""

    IMPORT = "import"
    SYNC = "sync"


class PlanState(StrEnum):
    """Where a plan stands."""

    READY = "ready"
    HELD = "held"
    RELEASED = "released"
    APPLIED = "applied"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One limit that a plan breaks: what it would do, out of how many, and what it may do."""

    system: str
    limit: str
    count: int
    out_of: int
    allowed: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The guard's answer: no breaches means the plan may be committed."""

    breaches: tuple[Breach, ...] = ()

    @property
    def is_held(self) -> bool:
        """Tell whether the plan must wait for a person."""
        return bool(self.breaches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many objects of one kind one operation touches: a line of the plan's table.

    `area` is connector space, metaverse or export.
    """

    area: str
    system: str
    object_type: str
    operation: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What one read changes in one connector space: a complete one, or one that showed only the objects `named`.

    `edges_added` and `edges_removed` cover added and updated objects; edges of removed objects go with them.
    `restamped` objects did not change; only the hash by which the next import recognises them does.
    """

    system: str
    added: AddedObjects
    updated: UpdatedObjects
    removed: RemovedObjects
    edges_added: StagedEdges
    edges_removed: StagedEdges
    restamped: RestampedObjects = field(default_factory=RestampedObjects.empty)
    named: Ids = field(default_factory=Ids.empty)
    is_complete: bool = True
    unchanged: int = 0
    read: int = 0
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What one synchronisation changes in metaverse, links and pending exports.

    `pending_put` replaces the pending exports of its objects; `pending_removed` withdraws those no longer wanted.
    """

    identities_added: AddedIdentities = field(default_factory=AddedIdentities.empty)
    identities_updated: UpdatedIdentities = field(default_factory=UpdatedIdentities.empty)
    identities_removed: RemovedIdentities = field(default_factory=RemovedIdentities.empty)
    identities_gone: GoneIdentities = field(default_factory=GoneIdentities.empty)
    identity_edges_added: IdentityEdges = field(default_factory=IdentityEdges.empty)
    identity_edges_removed: IdentityEdges = field(default_factory=IdentityEdges.empty)
    origins: Origins = field(default_factory=Origins.empty)
    links_added: Links = field(default_factory=Links.empty)
    links_removed: Links = field(default_factory=Links.empty)
    objects_planned: PlannedObjects = field(default_factory=PlannedObjects.empty)
    objects_unplanned: Ids = field(default_factory=Ids.empty)
    pending_put: PendingExports = field(default_factory=PendingExports.empty)
    pending_removed: Ids = field(default_factory=Ids.empty)
    pending_edges_put: PendingEdges = field(default_factory=PendingEdges.empty)
    pending_edges_removed: PendingEdges = field(default_factory=PendingEdges.empty)
    reviews_put: Reviews = field(default_factory=Reviews.empty)
    reviews_removed: ReviewKeys = field(default_factory=ReviewKeys.empty)
    errors: PlanErrors = field(default_factory=PlanErrors.empty)

    @classmethod
    def joined(cls, parts: Iterable["SyncPlan"]) -> "SyncPlan":
        """Return the plan that has every frame of the one part where it has rows."""
        whole: dict[str, Any] = {name: frame for part in parts for name, frame in part.frames().items() if len(frame)}
        return cls(**whole)

    def frames(self) -> Mapping[str, Frame]:
        """Return every frame by its field's name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def is_empty(self) -> bool:
        """Tell whether a commit would change nothing (errors do not count)."""
        return not any(len(frame) for name, frame in self.frames().items() if name not in ("errors", "origins"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHeader:
    """What is known of a stored plan without reading its frames.

    `versions` are the counters of everything it was computed from; a commit requires them unchanged.
    """

    id: str
    kind: PlanKind
    state: PlanState
    system: str
    created_at: str
    created_by: str
    digest: str
    rules_digest: str
    versions: Mapping[str, int]
    counts: tuple[Count, ...]
    verdict: Verdict
    released_by: str = ""
    release_reason: str = ""
