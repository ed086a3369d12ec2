"""Jobs exported, imported, duplicated, and made of templates; in the contract's style, all of it ours."""

from typing import Any

from fastapi import APIRouter

from accord.api.callers import AsOperator, AsReader
from accord.api.datasync.envelopes import DATA_SERVICE, Body, Done, OptionalBody, envelope, listing
from accord.datasync.loose import Loose
from accord.operations.datasync.jobs import list_templates
from accord.operations.datasync.moving import (
    create_from_template,
    duplicate_job,
    export_job,
    import_job,
    save_as_template,
)
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.views import job_info

router = APIRouter(prefix=f"{DATA_SERVICE}/DataSyncJobs", include_in_schema=False)


@router.get("/Templates")
def list_all_templates(door: AsReader) -> dict[str, Any]:
    """List the templates that were kept."""
    with door.reading() as context:
        found = [job_info(context, template) for template in list_templates(context)]
    return listing(len(found), found)


@router.post("/Templates/{template}/Create")
def create(door: AsOperator, template: int, body: OptionalBody) -> dict[str, Any]:
    """Create a job of a template; the body gives name, sourceProvider and destinationProvider."""
    with door.writing() as context:
        return envelope(Done.SAVED, create_from_template(context, template, body))


@router.post("/{job}/SaveAsTemplate")
def keep(door: AsOperator, job: int, body: OptionalBody) -> dict[str, Any]:
    """Keep a job as a template."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        return envelope(Done.SAVED, save_as_template(context, job, Loose(body).text("name")))


@router.post("/{job}/Duplicate")
def duplicate(door: AsOperator, job: int) -> dict[str, Any]:
    """Create a copy of a job."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        return envelope(Done.SAVED, duplicate_job(context, job))


@router.post("/{job}/Export")
def export(door: AsOperator, job: int, body: Body) -> dict[str, Any]:
    """Return a job or collection sealed by the password that the body gives."""
    with door.writing() as context:
        require_owner(context, door.caller, [job])
        return export_job(context, job, Loose(body).text("password"))


@router.post("/Import")
def take(door: AsOperator, body: Body) -> dict[str, Any]:
    """Keep an export: the body gives it as `export`, its `password`, and `renameIfExists`."""
    said = Loose(body)
    content, renames = dict(said.one("export").content), said.flag("renameIfExists", default=True)
    with door.writing() as context:
        return envelope(Done.SAVED, import_job(context, content, said.text("password"), renames=renames))
