"""What a request may carry: not too much, and JSON in which no key stands twice."""

import json
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.api.problems import Problem


class BodyGate:
    """Reads the body before anybody works on it, and turns away what is too large or ambiguous."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        problem = _too_large(self._limit_bytes) if body is None else _ambiguous(scope, body)
        if problem is not None:
            response = scope["app"].state.answer_problem(problem, Request(scope))
            await response(scope, receive, send)
            return
        await self._app(scope, _replay(body or b"", receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return b""
            size += len(message.get("body", b""))
            if size > self._limit_bytes:
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _too_large(limit_bytes: int) -> Problem:
    return Problem(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        code="BAD_REQUEST",
        message=f"the request is larger than {limit_bytes} bytes",
        remedy="send less at once, or raise ACCORD_BODY_LIMIT",
    )


def _ambiguous(scope: Scope, body: bytes) -> Problem | None:
    """Return what is wrong with a JSON body in which a key stands twice; other mistakes are found by whoever reads."""
    kind = Headers(scope=scope).get("content-type", "")
    if not body or "json" not in kind:
        return None
    twice: list[str] = []

    def keep(pairs: list[tuple[str, object]]) -> dict[str, object]:
        seen = dict(pairs)
        if len(seen) < len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return seen

    try:
        json.loads(body, object_pairs_hook=keep)
    except (ValueError, RecursionError):
        return Problem(status=HTTPStatus.BAD_REQUEST, code="VALIDATION_ERROR", message="the body is not JSON")
    if not twice:
        return None
    return Problem(
        status=HTTPStatus.BAD_REQUEST,
        code="VALIDATION_ERROR",
        message=f"the body names a field twice: {', '.join(twice)}",
        fields=dict.fromkeys(twice, ("stands twice",)),
    )
