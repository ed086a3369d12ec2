"""Where everything stands: what `accord status` prints and the portal's first page shows."""

from fastapi import APIRouter

from accord.api.callers import AsReader
from accord.api.shapes import Shape
from accord.api.v1.plans import PlanBody
from accord.operations.health import Verdict
from accord.operations.status import read_status, read_system_status

router = APIRouter(prefix="/api/v1/status", tags=["Status"])


class TypeCountBody(Shape):
    """How many objects of one type there are."""

    type: str
    count: int


class HealthBody(Shape):
    """How a system is, and why in words."""

    verdict: Verdict
    reason: str


class LastRunBody(Shape):
    """The newest activity of a system."""

    id: str
    guid: str
    kind: str
    profile: str
    state: str
    started_at: str
    ended_at: str | None
    message: str


class SystemStatusBody(Shape):
    """One system: `pending` waits to be sent, `exported` to be confirmed, `failed` refused, `unknown` unanswered."""

    name: str
    connector: str
    health: HealthBody
    objects: list[TypeCountBody]
    pending: int
    exported: int
    failed: int
    unknown: int
    last: LastRunBody | None


class StatusBody(Shape):
    """Where everything stands. `plans` are those that wait for a person: held or released."""

    systems: list[SystemStatusBody]
    metaverse: list[TypeCountBody]
    plans: list[PlanBody]
    last_sync: LastRunBody | None


@router.get("")
def read_everything(door: AsReader) -> StatusBody:
    """Return every system with its health and what waits for it, the identities, and the plans that wait."""
    with door.reading() as context:
        return StatusBody.model_validate(read_status(context))


@router.get("/systems/{name}")
def read_one_system(door: AsReader, name: str) -> SystemStatusBody:
    """Return how one system is, by its name."""
    with door.reading() as context:
        return SystemStatusBody.model_validate(read_system_status(context, name))
