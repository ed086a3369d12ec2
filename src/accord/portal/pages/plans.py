"""Plans: listed, reviewed change by change, released, applied or discarded with a reason."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response

from accord.api.callers import AsOperator, AsReader
from accord.api.v1.executing import AsExecutor
from accord.model.plan import PlanState
from accord.operations.execution import execute
from accord.operations.performing import Order
from accord.operations.plan_browsing import Shelf, Wanted
from accord.operations.plan_changes import risk_of
from accord.operations.plans import discard_plan, list_plans, read_plan_summary, release_plan
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, is_part_wanted, page, part

router = APIRouter(include_in_schema=False)
_LISTED = 200
_ROWS = 50
_WINDOW = 50_000
_AREAS = ("export", "metaverse", "connector space")


@router.get("/plans")
def show_all(request: Request, door: AsReader, state: str = "") -> Response:
    """List plans, newest first."""
    wanted = PlanState(state) if state in {s.value for s in PlanState} else None
    with door.reading() as context:
        plans = list_plans(context, state=wanted, limit=_LISTED)
    said = Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/plans", command="accord plans")
    return page(request, "plans.html", place="plans", title="Plans", plans=plans, state=state, said=said)


@router.post("/plans")
def make(door: AsOperator, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue a plan of the synchronisation of everything, and show how far it is."""
    with door.writing() as context:
        accepted = execute(context, Order(work="plan"))
    return go_to(f"/runs/{accepted.activity}")


@router.get("/plans/{plan_id}")
def show(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, plan_id: str, area: str = "", system: str = "",
    object_type: Annotated[str, Query(alias="type")] = "", operation: str = "", text: str = "",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:  # fmt: skip
    """Show one plan, or only the list of its changes when the page asks for it."""
    shelf = cast("Shelf", request.app.state.shelf)
    wanted = Wanted(area=area, system=system, object_type=object_type, operation=operation, text=text.strip())
    here = f"/plans/{plan_id}"
    with door.reading() as context:
        is_ready = shelf.is_ready(context, plan_id)
        changes = shelf.page(context, plan_id, wanted, after=after, limit=_ROWS, window=_WINDOW) if is_ready else None
        if is_part_wanted(request):
            return part(request, "_changes.html", page=changes, wanted=wanted, after=after, here=here)
        plan = read_plan_summary(context, plan_id)
        errors = shelf.errors(context, plan_id) if is_ready else ()
    kinds = [c for c in plan.counts if c.area in _AREAS]
    return page(
        request, "plan.html", place="plans", title=f"Plan {plan.id}", plan=plan, errors=errors,
        kinds=sorted(kinds, key=lambda k: (_AREAS.index(k.area), risk_of(k.operation), k.system, k.object_type)),
        systems=sorted({k.system for k in kinds if k.system}), operations=sorted({k.operation for k in kinds}),
        said=Said(
            api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/plans/{plan.id}",
            command=f"accord show {plan.id}\naccord apply {plan.id}",
        ),
        page=changes, wanted=wanted, after=after, here=here,
    )  # fmt: skip


@router.get("/plans/{plan_id}/attributes")
def show_attributes(request: Request, door: AsReader, plan_id: str) -> Response:
    """Show which attributes change most."""
    shelf = cast("Shelf", request.app.state.shelf)
    with door.reading() as context:
        is_counted = shelf.is_counted(context, plan_id)
        attributes = shelf.attributes(context, plan_id) if is_counted else None
    return part(request, "_attributes.html", attributes=attributes, here=f"/plans/{plan_id}")


@router.post("/plans/{plan_id}/apply")
def apply(door: AsExecutor, plan_id: str, form: Form) -> Response:
    """Queue exactly this plan to be carried out."""
    with door.writing() as context:
        plan = read_plan_summary(context, plan_id)
        order = Order(work="apply", reason=form.get("reason", "").strip(), parameters={"plan": plan.id})
        accepted = execute(context, order)
    return go_to(f"/runs/{accepted.activity}")


@router.post("/plans/{plan_id}/release")
def release(door: AsOperator, plan_id: str, form: Form) -> Response:
    """Let a plan be applied that the guard holds."""
    with door.writing() as context:
        release_plan(context, plan_id, by=door.caller.name, reason=form.get("reason", "").strip())
    return go_to(f"/plans/{plan_id}")


@router.post("/plans/{plan_id}/discard")
def discard(door: AsOperator, plan_id: str, form: Form) -> Response:
    """Let a plan never be applied."""
    with door.writing() as context:
        discard_plan(context, plan_id, by=door.caller.name, reason=form.get("reason", "").strip())
    return go_to(f"/plans/{plan_id}")
