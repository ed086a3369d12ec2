"""The web application: all routers on one server, in front of them who asks, how often and how much."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from accord.api import signing_in
from accord.api.bodies import BodyGate
from accord.api.datasync import collections, jobs, moving, runs, schedules, sources, tokens
from accord.api.datasync.envelopes import DATA_SERVICE, SECURITY_SERVICE, problem_envelope, token_problem
from accord.api.description import describe
from accord.api.gate import Gate
from accord.api.identities import Identities
from accord.api.limits import LimitsNow
from accord.api.metrics import Standing
from accord.api.observing import Observing
from accord.api.openid import OpenId
from accord.api.problems import Renderer, install
from accord.api.recent import Recent
from accord.api.settings import Settings
from accord.api.v1 import (
    activities,
    administrators,
    apikeys,
    audit,
    auth,
    causes,
    executing,
    explaining,
    governance,
    governed,
    health,
    metrics,
    mined_roles,
    plans,
    roles,
    running,
    status,
    sync,
    why_not,
    worker_tasks,
)
from accord.api.v1 import jobs as background_jobs
from accord.api.v1.administration import routers as administration
from accord.api.watching import Watching
from accord.app import Server
from accord.operations.plan_browsing import Shelf

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    auth.router,
    apikeys.router,
    administrators.router,
    roles.router,
    executing.router,
    running.router,
    activities.router,
    causes.router,
    worker_tasks.router,
    status.router,
    plans.router,
    explaining.router,
    why_not.router,
    background_jobs.router,
    sync.router,
    governed.router,
    governance.router,
    mined_roles.router,
    audit.router,
    metrics.router,
    *administration.ROUTERS,
    signing_in.router,
    collections.router,
    schedules.router,
    moving.router,
    jobs.router,
    runs.router,
    sources.router,
    tokens.router,
)
"""Every part of the API, in the order of its description."""

RENDERERS: Mapping[str, Renderer] = {DATA_SERVICE: problem_envelope, SECURITY_SERVICE: token_problem}
"""Error bodies of contracts of their own, by path prefix."""


def create_app(server: Server, settings: Settings | None = None) -> FastAPI:
    """Return the application that answers for this server; closing the server is the caller's."""
    settings = settings or Settings()
    openid = OpenId(settings.provider) if settings.provider else None

    @asynccontextmanager
    async def lives(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if openid is not None:
            openid.close()

    app = FastAPI(
        title="Accord",
        version=version("accord"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lives,
    )
    app.state.server = server
    app.state.settings = settings
    app.state.openid = openid
    app.state.standing = Standing()
    app.state.shelf = Shelf(server.places.data / "api-plans")
    install(app, RENDERERS)
    for router in ROUTERS:
        app.include_router(router)
    app.state.routes = [route for router in ROUTERS for route in router.routes]
    describe(app)
    _put_before(app, server, settings, openid)
    return app


def _put_before(app: FastAPI, server: Server, settings: Settings, openid: OpenId | None) -> None:
    identities = Identities(server, settings, openid)
    app.state.recent = Recent()
    app.state.changed = (identities.forget, app.state.recent.forget)
    # The last one added comes first.
    app.add_middleware(BodyGate, limit_bytes=settings.body_limit_bytes)
    app.add_middleware(Watching, recent=app.state.recent)
    app.add_middleware(
        Gate,
        identities=identities,
        limits=LimitsNow(server, settings),
        changed=app.state.changed,
    )
    app.add_middleware(Observing)
