"""Signing in and out, and the mode of the pages."""

from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Request, Response

from accord.portal.forms import Form, go_to, local_path
from accord.portal.gate import Gate, is_secure
from accord.portal.rendering import page
from accord.portal.sessions import LIFETIME, cookie_name

router = APIRouter(include_in_schema=False)
_YEAR_S = 365 * 24 * 3600


@router.get("/sign-in")
def ask(request: Request, to: str = "/", wrong: str = "") -> Response:
    """Ask who is there."""
    gate = cast("Gate", request.app.state.gate)
    return page(request, "sign_in.html", place="", title="Sign in", to=local_path(to), wrong=wrong, oidc=gate.provider)


@router.post("/sign-in")
async def enter(request: Request) -> Response:
    """Let in whoever has a name and its password, or an API key."""
    gate = cast("Gate", request.app.state.gate)
    form = await request.form()
    name, secret, to = (str(form.get(field, "")) for field in ("name", "secret", "to"))
    caller = gate.caller_by_secret(name, secret)
    if caller is None:
        response: Response = page(
            request, "sign_in.html", place="", title="Sign in", to=local_path(to), oidc=gate.provider,
            wrong="This name and secret do not belong together, or the key has expired.",
            code=HTTPStatus.UNAUTHORIZED,
        )  # fmt: skip
        return response
    response = go_to(local_path(to))
    response.set_cookie(
        cookie_name(is_secure=is_secure(request)), gate.cookie_of(caller), max_age=int(LIFETIME.total_seconds()),
        path="/", secure=is_secure(request), httponly=True, samesite="strict",
    )  # fmt: skip
    return response


@router.post("/sign-out")
def leave(request: Request, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Sign out."""
    response = go_to("/sign-in")
    response.delete_cookie(cookie_name(is_secure=is_secure(request)), path="/", secure=is_secure(request))
    return response


@router.post("/theme")
def choose_theme(request: Request, form: Form) -> Response:
    """Keep the mode the reader likes."""
    response = go_to(local_path(form.get("back", "/")))
    theme = form.get("theme", "auto")
    response.set_cookie(
        "accord-theme", theme if theme in ("light", "dark") else "auto", max_age=_YEAR_S, path="/",
        secure=is_secure(request), httponly=True, samesite="strict",
    )  # fmt: skip
    return response
