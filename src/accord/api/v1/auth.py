"""How to sign in, and who one is."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from accord.api.callers import AsReader
from accord.api.openid import OpenId, roles_text
from accord.api.problems import Problem, ProblemBody
from accord.api.shapes import Shape
from accord.operations.access import CallerKind, Role

router = APIRouter(prefix="/api/v1", tags=["Access"])


class AuthConfig(Shape):
    """What a client needs to sign a person in with the provider."""

    authority: str
    client_id: str
    scopes: list[str]
    response_type: Literal["code"] = "code"
    use_pkce: bool = True
    code_challenge_method: Literal["S256"] = "S256"


class UserInfo(Shape):
    """Who asks, and what they may do."""

    authorised: bool
    is_administrator: bool
    name: str
    auth_method: Literal["apiKey", "oidc"]
    metaverse_object_id: str | None = None
    roles: list[str]
    message: str | None = None
    csrf_token: str | None = None


def _openid(request: Request) -> OpenId | None:
    found: OpenId | None = request.app.state.openid
    return found


@router.get("/auth/config", response_model=AuthConfig, responses={503: {"model": ProblemBody}})
async def read_auth_config(
    request: Request, openid: Annotated[OpenId | None, Depends(_openid)]
) -> AuthConfig | Response:
    """Say how people sign in. Open to everybody."""
    if openid is None:
        problem = Problem(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            code="SERVICE_UNAVAILABLE",
            message="no provider for sign-in is set up",
            remedy="set ACCORD_OIDC_AUTHORITY and ACCORD_OIDC_CLIENT_ID, or use an API key",
        )
        answer: Response = request.app.state.answer_problem(problem, request)
        return answer
    provider = openid.provider
    return AuthConfig(authority=provider.authority, client_id=provider.client_id, scopes=list(provider.scopes))


@router.get("/userinfo")
async def read_userinfo(door: AsReader) -> UserInfo:
    """Say who asks, and what they may do."""
    caller = door.caller
    return UserInfo(
        authorised=True,
        is_administrator=caller.has(Role.ADMINISTRATOR),
        name=caller.name,
        auth_method="oidc" if caller.kind is CallerKind.USER else "apiKey",
        roles=roles_text(caller.roles),
        csrf_token=caller.csrf or None,
    )
