"""People sign in with a browser: to the provider and back. These pages redirect; the API never does."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from accord.api.identities import COOKIE, COOKIE_OVER_TLS
from accord.api.openid import OpenId
from accord.app import Server
from accord.model.errors import NotFound, NotSignedIn
from accord.operations.signing_in import sign_in, sign_out

router = APIRouter(prefix="/auth", tags=["Access"], include_in_schema=False)

_FLOW = "accord_flow"
_FLOW_S = 600
_LASTS_S = 12 * 3600
# The cookie of the session is sent to our own pages only: the first of them must be asked for by a page of ours.
_BACK = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0;url={url}"><title>Signed in</title>'


@router.get("/sign-in")
def begin(request: Request, to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """Send the browser to the provider."""
    openid = _openid(request)
    redirect_uri = f"{_public_url(request)}/auth/callback"
    state, url = openid.begin(redirect_uri, to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/")
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        _FLOW, state, max_age=_FLOW_S, httponly=True, secure=_is_secure(request), samesite="lax", path="/auth"
    )
    return answer


@router.get("/callback")
def finish(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Take back what the provider says, and sign the person in."""
    if error or not code:
        raise NotSignedIn(f"the provider did not sign you in: {error or 'no code'}", remedy="sign in again")
    if not state or request.cookies.get(_FLOW) != state:
        raise NotSignedIn("this sign-in was not begun in this browser", remedy="sign in again")
    caller, goes_to = _openid(request).finish(state, code)
    server: Server = request.app.state.server
    with server.writing(caller.actor) as context:
        token = sign_in(context, caller)
    answer = HTMLResponse(_BACK.format(url=goes_to.replace("&", "&amp;").replace('"', "%22").replace("<", "%3C")))
    is_secure = _is_secure(request)
    answer.delete_cookie(_FLOW, path="/auth")
    answer.set_cookie(
        COOKIE_OVER_TLS if is_secure else COOKIE, token, max_age=_LASTS_S, httponly=True, secure=is_secure,
        samesite="strict", path="/",
    )  # fmt: skip
    return answer


@router.post("/sign-out", status_code=204)
def end(request: Request) -> Response:
    """Sign the person out."""
    token = request.cookies.get(COOKIE_OVER_TLS) or request.cookies.get(COOKIE)
    if token:
        server: Server = request.app.state.server
        with server.writing("sign-out") as context:
            sign_out(context, token)
    answer = Response(status_code=204)
    for name in (COOKIE, COOKIE_OVER_TLS):
        answer.delete_cookie(name, path="/", secure=name == COOKIE_OVER_TLS, httponly=True, samesite="strict")
    return answer


def _openid(request: Request) -> OpenId:
    found: OpenId | None = request.app.state.openid
    if found is None:
        raise NotFound("no provider for sign-in is set up", remedy="set ACCORD_OIDC_AUTHORITY, or use an API key")
    return found


def _public_url(request: Request) -> str:
    return request.app.state.settings.public_url or str(request.base_url).rstrip("/")


def _is_secure(request: Request) -> bool:
    return _public_url(request).startswith("https://")
