"""Running what has no number: the whole cycle, a system by its name, and once more what ran before."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from accord.api.v1.executing import AsExecutor, Execution, accepted_as
from accord.operations.execution import execute, retry
from accord.operations.performing import Order
from accord.operations.runs import profile_named

router = APIRouter(prefix="/api/v1", tags=["Execution"])

_Reason = Annotated[str, Query(alias="changeReason", max_length=2000)]


@router.post("/cycles", status_code=202)
def run_cycle(door: AsExecutor, response: Response, delta: bool = False, change_reason: _Reason = "") -> Execution:
    """Queue the whole cycle: every import, the synchronisation, every export, and what confirms them."""
    order = Order(work="delta-cycle" if delta else "cycle", reason=change_reason)
    with door.writing() as context:
        return accepted_as(execute(context, order), response)


@router.post("/systems/{name}/run/{profile}", status_code=202)
def run_system(door: AsExecutor, name: str, profile: str, response: Response, change_reason: _Reason = "") -> Execution:
    """Queue a kind of run (`full-import`, `delta-import`, `export`, ...) of a system by its name."""
    with door.writing() as context:
        order = Order(work=profile_named(profile).value, system=name, reason=change_reason)
        return accepted_as(execute(context, order), response)


@router.post("/activities/{activity_id}/again", status_code=202)
def run_again(door: AsExecutor, activity_id: str, response: Response) -> Execution:
    """Queue the work of a job that has ended once more, as an activity of its own."""
    with door.writing() as context:
        return accepted_as(retry(context, activity_id), response)
