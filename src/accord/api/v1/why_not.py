"""Why not, and what was: absences explained rule by rule, and the state at a time with rules and runs."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsReader
from accord.api.shapes import Shape
from accord.api.v1.administration.decisions import DecisionBody
from accord.api.v1.explaining import Named, RunBody
from accord.operations.absence import why_not
from accord.operations.past import explain_at, read_time

router = APIRouter(prefix="/api/v1/explain", tags=["Explain"])


class PastAttribute(Shape):
    """One attribute at a time: its values, the rule that gave them, and since which run it was so."""

    name: str
    values: list[str]
    rule: str
    since: str


class PastIdentity(Shape):
    """An identity as it was."""

    id: int
    type: str
    attributes: list[PastAttribute]
    references: list[PastAttribute]


class PastObject(Shape):
    """An object as it was, and how it belonged to the identity."""

    id: int
    system: str
    type: str
    anchor: str | None
    dn: str | None
    is_planned: bool
    rule: str
    how: str
    since: str
    attributes: list[PastAttribute]


class PastBody(Shape):
    """The state at a time, with rules and runs."""

    at: str
    identity: PastIdentity | None
    objects: list[PastObject]
    runs: list[RunBody]


class ConditionBody(Shape):
    """One condition of a scope, what it read, and whether it holds: yes, no, or failed."""

    condition: str
    reads: str
    verdict: str


class KeyBody(Shape):
    """One key of a join: what it looked for, in which attribute of identities."""

    expression: str
    values: str
    attribute: str


class JoinBody(Shape):
    """One join rule, and the identities that have the values it looked for."""

    keys: list[KeyBody]
    candidates: list[int]


class TrialBody(Shape):
    """What one rule had to say, and in words what came of it."""

    rule: str
    system: str
    object_type: str
    scope: str
    conditions: list[ConditionBody]
    joins: list[JoinBody]
    outcome: str


class LifeBody(Shape):
    """What keeps an identity from ending, or since when it waits."""

    trigger: str
    kept_by: list[str]
    outcome: str


class WhyNotBody(Shape):
    """Why an object belongs to nobody, or why an identity lacks accounts. `candidates` are names by number."""

    name: str
    identity_id: int | None
    object_id: int | None
    trials: list[TrialBody]
    life: LifeBody | None
    candidates: dict[int, str]
    decisions: list[DecisionBody]


@router.get("/why-not")
def explain_absence(
    door: AsReader,
    object_: Annotated[Named, Query(alias="object")],
    system: Annotated[str | None, Query(max_length=200, description="Accounts of this system only.")] = None,
) -> WhyNotBody:
    """Explain why an object belongs to nobody, or why somebody lacks accounts, and what keeps an identity alive."""
    with door.reading() as context:
        return WhyNotBody.model_validate(why_not(context, object_, system))


@router.get("/past")
def explain_past(
    door: AsReader,
    object_: Annotated[Named, Query(alias="object")],
    at: Annotated[str, Query(max_length=100, description="A time, ISO 8601; without zone it is UTC.")],
    attribute: Annotated[str | None, Query(max_length=200)] = None,
) -> PastBody:
    """Explain what a person, account or group was at a time, by which rules, and since which runs."""
    with door.reading() as context:
        return PastBody.model_validate(explain_at(context, object_, read_time(at), attribute))
