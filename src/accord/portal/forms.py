"""What forms bring along: their fields, checked to come from a page of ours."""

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import RedirectResponse

from accord.model.errors import Forbidden


async def checked_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form; raise Forbidden when it was not made by a page of this sign-in."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    given = request.headers.get("X-CSRF-Token") or form.get("csrf", "")
    wanted = getattr(request.state, "csrf", "")
    if not wanted or not hmac.compare_digest(wanted, given):
        raise Forbidden("this form was not made by a page of this sign-in", remedy="reload the page and try again")
    return form


Form = Annotated[Mapping[str, str], Depends(checked_form)]


def go_to(path: str) -> RedirectResponse:
    """Return the answer to a form: look there."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def local_path(path: str) -> str:
    """Return a path of ours; anything else becomes the first page, so that no link leads elsewhere after sign-in."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path
    return path if is_ours else "/"
