"""The portal as an application of its own, beside the API on one address: pages, assets, sign-in, errors as pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from mimetypes import guess_type

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from accord.api.bodies import BodyGate
from accord.api.problems import Problem, problem_of
from accord.api.settings import Settings
from accord.app import Server
from accord.model.errors import AccordError, NotFound, NotSignedIn
from accord.operations.plan_browsing import Shelf
from accord.portal.gate import Gate
from accord.portal.pages.routers import ROUTERS
from accord.portal.rendering import ASSETS, link, page
from accord.portal.sessions import HEADERS

_API_PATHS = ("/api", "/GroupID", "/scim", "/metrics", "/health", "/ready", "/auth")
_MONTH_S = 30 * 24 * 3600


class Doors:
    """Both doors on one address: what begins like the API goes there, everything else to the portal."""

    def __init__(self, api: ASGIApp, portal: ASGIApp) -> None:
        self._api = api
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a connection to its door."""
        is_page = scope["type"] == "http" and not scope["path"].startswith(_API_PATHS)
        await (self._portal if is_page else self._api)(scope, receive, send)


def with_portal(api: FastAPI, server: Server, settings: Settings) -> Doors:
    """Return the API with the portal beside it."""
    return Doors(api, create_portal(server, settings, changed=api.state.changed))


def create_portal(server: Server, settings: Settings, *, changed: Sequence[Callable[[], None]]) -> FastAPI:
    """Return the pages over a server; `changed` is called after each form, as the API does after its requests."""
    app = FastAPI(title="Accord portal", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.server = server
    app.state.settings = settings
    app.state.changed = changed
    app.state.gate = Gate(server, settings)
    app.state.shelf = Shelf(server.places.data / "shown-plans", lambda: server.reading("portal"))
    app.state.answer_problem = _show_problem
    app.add_middleware(BodyGate, limit_bytes=settings.body_limit_bytes)
    app.middleware("http")(_enter)
    app.add_exception_handler(AccordError, _show_error)
    app.add_exception_handler(HTTPException, _show_http_error)
    app.add_exception_handler(RequestValidationError, _show_wrong_address)
    app.add_api_route("/assets/{name}", _asset, include_in_schema=False)
    for router in ROUTERS:
        app.include_router(router)
    return app


async def _enter(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    if not request.url.path.startswith("/assets/"):
        gate: Gate = request.app.state.gate
        person = await run_in_threadpool(gate.person_at, request)
        if person is not None:
            request.state.caller, request.state.csrf = person, person.csrf
    response = await call_next(request)
    if request.method == "POST":
        for forget in request.app.state.changed:
            forget()
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _asset(name: str) -> Response:
    file = ASSETS / name
    if "/" in name or not file.is_file():
        raise NotFound(f"there is no asset {name}", remedy="reload the page")
    kind = guess_type(name)[0] or "text/plain"
    return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": f"public, max-age={_MONTH_S}"})


def _show_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AccordError):
        raise error
    if isinstance(error, NotSignedIn):
        return RedirectResponse(link("/sign-in", to=_address(request)), HTTPStatus.SEE_OTHER)
    return _show_problem(replace(problem_of(error), remedy=error.remedy), request)


def _show_problem(problem: Problem, request: Request) -> Response:
    return _error_page(request, problem.status, problem.message, problem.remedy)


def _show_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    message = "There is no such page." if status is HTTPStatus.NOT_FOUND else str(error.detail)
    return _error_page(request, status, message, "Go on from the navigation.")


def _show_wrong_address(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = "; ".join(f"{'.'.join(str(p) for p in e['loc'][1:])}: {e['msg']}" for e in error.errors())
    return _error_page(request, HTTPStatus.BAD_REQUEST, wrong, "Correct what was entered and try again.")


def _error_page(request: Request, status: HTTPStatus, message: str, remedy: str) -> Response:
    return page(request, "error.html", place="", title=status.phrase, code=status.value, message=message, remedy=remedy)


def _address(request: Request) -> str:
    return request.url.path if not request.url.query else f"{request.url.path}?{request.url.query}"
