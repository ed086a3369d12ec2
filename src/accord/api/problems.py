"""Errors as bodies: problem details (RFC 9457) with the contract's `code`, `message`, `validationErrors`, `timestamp`.

A part of the API with a contract of its own gives its own body for the same `Problem`, by path prefix.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route

from accord.api.moments import now_text
from accord.api.shapes import Shape
from accord.model.errors import (
    AccordError,
    ConfigErrors,
    Conflict,
    DataFolderBusy,
    Forbidden,
    Held,
    Invalid,
    NotFound,
    NotSignedIn,
    PlanStale,
    SystemBusy,
    SystemRefused,
    SystemUnavailable,
    TooManyRequests,
    UsageError,
)
from accord.model.errors import ConfigError as _ConfigError

MEDIA_TYPE = "application/problem+json"
_LOG = structlog.get_logger("accord.api")
_RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong with a request, before it becomes a body. `fields`: what is wrong with each of the request."""

    status: HTTPStatus
    code: str
    message: str
    remedy: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class ProblemBody(Shape):
    """An error: `code` is stable, `message` is for people, `validationErrors` names each field that is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    code: str
    message: str
    details: str | None = Field(default=None, description="What to do about it.")
    validation_errors: dict[str, list[str]] | None = None
    timestamp: str


Renderer = Callable[[Problem, Request], Response]

_BY_ERROR: tuple[tuple[type[AccordError], HTTPStatus, str], ...] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED, "UNAUTHORISED"),
    (Forbidden, HTTPStatus.FORBIDDEN, "FORBIDDEN"),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"),
    (NotFound, HTTPStatus.NOT_FOUND, "NOT_FOUND"),
    (Invalid, HTTPStatus.BAD_REQUEST, "VALIDATION_ERROR"),
    (Conflict, HTTPStatus.CONFLICT, "CONFLICT"),
    (SystemBusy, HTTPStatus.CONFLICT, "CONFLICT"),
    (Held, HTTPStatus.CONFLICT, "CONFLICT"),
    (PlanStale, HTTPStatus.CONFLICT, "CONFLICT"),
    (DataFolderBusy, HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"),
    (SystemUnavailable, HTTPStatus.BAD_GATEWAY, "BAD_GATEWAY"),
    (SystemRefused, HTTPStatus.BAD_GATEWAY, "BAD_GATEWAY"),
    (_ConfigError, HTTPStatus.BAD_REQUEST, "BAD_REQUEST"),
    (UsageError, HTTPStatus.BAD_REQUEST, "BAD_REQUEST"),
)
_CODES = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.UNAUTHORIZED: "UNAUTHORISED",
    HTTPStatus.FORBIDDEN: "FORBIDDEN",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.CONFLICT: "CONFLICT",
    HTTPStatus.TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
    HTTPStatus.BAD_GATEWAY: "BAD_GATEWAY",
    HTTPStatus.SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
}


def install(app: FastAPI, renderers: Mapping[str, Renderer]) -> None:
    """Let every error of the application end as a body; `renderers` are the contracts of their own, by path prefix."""

    def answer(problem: Problem, request: Request) -> Response:
        path = request.url.path
        render = next((r for prefix, r in renderers.items() if path.startswith(prefix)), body_of)
        return render(problem, request)

    app.state.answer_problem = answer
    app.add_exception_handler(AccordError, lambda request, error: answer(_of_accord(error), request))
    app.add_exception_handler(HTTPException, lambda request, error: answer(_of_http(error, request), request))
    app.add_exception_handler(RequestValidationError, lambda request, error: answer(_of_fields(error), request))
    app.add_exception_handler(Exception, lambda request, error: answer(_of_unexpected(error, request), request))


def body_of(problem: Problem, _request: Request) -> Response:
    """Return the problem in the body of the run profile contract."""
    body = ProblemBody(
        title=problem.status.phrase,
        status=problem.status.value,
        detail=problem.message,
        code=problem.code,
        message=problem.message,
        details=problem.remedy or None,
        validation_errors={name: list(texts) for name, texts in problem.fields.items()} or None,
        timestamp=now_text(),
    )
    content = body.model_dump(by_alias=True, exclude_none=True)
    return JSONResponse(content, problem.status.value, dict(problem.headers), MEDIA_TYPE)


def problem_of(error: AccordError) -> Problem:
    """Return what an error of ours means to a client."""
    status, code = next(
        ((status, code) for kind, status, code in _BY_ERROR if isinstance(error, kind)),
        (HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
    )
    message = str(error).partition("\n  remedy: ")[0]
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="accord"'
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    fields = error.fields if isinstance(error, Invalid) else {}
    if isinstance(error, ConfigErrors):
        fields = {one.place or "configuration": (one.message,) for one in error.errors}
    return Problem(status=status, code=code, message=message, remedy=error.remedy, fields=fields, headers=headers)


def _of_accord(error: Exception) -> Problem:
    if not isinstance(error, AccordError):
        raise error
    return problem_of(error)


def _of_http(error: Exception, request: Request) -> Problem:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    message = {
        HTTPStatus.NOT_FOUND: "there is nothing at this address",
        HTTPStatus.METHOD_NOT_ALLOWED: "this address does not know this method",
    }.get(status, str(error.detail))
    code = _CODES.get(status, "BAD_REQUEST" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "INTERNAL_ERROR")
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return Problem(status=status, code=code, message=message, headers=headers)


def _methods(request: Request) -> set[str]:
    """Return the methods an address knows; each is a route of its own, and the router tells those of the first.

    What is spelled out is that alone, and not also what a route with a place for an id would make of it.
    """
    found = [
        route
        for route in request.app.state.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    fewest = min((len(route.param_convertors) for route in found), default=0)
    return {method for route in found if len(route.param_convertors) == fewest for method in route.methods or ()}


def _of_fields(error: Exception) -> Problem:
    if not isinstance(error, RequestValidationError):
        raise error
    fields: dict[str, tuple[str, ...]] = {}
    places = set()
    for mistake in error.errors():
        place, *path = mistake["loc"]
        places.add(place)
        name = ".".join(str(step) for step in path) or str(place)
        fields[name] = (*fields.get(name, ()), str(mistake["msg"]))
    if "path" in places:
        # An id that cannot be one names nothing, whatever else is wrong.
        message = "there is nothing at this address: " + "; ".join(
            f"{mistake['loc'][-1]}: {mistake['msg']}" for mistake in error.errors() if mistake["loc"][0] == "path"
        )
        return Problem(status=HTTPStatus.NOT_FOUND, code="NOT_FOUND", message=message)
    return Problem(
        status=HTTPStatus.BAD_REQUEST,
        code="VALIDATION_ERROR",
        message="the request is not as it should be: " + ", ".join(sorted(fields)),
        fields=fields,
    )


def _of_unexpected(error: Exception, request: Request) -> Problem:
    _LOG.error(
        "request_failed",
        path=request.url.path,
        error=f"{type(error).__name__}: {error}",
        at=traceback.format_tb(error.__traceback__)[-1].strip() if error.__traceback__ else "",
    )
    return Problem(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="INTERNAL_ERROR",
        message="this is a mistake in accord; the server's log says more",
    )
