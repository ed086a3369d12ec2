"""How the configuration came to be what it is: every revision with what it changed, and the way back to one."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.operations.administration.desk import Desk
from accord.operations.administration.revisions import changed_files, list_revisions, restore
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page

router = APIRouter(include_in_schema=False)
_SHOWN = 100


@router.get("/configuration")
def show_all(request: Request, door: AsReader, text: str = "", before: int = 0) -> Response:
    """List the revisions of the whole configuration, newest first."""
    with door.reading() as context:
        is_kept = context.configured is not None
        revisions = list_revisions(Desk(context)) if is_kept else []
    wanted = text.strip().lower()
    fitting = [r for r in revisions if wanted in f"{r.summary} {r.initiated_by_name} {r.reason or ''}".lower()]
    rest = [r for r in fitting if not before or r.version < before]
    return page(
        request, "configuration.html", place="administration", title="History of the configuration", text=text,
        revisions=rest[:_SHOWN], total=len(fitting), is_kept=is_kept, before=before,
        next=rest[_SHOWN - 1].version if len(rest) > _SHOWN else None, newest=revisions[0].version if revisions else 0,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/configuration/revisions", command="accord export FOLDER"),
    )  # fmt: skip


@router.get("/configuration/{version}")
def show(request: Request, door: AsReader, version: int) -> Response:
    """Show what one revision changed, file by file and field by field."""
    with door.reading() as context:
        desk = Desk(context)
        files = changed_files(desk, version)
        revision = next(r for r in list_revisions(desk) if r.version == version)
    return page(
        request, "revision.html", place="administration", title=f"Revision {version}", files=files, revision=revision,
        said=Said(api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/configuration/revisions/{version}"),
    )  # fmt: skip


@router.post("/configuration/{version}/restore")
def go_back(door: AsAdministrator, version: int, form: Form) -> Response:
    """Make the configuration what it was at a revision, as a new revision."""
    with door.writing() as context:
        number = restore(Desk(context), version, form.get("reason", ""))
    return go_to(f"/configuration/{number}")
