"""Who asks, and how often: every request is told its caller here, before anything else happens to it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from accord.api.limits import LimitsNow
from accord.api.problems import problem_of
from accord.api.rates import Rates
from accord.model.errors import AccordError, TooManyRequests
from accord.operations.access import Caller

_SAFE = ("GET", "HEAD", "OPTIONS")
_UNCOUNTED = ("/api/v1/health", "/ready", "/metrics", "/static/")


class Identifies(Protocol):
    """Recognises a caller by what a request carries."""

    def recent(self, headers: Headers) -> Caller | None:
        """Return who asks when that was found out just now, which takes no time."""

    def identify(self, headers: Headers, cookies: dict[str, str], method: str, *, address: str) -> Caller | None:
        """Return who asks, None when the request does not say; raise NotSignedIn when what it says is wrong."""


class Gate:
    """In front of all routes. `changed` is called after each request that may have changed something."""

    def __init__(
        self, app: ASGIApp, *, identities: Identifies, limits: LimitsNow, changed: Sequence[Callable[[], None]] = ()
    ) -> None:
        self._app = app
        self._identities = identities
        self._changed = changed
        self._limits = limits
        self._rates = Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        address = request.client.host if request.client else "unknown"
        is_counted = not request.url.path.startswith(_UNCOUNTED)
        try:
            caller = await self._caller(request, address)
            self._count(caller, address, is_counted=is_counted)
        except AccordError as error:
            response = scope["app"].state.answer_problem(problem_of(error), request)
            await response(scope, receive, send)
            return
        request.state.caller = caller
        try:
            await self._app(scope, receive, send)
        finally:
            if request.method not in _SAFE:
                for forget in self._changed:
                    forget()

    async def _caller(self, request: Request, address: str) -> Caller | None:
        if not {"x-api-key", "authorization", "cookie"} & set(request.headers):
            return None
        if (recent := self._identities.recent(request.headers)) is not None:
            return recent
        try:
            return await to_thread.run_sync(lambda: self._identify(request, address))
        except AccordError:
            # Whoever guesses keys is nobody, and may do so only as often as nobody may ask.
            self._count(None, address, is_counted=True)
            raise

    def _identify(self, request: Request, address: str) -> Caller | None:
        self._limits.look()
        return self._identities.identify(request.headers, dict(request.cookies), request.method, address=address)

    def _count(self, caller: Caller | None, address: str, *, is_counted: bool) -> None:
        if not is_counted or (caller is not None and caller.is_unlimited):
            return
        who = f"address {address}" if caller is None else f"{caller.kind} {caller.id or caller.name}"
        limit = self._limits.limits.anonymous if caller is None else self._limits.limits.signed_in
        wait_s = self._rates.wait_s(who, limit)
        if wait_s:
            raise TooManyRequests(f"more than {limit} requests in a minute", retry_after_s=wait_s)
