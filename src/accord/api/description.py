"""The description of the API (OpenAPI 3.1): every operation with its errors and who may use it."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from accord.api.callers import ROLES_OF
from accord.api.problems import MEDIA_TYPE, ProblemBody

_SCHEMES = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
_ERRORS = {
    "400": "The request is not as it should be, or cannot be carried out.",
    "401": "Authentication required.",
    "403": "Insufficient permissions.",
    "404": "It does not exist.",
    "409": "It contradicts what is there now.",
    "429": "Too many requests: wait as Retry-After says.",
}
_WHERE = "#/components/responses/{}"


def describe(app: FastAPI) -> None:
    """Let the application describe itself so; the description is made once, when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of doing this


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, routes=app.routes, description=_TEXT)
    components = made.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas["ProblemBody"] = ProblemBody.model_json_schema(
        by_alias=True, mode="serialization", ref_template="#/components/schemas/{model}"
    )
    components["responses"] = {
        code: {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for code, text in _ERRORS.items()
    }
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    roles = _roles(app)
    for operation in _operations(made):
        _complete(operation, roles.get(str(operation.get("operationId")), ()))
    return made


_TEXT = """Run profiles are executed as queued activities; everything the administration changes is configuration.

Errors are problem details (RFC 9457) with `code`, `message`, `validationErrors` and `timestamp`. Nothing redirects."""


def _complete(operation: dict[str, Any], roles: tuple[str, ...]) -> None:
    answers = operation["responses"]
    codes = {"429"}
    if answers.pop("422", None) is not None:
        codes.add("400")
    if roles:
        operation["security"] = [{scheme: []} for scheme in _SCHEMES]
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds the role {' or '.join(roles)}.".strip()
        codes |= {"400", "401", "403", "404", "409"}
    for code in sorted(codes):
        answers.setdefault(code, {"$ref": _WHERE.format(code)})


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in made.get("paths", {}).values():
        yield from methods.values()


def _roles(app: FastAPI) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for route in app.state.routes:
        if isinstance(route, APIRoute):
            calls = [dependency.call for dependency in route.dependant.dependencies]
            roles = [role for call in calls if call in ROLES_OF for role in ROLES_OF[call]]
            found[route.unique_id] = tuple(role.value for role in roles)
    return found
