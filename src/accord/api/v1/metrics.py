"""Where everything stands, for Prometheus; and whether the server is ready, at the address probes ask by habit."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import Role, enter
from accord.api.metrics import Standing, text_of
from accord.api.v1.health import Health, read_readiness
from accord.app import Server
from accord.operations.measuring import measure

router = APIRouter(tags=["Health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text."}},
)
def read_metrics(request: Request) -> Response:
    """Return counters and gauges. Needs a Reader, unless the server was set up to let everybody read them."""
    if not request.app.state.settings.metrics_open:
        enter(request, Role.READER)
    server: Server = request.app.state.server
    standing: Standing = request.app.state.standing
    with server.reading("metrics") as context:
        text, kind = text_of(standing.refreshed(lambda: measure(context)))
    return Response(text, media_type=kind)


@router.get("/ready", responses={503: {"model": Health, "description": "It cannot work now."}})
def read_ready(request: Request, response: Response) -> Health:
    """Say whether the server can work."""
    return read_readiness(request, response)
