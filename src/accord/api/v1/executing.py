"""Executing a run profile: queued and answered at once; what becomes of it is told by its activity."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from accord.api.callers import ROLES_OF, Door, Role, enter
from accord.api.shapes import Shape
from accord.operations.executing_profiles import execute_profile
from accord.operations.execution import Accepted

router = APIRouter(prefix="/api/v1/synchronisation/connected-systems", tags=["Execution"])


class Execution(Shape):
    """Where to watch what was queued."""

    activity_id: str
    task_id: str
    message: str
    warnings: list[str]


async def let_execute(request: Request) -> Door:
    """Let in who may execute: Administrators; Operators too where the server was set up so."""
    roles = [Role.ADMINISTRATOR, *([Role.OPERATOR] if request.app.state.settings.operators_execute else [])]
    return enter(request, *roles)


ROLES_OF[let_execute] = (Role.ADMINISTRATOR,)
AsExecutor = Annotated[Door, Depends(let_execute)]


@router.post("/{connected_system_id}/run-profiles/{run_profile_id}/execute", status_code=202)
def execute_run_profile(
    door: AsExecutor,
    connected_system_id: int,
    run_profile_id: int,
    response: Response,
    change_reason: Annotated[str | None, Query(alias="changeReason", max_length=2000)] = None,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Execution:
    """Queue the execution of a run profile. The request has no body; one that is asked for while another runs waits."""
    key = f"{door.caller.actor} {idempotency_key}" if idempotency_key else None
    with door.writing() as context:
        accepted = execute_profile(context, connected_system_id, run_profile_id, reason=change_reason or "", key=key)
        return accepted_as(accepted, response)


def accepted_as(accepted: Accepted, response: Response) -> Execution:
    """Return where to watch what was queued, and say it in the answer's head."""
    response.headers["Location"] = f"/api/v1/activities/{accepted.activity}"
    return Execution(
        activity_id=accepted.activity,
        task_id=accepted.task,
        message=accepted.message,
        warnings=list(accepted.warnings),
    )
