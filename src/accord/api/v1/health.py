"""Whether the server is there, lives, and can work. Open to everybody, and never rate-limited."""

from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter, Request, Response

from accord.api.moments import now_text
from accord.api.shapes import Shape
from accord.model.errors import AccordError

router = APIRouter(prefix="/api/v1/health", tags=["Health"])


class Health(Shape):
    """That the server answers."""

    status: Literal["healthy", "alive", "ready", "not_ready"]
    timestamp: str


class Version(Shape):
    """What this is."""

    product: str
    version: str


@router.get("")
async def read_health() -> Health:
    """Say that the server answers."""
    return Health(status="healthy", timestamp=now_text())


@router.get("/live")
async def read_liveness() -> Health:
    """Say that the process lives."""
    return Health(status="alive", timestamp=now_text())


@router.get("/ready", responses={503: {"model": Health, "description": "It cannot work now."}})
def read_readiness(request: Request, response: Response) -> Health:
    """Say whether the server can work: its store answers."""
    try:
        with request.app.state.server.reading("health") as context:
            context.store.activities.list(limit=1)
    except AccordError:
        response.status_code = 503
        return Health(status="not_ready", timestamp=now_text())
    return Health(status="ready", timestamp=now_text())


@router.get("/version")
async def read_version() -> Version:
    """Say which version this is."""
    return Version(product="Accord", version=version("accord"))
