"""Settings of the service: what holds, changed while the server runs, and left to its default again."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.model.errors import Invalid
from accord.operations.access import Role
from accord.operations.administration.desk import Desk
from accord.operations.administration.service_settings import (
    RATE_ANONYMOUS,
    RATE_SIGNED_IN,
    SETTINGS,
    change_setting,
    list_settings,
    revert_setting,
)
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page

router = APIRouter(include_in_schema=False)
_HERE = "/administration/service"


@router.get(_HERE)
def show(request: Request, door: AsReader) -> Response:
    """Show every setting with what holds, and since when it is not its default."""
    return _page(request, door)


@router.post("/administration/service/{key}")
def change(request: Request, door: AsAdministrator, key: str, form: Form) -> Response:
    """Set a setting."""
    try:
        with door.writing() as context:
            change_setting(Desk(context), key, form.get("value", "").strip(), form.get("reason") or None)
    except Invalid as error:
        wrong = "; ".join(text for texts in error.fields.values() for text in texts)
        return _page(request, door, wrong=f"{SETTINGS[key].title}: {wrong}")
    return go_to(_HERE)


@router.post("/administration/service/{key}/revert")
def revert(door: AsAdministrator, key: str, form: Form) -> Response:
    """Let the default hold again."""
    with door.writing() as context:
        revert_setting(Desk(context), key, form.get("reason") or None)
    return go_to(_HERE)


def _page(request: Request, door: Door, *, wrong: str = "") -> Response:
    with door.reading() as context:
        is_kept = context.configured is not None
        settings = list_settings(Desk(context)) if is_kept else []
    return page(
        request, "service.html", place="administration", title="Service settings", settings=settings, wrong=wrong,
        words={key: setting.words for key, setting in SETTINGS.items()}, started=_started(request),
        is_kept=is_kept, may_change=Role.ADMINISTRATOR in door.caller.roles, code=400 if wrong else 200, said=Said(
            api="curl -H 'X-API-Key: …' $ACCORD/api/v1/service-settings", command="accord export FOLDER",
        ),
    )  # fmt: skip


def _started(request: Request) -> dict[str, str]:
    """Return what holds where nobody set anything: as the server was started."""
    settings = request.app.state.settings
    return {
        RATE_SIGNED_IN: str(settings.rate_signed_in or "no limit"),
        RATE_ANONYMOUS: str(settings.rate_anonymous or "no limit"),
    }
