"""Why a run could not do everything: its errors by cause, and a cause tried again by itself."""

from fastapi import APIRouter, Response

from accord.api.callers import AsOperator, AsReader
from accord.api.shapes import Shape
from accord.api.v1.executing import Execution, accepted_as
from accord.operations.causes import list_causes, retry_cause

router = APIRouter(prefix="/api/v1/activities", tags=["Activities"])


class CauseBody(Shape):
    """Objects that failed the same way; the example is the first of them."""

    code: str
    attribute: str
    operation: str
    count: int
    messages: int
    example_name: str | None
    example_message: str | None
    remedy: str | None


@router.get("/{activity_id}/causes")
def list_error_causes(door: AsReader, activity_id: str) -> list[CauseBody]:
    """List what went wrong by cause, the most frequent first; every object is counted."""
    with door.reading() as context:
        causes = list_causes(context, activity_id)
    return [
        CauseBody(
            code=c.code, attribute=c.attribute, operation=c.operation, count=c.count, messages=c.messages,
            example_name=c.example.anchor or c.example.at, example_message=c.example.message, remedy=c.example.remedy,
        )
        for c in causes
    ]  # fmt: skip


@router.post("/{activity_id}/causes/{code}/retry", status_code=202)
def retry_error_cause(door: AsOperator, activity_id: str, code: str, response: Response) -> Execution:
    """Queue what failed for one cause once more: exports of just these objects, else the whole run."""
    with door.writing() as context:
        return accepted_as(retry_cause(context, activity_id, code), response)
