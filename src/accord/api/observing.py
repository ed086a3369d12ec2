"""Every answer gets its request id and headers of safety; every request is logged once and counted."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.api.metrics import REQUEST_SECONDS, REQUESTS

_LOG = structlog.get_logger("accord.api")
_QUIET = ("/api/v1/health", "/ready", "/metrics")
_POLLED = "/progress"
_OK = 200
_REQUEST_ID = re.compile(r"[\w.:-]{1,64}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_OVER_TLS = "max-age=31536000; includeSubDomains"


class Observing:
    """Around everything else. Headers that an answer brings along stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex
        began = time.perf_counter()
        status = 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _OVER_TLS
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, told)
            finally:
                _tell(scope, status, time.perf_counter() - began)


def _tell(scope: Scope, status: int, took_s: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    REQUESTS.labels(scope["method"], route, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(took_s)
    # Who watches a run asks every second.
    if scope["path"].startswith(_QUIET) or (status == _OK and scope["path"].endswith(_POLLED)):
        return
    caller = scope.get("state", {}).get("caller")
    _LOG.info(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(took_s * 1000, 1),
        caller=caller.actor if caller else None,
    )
