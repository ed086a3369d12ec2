"""What waits for a person: objects like enough to an identity to belong to it, accepted or rejected."""

from dataclasses import dataclass

from accord.model.errors import NotFound, UsageError
from accord.operations.decisions import Decision, join_by_hand, never_match
from accord.operations.naming import name_identities
from accord.operations.subjects import find_subject
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One candidate: an object, the identity it may belong to, how alike they are, and by what."""

    system: str
    object: str
    object_id: int
    identity_id: int
    identity: str
    rule: str
    score: float
    evidence: str


def list_reviews(context: Context) -> tuple[Review, ...]:
    """Return what waits for a person since the last synchronisation: object by object, the best candidate first."""
    rows = context.store.decisions.read_reviews().table.to_pylist()
    ids = sorted({row["object_id"] for row in rows})
    objects = {o["id"]: o for o in context.store.connector_space.read_objects_by_id(ids).table.to_pylist()}
    identities = sorted({row["identity_id"] for row in rows})
    names = name_identities(context, context.store.metaverse.read_identities_by_id(identities).table)
    found = [
        Review(
            system=objects[row["object_id"]]["system"],
            object=objects[row["object_id"]]["anchor"],
            object_id=row["object_id"],
            identity_id=row["identity_id"],
            identity=names.get(row["identity_id"], f"identity {row['identity_id']}"),
            rule=row["rule"],
            score=row["score"],
            evidence=row["evidence"],
        )
        for row in rows
        if row["object_id"] in objects
    ]
    return tuple(sorted(found, key=lambda r: (r.system, r.object, -r.score, r.identity_id)))


def count_reviews(context: Context) -> int:
    """Return how many objects wait for a person."""
    return context.store.decisions.count_reviews()


def accept_review(context: Context, name: str, identity: str | None = None, *, reason: str) -> Decision:
    """Join an object to its best candidate, or to the one named; raise UsageError when two are equally good."""
    found = _reviews_of(context, name, identity)
    if len(found) > 1 and found[0].score == found[1].score:
        some = ", ".join(f"identity:{r.identity_id} ({r.identity})" for r in found if r.score == found[0].score)
        raise UsageError(f"{name} is as like to several", remedy=f"say which with --identity: {some}")
    best = found[0]
    return join_by_hand(context, best.system, best.object, f"identity:{best.identity_id}", reason=reason)


def reject_review(context: Context, name: str, identity: str | None = None, *, reason: str) -> tuple[Decision, ...]:
    """Never match an object with its candidates, or with the one named."""
    return tuple(
        never_match(context, r.system, r.object, f"identity:{r.identity_id}", reason=reason)
        for r in _reviews_of(context, name, identity)
    )


def _reviews_of(context: Context, name: str, identity: str | None) -> list[Review]:
    wanted = None if identity is None else find_subject(context, identity).identity_id
    found = [
        r
        for r in list_reviews(context)
        if f"{r.system}/{r.object}" == name and (identity is None or r.identity_id == wanted)
    ]
    if not found:
        raise NotFound(f"no review of {name!r} waits", remedy="see: accord review; name it as SYSTEM/OBJECT")
    return found
