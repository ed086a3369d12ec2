"""The web application: all routers on one server, in front of them who asks, how often and how much."""

from collections.abc import Mapping
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from accord.api.problems import MEDIA_TYPE, ProblemBody, Renderer, install
from accord.api.v1 import health
from accord.app import Server

ROUTERS: tuple[APIRouter, ...] = (health.router,)
"""Every part of the API, in the order of its description."""

RENDERERS: Mapping[str, Renderer] = {}
"""Error bodies of contracts of their own, by path prefix."""


def create_app(server: Server) -> FastAPI:
    """Return the application that answers for this server; closing the server is the caller's."""
    app = FastAPI(
        title="Accord",
        version=version("accord"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={"default": {"description": "What went wrong.", "content": {MEDIA_TYPE: {}}, "model": ProblemBody}},
    )
    app.state.server = server
    install(app, RENDERERS)
    for router in ROUTERS:
        app.include_router(router)
    return app
