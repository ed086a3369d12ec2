"""Plans: what would change, looked at before it does; released, discarded and applied for a reason that is kept."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from accord.api.callers import AsOperator, AsReader
from accord.api.pages import Page, Paged, cursor_at, key_at
from accord.api.shapes import Shape
from accord.api.v1.executing import AsExecutor, Execution, accepted_as
from accord.operations.execution import execute
from accord.operations.performing import Order
from accord.operations.plan_browsing import Shelf, Wanted
from accord.operations.plan_changes import read_plan
from accord.operations.plans import discard_plan, list_plans, plan_state_named, read_plan_summary, release_plan

router = APIRouter(prefix="/api/v1/plans", tags=["Plans"])

_MOST = 1000


class PlanCount(Shape):
    """How many objects of one kind one operation touches."""

    area: str
    system: str
    object_type: str
    operation: str
    count: int


class PlanBreach(Shape):
    """A limit the plan breaks."""

    system: str
    limit: str
    count: int
    out_of: int
    allowed: str


class PlanBody(Shape):
    """A plan. `system` is empty for a synchronisation, which covers all; one that is stale would be refused."""

    id: str
    kind: str
    state: str
    is_stale: bool
    system: str
    created_at: str
    created_by: str
    released_by: str
    release_reason: str
    digest: str
    counts: list[PlanCount]
    breaches: list[PlanBreach]


class ChangedAttribute(Shape):
    """One attribute that changes; for references only what is removed and added."""

    name: str
    before: list[str]
    after: list[str]


class PlannedChangeBody(Shape):
    """What a plan does to one object."""

    area: str
    system: str
    object_type: str
    operation: str
    name: str
    object_id: int | None
    identity_id: int | None
    rule: str
    reason: str
    changes: list[ChangedAttribute]


class PlannedErrorBody(Shape):
    """One object a plan could not decide about, why, and what to do."""

    system: str
    object_type: str
    name: str
    rule: str
    attribute: str
    code: str
    message: str
    remedy: str


class PlannedChanges(Shape):
    """Changes in order. `totalCount` is null where counting would read everything."""

    changes: list[PlannedChangeBody]
    total_count: int | None
    next_cursor: str | None


class PlanDetail(PlanBody):
    """A plan with the first of its errors, and how many there are in all."""

    change_total: int
    errors: list[PlannedErrorBody]
    error_total: int


class Decision(Shape):
    """Why somebody decided so."""

    reason: str = Field(min_length=1, max_length=2000)


@router.get("")
def list_all_plans(
    door: AsReader,
    paging: Paged,
    state: Annotated[
        Literal["ready", "held", "released", "applied", "discarded"] | None, Query(description="Only those.")
    ] = None,
) -> Page[PlanBody]:
    """List plans, newest first."""
    with door.reading() as context:
        found = list_plans(context, state=plan_state_named(state) if state else None, limit=_MOST)
        return paging.cut([PlanBody.model_validate(plan) for plan in found])


@router.get("/{plan_id}")
def read_one_plan(door: AsReader, plan_id: str) -> PlanDetail:
    """Return one plan with its counts and errors."""
    with door.reading() as context:
        page = read_plan(context, plan_id, per_kind=20)
    whole = PlanBody.model_validate(page.plan).model_dump()
    errors = [PlannedErrorBody.model_validate(error) for error in page.errors]
    return PlanDetail(**whole, change_total=page.total, errors=errors, error_total=page.error_total)


@router.get("/{plan_id}/changes")
def list_plan_changes(
    door: AsReader,
    request: Request,
    plan_id: str,
    first: Annotated[int, Query(ge=1, le=1000, description="How many.")] = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    area: Annotated[Literal["export", "metaverse", "connector space"] | None, Query()] = None,
    system: Annotated[str, Query(max_length=200)] = "",
    operation: Annotated[str, Query(max_length=50)] = "",
    object_type: Annotated[str, Query(alias="objectType", max_length=200)] = "",
    search: Annotated[str, Query(max_length=500)] = "",
) -> PlannedChanges:
    """List what a plan does object by object, riskiest first; `nextCursor` reads on."""
    wanted = Wanted(area=area or "", system=system, object_type=object_type, operation=operation, text=search)
    shelf: Shelf = request.app.state.shelf
    with door.reading() as context:
        found = shelf.page(context, plan_id, wanted, after=key_at(cursor) or 0, limit=first)
    return PlannedChanges(
        changes=[PlannedChangeBody.model_validate(change) for change in found.changes],
        total_count=found.total,
        next_cursor=None if found.next is None else cursor_at(found.next),
    )


@router.post("", status_code=202)
def make_one_plan(door: AsOperator, response: Response) -> Execution:
    """Queue the computation of a plan for the synchronisation of everything; its activity tells which plan it made."""
    with door.writing() as context:
        return accepted_as(execute(context, Order(work="plan", reason="asked for over HTTP")), response)


@router.post("/{plan_id}/apply", status_code=202)
def apply_one_plan(door: AsExecutor, plan_id: str, response: Response, body: Decision) -> Execution:
    """Queue the application of exactly this plan; it is refused when the world has moved, or a guard holds it."""
    with door.writing() as context:
        plan = read_plan_summary(context, plan_id)
        order = Order(work="apply", system=plan.system, reason=body.reason, parameters={"plan": plan.id})
        return accepted_as(execute(context, order), response)


@router.post("/{plan_id}/release")
def release_one_plan(door: AsOperator, plan_id: str, body: Decision) -> PlanBody:
    """Let a plan be applied that a guard holds."""
    with door.writing() as context:
        return PlanBody.model_validate(release_plan(context, plan_id, by=door.caller.name, reason=body.reason))


@router.post("/{plan_id}/discard")
def discard_one_plan(door: AsOperator, plan_id: str, body: Decision) -> PlanBody:
    """Make sure that a plan is never applied."""
    with door.writing() as context:
        return PlanBody.model_validate(discard_plan(context, plan_id, by=door.caller.name, reason=body.reason))


@router.get("/{plan_id}/summary")
def read_one_summary(door: AsReader, plan_id: str) -> PlanBody:
    """Return what is known of a plan without reading its changes."""
    with door.reading() as context:
        return PlanBody.model_validate(read_plan_summary(context, plan_id))
