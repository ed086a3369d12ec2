"""The bodies of the contract: the envelope of eleven keys, lists with their count, errors in both."""

import json
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from accord.api.problems import Problem
from accord.model.errors import Invalid

DATA_SERVICE = "/GroupIDDataService/api"
SECURITY_SERVICE = "/GroupIDSecurityService"

SUCCEEDED = 0
REFUSED = 1
_MAY_HEAL = frozenset({"BAD_GATEWAY", "SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "CONFLICT"})


class Done(IntEnum):
    """What an envelope tells of: the contract's numbers."""

    CHECKED = 5
    SAVED = 6
    DELETED = 7


def envelope(kind: Done, data: object, *, name: str | None = None, message: str | None = None) -> dict[str, Any]:
    """Return the envelope of something done."""
    return {
        "name": name,
        "type": int(kind),
        "status": SUCCEEDED,
        "message": message,
        "data": data,
        "identityStoreObject": None,
        "details": [],
        "currentDirectoryServer": None,
        "errorCode": None,
        "exceptionMessagesAttributeWise": None,
        "isResyncAble": True,
    }


def listing(count: int, data: object) -> dict[str, Any]:
    """Return a list, or one thing with its count."""
    return {"count": count, "data": data, "status": SUCCEEDED, "message": None}


def problem_envelope(problem: Problem, request: Request) -> Response:
    """Return an error in the envelope; `exceptionMessagesAttributeWise` tells what is wrong with each field."""
    fields = {name: list(texts) for name, texts in problem.fields.items()}
    kind = Done.DELETED if request.method == "DELETE" else Done.SAVED
    message = f"{problem.message}; {problem.remedy}" if problem.remedy else problem.message
    body = {
        **envelope(kind, None, message=message),
        "status": REFUSED,
        "details": [
            {"name": name, "status": REFUSED, "message": "; ".join(texts), "details": []}
            for name, texts in fields.items()
        ],
        "errorCode": problem.code,
        "exceptionMessagesAttributeWise": fields or None,
        "isResyncAble": problem.code in _MAY_HEAL,
    }
    return JSONResponse(body, problem.status.value, dict(problem.headers))


def token_problem(problem: Problem, _request: Request) -> Response:
    """Return an error of the token endpoint (RFC 6749 section 5.2)."""
    error = "invalid_grant" if problem.status.value == 401 else "invalid_request"
    status = 400 if error == "invalid_grant" else problem.status.value
    body = {"error": error, "error_description": problem.message}
    return JSONResponse(body, status, {**problem.headers, "Cache-Control": "no-store"})


async def _json(request: Request) -> Any:
    text = await request.body()
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise Invalid("the body is not JSON", fields={"body": ("is not JSON",)}) from None


async def _object(request: Request) -> dict[str, Any]:
    content = await _json(request)
    if not isinstance(content, dict):
        raise Invalid("the body must be a JSON object", fields={"body": ("must be a JSON object",)})
    return content


async def _optional(request: Request) -> dict[str, Any]:
    content = await _json(request)
    return content if isinstance(content, dict) else {}


Body = Annotated[dict[str, Any], Depends(_object)]
"""The body of a request that must have one."""

OptionalBody = Annotated[dict[str, Any], Depends(_optional)]
"""The body of a request, also of a GET; empty when there is none, or when it is no object."""


def numbers(values: Sequence[str], name: str) -> list[int]:
    """Return ids of a query parameter that may stand several times; raise Invalid when there is none."""
    found = []
    for value in ",".join(values).split(","):
        if not value.strip().isdigit():
            raise Invalid(f"{name} must be ids", fields={name: ("must be whole numbers, like jobids=1&jobids=2",)})
        found.append(int(value))
    return found


def first(content: Mapping[str, Any], *names: str) -> Any:
    """Return the value of the first of these keys, in any casing."""
    folded = {key.casefold(): value for key, value in content.items()}
    return next((folded[name.casefold()] for name in names if folded.get(name.casefold()) is not None), None)
