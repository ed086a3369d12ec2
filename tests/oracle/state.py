"""What a synchronisation is given and what it decides, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Value: TypeAlias = str | tuple[str, ...]
"""Canonical text; several values as a sorted tuple. Absent values are absent."""

Values: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a system last said of one object; `values` is None for a planned one."""

    system: str
    type: str
    anchor: str | None
    dn: str | None
    values: Values | None

    @property
    def is_planned(self) -> bool:
        return self.values is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One identity of the metaverse."""

    type: str
    values: Values
    gone_since: int | None = None
    origin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """To which identity an object belongs."""

    identity_id: int
    rule: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is to be exported; `state` and `attempts` are the driver's."""

    identity_id: int | None
    system: str
    type: str
    rule: str | None
    operation: str
    dn: str | None
    new_dn: str | None
    before: Values | None
    after: Values | None
    reason: str | None
    state: str = "pending"

    def wants_the_same(self, other: "Pending") -> bool:
        """Tell whether both would have the target do the same."""
        return (self.operation, self.dn, self.new_dn, self.before, self.after) == (
            other.operation, other.dn, other.new_dn, other.before, other.after,
        )  # fmt: skip


class Decision(NamedTuple):
    """What a person decided: join, split or never."""

    object_id: int
    identity_id: int
    kind: str


class Review(NamedTuple):
    """An object that may belong to an identity."""

    object_id: int
    identity_id: int
    rule: str
    score: float


class Edge(NamedTuple):
    """A reference: `dst` is a text in staged objects, an identity's id in the metaverse."""

    src: int
    attr: str
    dst: str | int


class PendingEdge(NamedTuple):
    """A reference to add or to remove."""

    object_id: int
    attr: str
    change: str
    dst_object: int | None
    dst_text: str | None


class Problem(NamedTuple):
    """What could not be decided."""

    code: str
    rule: str
    object_id: int | None
    identity_id: int | None
    attribute: str | None


@dataclass(slots=True, kw_only=True)
class State:
    """All that is stored; ids are those of the store."""

    objects: dict[int, Staged] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    identities: dict[int, Identity] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    identity_edges: set[Edge] = field(default_factory=set)
    pending: dict[int, Pending] = field(default_factory=dict)
    pending_edges: dict[PendingEdge, str] = field(default_factory=dict)
    decisions: set[Decision] = field(default_factory=set)
    reviews: dict[tuple[int, int], dict[str, object]] = field(default_factory=dict)
    next_object: int = 1
    next_identity: int = 1

    def copy(self) -> "State":
        """Return a state that changes apart from this one."""
        return State(
            objects=dict(self.objects), edges=set(self.edges), identities=dict(self.identities),
            links=dict(self.links), identity_edges=set(self.identity_edges), pending=dict(self.pending),
            pending_edges=dict(self.pending_edges), decisions=set(self.decisions), next_object=self.next_object,
            next_identity=self.next_identity, reviews=dict(self.reviews),
        )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Decided:
    """How everything shall be after one synchronisation.

    `put` are the pending exports that are new or different, `withdrawn` those that go. New ids follow those of the
    state given, in the order in which they were given away.
    """

    identities: dict[int, Identity] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    identity_edges: set[Edge] = field(default_factory=set)
    objects: dict[int, Staged] = field(default_factory=dict)
    pending: dict[int, Pending] = field(default_factory=dict)
    pending_edges: set[PendingEdge] = field(default_factory=set)
    put: set[int] = field(default_factory=set)
    reviews: set[Review] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
