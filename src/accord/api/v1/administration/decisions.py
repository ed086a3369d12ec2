"""What persons decide about who belongs to whom: joins, splits, never-matches, and the candidates that wait for one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from accord.api.callers import AsOperator, AsReader
from accord.api.shapes import Shape
from accord.operations import decisions as op
from accord.operations.reviews import accept_review, list_reviews, reject_review

router = APIRouter(prefix="/api/v1/decisions", tags=["Decisions"])
reviews = APIRouter(prefix="/api/v1/reviews", tags=["Decisions"])

_Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Why; kept with the decision.")]
_Name = Annotated[str, Field(min_length=1, max_length=1000)]


class DecisionBody(Shape):
    """One decision. `state` is holds, spent, waiting, replaced or withdrawn; `note` says what comes of it."""

    id: int
    kind: str
    system: str
    object: str
    identity_id: int
    identity: str
    actor: str
    reason: str
    made_at: str
    state: str
    note: str
    ended_at: str | None
    ended_by: str | None


class NewDecisionBody(Shape):
    """A decision about an object (anchor or dn) of a system. A join names the identity; a never-match may."""

    kind: Literal["join", "split", "never"]
    system: _Name
    object: _Name
    identity: Annotated[str | None, Field(max_length=1000, description="identity:7, or any value of it.")] = None
    reason: _Reason


class Withdrawal(Shape):
    """Why a decision ends."""

    reason: _Reason


class ReviewBody(Shape):
    """An object, an identity it may belong to, how alike they are (0 to 1), and what was compared."""

    system: str
    object: str
    object_id: int
    identity_id: int
    identity: str
    rule: str
    score: float
    evidence: str


class Judgement(Shape):
    """Which candidates of an object (SYSTEM/OBJECT) are meant; without identity the best one, or all to reject."""

    object: _Name
    identity: Annotated[str | None, Field(max_length=1000)] = None
    reason: _Reason


@router.get("")
def list_decisions(
    door: AsReader,
    with_ended: Annotated[bool, Query(alias="withEnded", description="Ended ones too.")] = False,
) -> list[DecisionBody]:
    """List the decisions, newest first, with what came of each."""
    with door.reading() as context:
        return [DecisionBody.model_validate(d) for d in op.list_decisions(context, with_ended=with_ended)]


@router.post("", status_code=201)
def make_decision(door: AsOperator, body: NewDecisionBody) -> DecisionBody:
    """Decide about an object; the next synchronisation carries it out, and later ones respect it."""
    with door.writing() as context:
        made = op.decide(context, body.kind, body.system, body.object, body.identity, reason=body.reason)
        return DecisionBody.model_validate(made)


@router.post("/{number}/withdraw")
def withdraw_decision(door: AsOperator, number: int, body: Withdrawal) -> DecisionBody:
    """End a decision: what it made stays until the rules decide otherwise."""
    with door.writing() as context:
        return DecisionBody.model_validate(op.withdraw_decision(context, number, reason=body.reason))


@reviews.get("")
def list_all_reviews(door: AsReader) -> list[ReviewBody]:
    """List the candidates that wait for a person: object by object, the best one first."""
    with door.reading() as context:
        return [ReviewBody.model_validate(r) for r in list_reviews(context)]


@reviews.post("/accept", status_code=201)
def accept_one_review(door: AsOperator, body: Judgement) -> DecisionBody:
    """Decide that an object belongs to its best candidate, or to the one named."""
    with door.writing() as context:
        return DecisionBody.model_validate(accept_review(context, body.object, body.identity, reason=body.reason))


@reviews.post("/reject", status_code=201)
def reject_one_review(door: AsOperator, body: Judgement) -> list[DecisionBody]:
    """Decide that an object never belongs to its candidates, or to the one named."""
    with door.writing() as context:
        made = reject_review(context, body.object, body.identity, reason=body.reason)
        return [DecisionBody.model_validate(d) for d in made]
