"""Why: what every value of a person, account or group comes from, and what happened to it before."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.shapes import Shape
from accord.operations.explaining import explain
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
    """An object that belongs to the identity; `since` names the run that linked it."""

    system: str
    type: str
    name: str
    rule: str
    how: str
    since: str


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


@router.get("/history")
def read_object_history(door: AsReader, object_: Annotated[Named, Query(alias="object")]) -> list[HistoryBody]:
    """Tell every change of a person, account or group."""
    with door.reading() as context:
        return [HistoryBody.model_validate(entry) for entry in read_history(context, object_)]
