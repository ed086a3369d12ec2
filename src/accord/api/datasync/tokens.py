"""The token endpoint of the contract (RFC 6749): a name and a password become a bearer token."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.responses import Response

from accord.api.datasync.envelopes import SECURITY_SERVICE
from accord.api.identities import holder_of_first
from accord.app import Server
from accord.model.errors import UsageError
from accord.operations.access import Caller
from accord.operations.datasync.tokens import IssuedTokens, sign_in_as, sign_in_by_password, sign_in_by_refresh

router = APIRouter(prefix=SECURITY_SERVICE, include_in_schema=False)


@router.post("/connect/token")
async def issue_token(request: Request) -> Response:
    """Issue a bearer token for `grant_type=password` or `refresh_token`."""
    form = {key.casefold(): str(value) for key, value in (await request.form()).items()}
    first = holder_of_first(request.app.state.settings, form.get("password", ""))
    issued = await run_in_threadpool(_issue, request.app.state.server, form, first)
    body: dict[str, Any] = {
        "access_token": issued.access,
        "expires_in": issued.lasts_s,
        "token_type": "Bearer",
        "refresh_token": issued.refresh,
        "scope": "directorymanager.api groupid_identity offline_access openid profile",
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _issue(server: Server, form: dict[str, str], first: Caller | None) -> IssuedTokens:
    grant = form.get("grant_type", "")
    with server.writing("token") as context:
        if grant == "password" and first is not None:
            return sign_in_as(context, first)
        if grant == "password":
            return sign_in_by_password(context, form.get("username", ""), form.get("password", ""))
        if grant == "refresh_token":
            return sign_in_by_refresh(context, form.get("refresh_token", ""))
    raise UsageError(f"grant_type {grant!r} is not known", remedy="use password or refresh_token")
