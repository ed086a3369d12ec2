"""Many watch one run: who asks how far it is, when that was read for somebody just now, is told at once."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from accord.api.recent import Recent
from accord.operations.access import Role

_BEFORE, _AFTER = "/api/v1/activities/", "/progress"


@dataclass(frozen=True, slots=True)
class _Route:
    path: str = f"{_BEFORE}{{activity_id}}{_AFTER}"


class Watching:
    """In front of the routes, behind the gate."""

    def __init__(self, app: ASGIApp, *, recent: Recent) -> None:
        self._app = app
        self._recent = recent
        self._route = _Route()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the routes do it."""
        answer = self._answer(scope)
        if answer is None:
            await self._app(scope, receive, send)
            return
        # Counted as the route that would have answered.
        scope["route"] = self._route
        await Response(answer, media_type="application/json")(scope, receive, send)

    def _answer(self, scope: Scope) -> bytes | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path = scope["path"]
        if not path.startswith(_BEFORE) or not path.endswith(_AFTER):
            return None
        caller = scope.get("state", {}).get("caller")
        if caller is None or not caller.has(Role.READER):
            return None
        return self._recent.known(path[len(_BEFORE) : -len(_AFTER)])
