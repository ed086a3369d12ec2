"""Why: what every value of a person, account or group comes from, and what happened to it before."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.shapes import Shape
from accord.api.v1.administration.decisions import DecisionBody
from accord.operations.explaining import explain
from accord.operations.explaining_one import explain_reference
from accord.operations.history import read_history

router = APIRouter(prefix="/api/v1", tags=["Explain"])

Named = Annotated[str, Query(min_length=1, max_length=500, description="An anchor, a dn, a value, identity:7 ...")]


class InputBody(Shape):
    """One value an expression was given."""

    name: str
    value: str | None


class ContributionBody(Shape):
    """What one rule has to say about one attribute."""

    rule: str
    system: str
    object_name: str
    expression: str
    inputs: list[InputBody]
    value: str | None
    verdict: str
    how: str


class ValueBody(Shape):
    """One attribute of the identity, and everybody who fed it in the order of precedence."""

    attribute: str
    value: str | None
    reason: str
    since: str
    contributions: list[ContributionBody]


class AccountBody(Shape):
    """One attribute of one account: what it should be and why, what it is, and what waits to be sent."""

    rule: str
    system: str
    object_name: str
    attribute: str
    expression: str
    inputs: list[InputBody]
    wanted: str | None
    held: str | None
    pending: str
    object_id: int
    since: str


class LinkedBody(Shape):
    """An object that belongs to the identity; `since` names the run that linked it, `decision` who said so."""

    system: str
    type: str
    name: str
    rule: str
    how: str
    since: str
    decision: DecisionBody | None


class RunBody(Shape):
    """A run since which something is as it is."""

    activity: str
    kind: str
    at: str
    actor: str


class ExplanationBody(Shape):
    """Everything about one identity."""

    identity_id: int
    type: str
    name: str
    objects: list[LinkedBody]
    values: list[ValueBody]
    accounts: list[AccountBody]
    runs: list[RunBody]
    decisions: list[DecisionBody]


class TrialOfReference(Shape):
    """What comes of one reference in one place: the metaverse (`system` is empty), or an account."""

    attribute: str
    rule: str
    system: str
    object_name: str
    is_wanted: bool
    is_held: bool
    waits: str
    reason: str
    inputs: list[InputBody]


class WhyReferenceBody(Shape):
    """Why one refers to another, or not, place by place."""

    name: str
    identity_id: int
    other: str
    other_id: int | None
    trials: list[TrialOfReference]
    decisions: list[DecisionBody]


class HistoryChange(Shape):
    """One attribute that changed."""

    name: str
    before: list[str]
    after: list[str]


class HistoryBody(Shape):
    """One change of a person, account or group."""

    at: str
    activity: str
    kind: str
    actor: str
    subject: str
    operation: str
    changes: list[HistoryChange]


@router.get("/explain")
def explain_object(
    door: AsReader,
    object_: Annotated[Named, Query(alias="object")],
    attribute: Annotated[str | None, Query(max_length=200)] = None,
) -> ExplanationBody:
    """Explain why the values of a person, account or group are what they are."""
    with door.reading() as context:
        return ExplanationBody.model_validate(explain(context, object_, attribute))


@router.get("/explain/reference")
def explain_one_reference(
    door: AsReader,
    object_: Annotated[Named, Query(alias="object")],
    who: Annotated[str, Query(min_length=1, max_length=500, description="Who is, or could be, referred to.")],
    attribute: Annotated[str | None, Query(max_length=200)] = None,
) -> WhyReferenceBody:
    """Explain why a group of any size has one member, or has not: of one reference, in the metaverse and accounts."""
    with door.reading() as context:
        return WhyReferenceBody.model_validate(explain_reference(context, object_, who, attribute))


@router.get("/history")
def read_object_history(door: AsReader, object_: Annotated[Named, Query(alias="object")]) -> list[HistoryBody]:
    """Tell every change of a person, account or group."""
    with door.reading() as context:
        return [HistoryBody.model_validate(entry) for entry in read_history(context, object_)]
