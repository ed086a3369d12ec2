"""Signing in and out, and the mode of the pages."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from accord.model.errors import NotSignedIn
from accord.portal.forms import Form, go_to, local_path
from accord.portal.gate import Gate
from accord.portal.rendering import page

router = APIRouter(include_in_schema=False)
_YEAR_S = 365 * 24 * 3600


@router.get("/sign-in")
def ask(request: Request, to: str = "/") -> Response:
    """Ask who is there."""
    return _form(request, local_path(to))


@router.post("/sign-in")
async def enter(request: Request) -> Response:
    """Let in whoever has a name and its password, or an API key."""
    gate: Gate = request.app.state.gate
    form = await request.form()
    name, secret, to = (str(form.get(field, "")) for field in ("name", "secret", "to"))
    try:
        token = await run_in_threadpool(gate.let_in, request, name, secret)
    except NotSignedIn as error:
        return _form(request, local_path(to), wrong=error.message, code=HTTPStatus.UNAUTHORIZED)
    response = go_to(local_path(to))
    gate.set_cookie(request, response, token)
    return response


@router.post("/sign-out")
def leave(request: Request, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Sign out."""
    gate: Gate = request.app.state.gate
    gate.let_go(request)
    response = go_to("/sign-in")
    gate.forget_cookie(response)
    return response


@router.post("/theme")
def choose_theme(request: Request, form: Form) -> Response:
    """Keep the mode the reader likes."""
    gate: Gate = request.app.state.gate
    response = go_to(local_path(form.get("back", "/")))
    theme = form.get("theme", "auto")
    response.set_cookie(
        "accord-theme", theme if theme in ("light", "dark") else "auto", max_age=_YEAR_S, path="/",
        secure=gate.is_secure(request), httponly=True, samesite="strict",
    )  # fmt: skip
    return response


def _form(request: Request, to: str, *, wrong: str = "", code: int = HTTPStatus.OK) -> Response:
    gate: Gate = request.app.state.gate
    return page(request, "sign_in.html", place="", title="Sign in", to=to, wrong=wrong, oidc=gate.provider, code=code)
