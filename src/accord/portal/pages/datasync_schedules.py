"""Schedules of DataSync jobs: made and changed by a form, started by hand, switched off, removed."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsOperator, AsReader, Door
from accord.model.errors import AccordError
from accord.operations.datasync.jobs import list_collections, list_jobs
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.schedules import (
    ScheduleLine,
    create_schedule,
    delete_schedule,
    describe_schedule,
    run_schedule,
    update_schedule,
)
from accord.portal.clock_words import editable, trigger_of
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page

router = APIRouter(include_in_schema=False)
_API = "curl -H 'X-API-Key: …' $ACCORD/GroupIDDataService/api/DataSyncJobs/Schedules"


@router.get("/datasync/schedules/new")
def show_new(request: Request, door: AsReader) -> Response:
    """Show the form of a schedule that is not there yet."""
    return _form(request, door, fields={"enabled": "yes"}, line=None)


@router.post("/datasync/schedules/new")
def make(request: Request, door: AsOperator, form: Form) -> Response:
    """Keep a new schedule of the caller's own jobs."""
    body = _body_of(form)
    try:
        with door.writing() as context:
            require_owner(context, door.caller, (*body["jobs"], *body["collections"]))
            create_schedule(context, body)
    except AccordError as error:
        return _form(request, door, fields=form, line=None, wrong=str(error))
    return go_to("/datasync#schedules")


@router.get("/datasync/schedules/{schedule}")
def show(request: Request, door: AsReader, schedule: int) -> Response:
    """Show a schedule in its form."""
    with door.reading() as context:
        line = describe_schedule(context, schedule)
    return _form(request, door, fields=_fields_of(line), line=line)


@router.post("/datasync/schedules/{schedule}")
def change(request: Request, door: AsOperator, schedule: int, form: Form) -> Response:
    """Keep what the form says of a schedule."""
    with door.reading() as context:
        line = describe_schedule(context, schedule)
    body = _body_of(form)
    try:
        with door.writing() as context:
            require_owner(context, door.caller, (*line.jobs, *line.collections, *body["jobs"], *body["collections"]))
            update_schedule(context, schedule, {**line.body, **body})
    except AccordError as error:
        return _form(request, door, fields=form, line=line, wrong=str(error))
    return go_to("/datasync#schedules")


@router.post("/datasync/schedules/{schedule}/run")
def run(door: AsOperator, schedule: int, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue everything a schedule starts, now."""
    with door.writing() as context:
        line = describe_schedule(context, schedule)
        require_owner(context, door.caller, (*line.jobs, *line.collections))
        run_schedule(context, schedule)
    return go_to("/datasync")


@router.post("/datasync/schedules/{schedule}/remove")
def end(door: AsOperator, schedule: int, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Forget a schedule; what it started goes on."""
    with door.writing() as context:
        line = describe_schedule(context, schedule)
        require_owner(context, door.caller, (*line.jobs, *line.collections))
        delete_schedule(context, schedule)
    return go_to("/datasync#schedules")


def _form(
    request: Request, door: Door, *, fields: Mapping[str, str], line: ScheduleLine | None, wrong: str = ""
) -> Response:
    with door.reading() as context:
        jobs, collections = list_jobs(context), list_collections(context)
    return page(
        request, "datasync_schedule.html", place="datasync", title=line.name if line else "New schedule",
        line=line, shown=fields, jobs=jobs, collections=collections, wrong=wrong, code=400 if wrong else 200,
        said=Said(api=f"{_API}/{line.id}" if line else _API),
    )  # fmt: skip


def _fields_of(line: ScheduleLine) -> dict[str, str]:
    return {
        "name": line.name, "enabled": "yes" if line.is_enabled else "", "crons": "\n".join(map(editable, line.crons)),
        **{f"job-{number}": "on" for number in line.jobs},
        **{f"collection-{number}": "on" for number in line.collections},
    }  # fmt: skip


def _body_of(form: Mapping[str, str]) -> dict[str, Any]:
    lines = [line.strip() for line in form.get("crons", "").splitlines() if line.strip()]
    return {
        "name": form.get("name", "").strip(), "enabled": form.get("enabled") == "yes",
        "triggers": [trigger_of(line) for line in lines],
        "jobs": _ticked(form, "job-"), "collections": _ticked(form, "collection-"),
    }  # fmt: skip


def _ticked(form: Mapping[str, str], prefix: str) -> list[int]:
    numbers = [name.removeprefix(prefix) for name in form if name.startswith(prefix)]
    return [int(number) for number in numbers if number.isdecimal()]
