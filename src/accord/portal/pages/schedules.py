"""Schedules: made, changed, run now, switched off, removed; and an execution followed step by step."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.api.v1.executing import AsExecutor
from accord.model.errors import AccordError, ConfigError, ConfigErrors, Conflict, Invalid, NotFound
from accord.model.schedules import Schedule
from accord.operations.administration.desk import Desk
from accord.operations.administration.naming import guid
from accord.operations.administration.profiles import list_profiles
from accord.operations.administration.schedules import (
    JOB_TYPES,
    ScheduleView,
    add_schedule,
    read_schedule,
    remove_schedule,
    replace_schedule,
    switch_schedule,
)
from accord.operations.execution import retry
from accord.operations.schedules import Execution, cancel_execution, list_executions, read_execution, run_now
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, part
from accord.portal.schedule_forms import DAYS, fields_of, terms_of

router = APIRouter(include_in_schema=False)
_SHOWN = 10
_SPARE_STEPS = 3
_OPEN = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a step may run; `value` is `system:profile`, or `job:TYPE`."""

    value: str
    text: str


@router.get("/schedules/new")
def ask(request: Request, door: AsAdministrator) -> Response:
    """Ask for a new schedule."""
    return _form(request, door)


@router.post("/schedules/new")
def make(request: Request, door: AsAdministrator, form: Form) -> Response:
    """Make a schedule."""
    try:
        with door.writing() as context:
            desk = Desk(context)
            made = add_schedule(desk, terms_of(form))
            name = _name_of(Desk(context), made)
    except (Conflict, Invalid, ConfigError, ConfigErrors) as error:
        return _form(request, door, wrong=str(error), given=form)
    return go_to(f"/schedules/{name}")


@router.get("/schedules/{name}")
def show(request: Request, door: AsReader, name: str) -> Response:
    """Show one schedule: when it runs, what it runs, and its executions."""
    with door.reading() as context:
        executions = list_executions(context, name, limit=_SHOWN)
        is_kept = context.configured is not None
        view = read_schedule(Desk(context), _guid(Desk(context), name)) if is_kept else None
    declared = request.app.state.server.configuration.schedules.get(name)
    return page(
        request, "schedule.html", place="jobs", title=_title(name, view, declared), name=name, view=view,
        declared=declared, executions=executions, is_kept=is_kept,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/schedules",
                  powershell=f"Get-AccordSchedule -Name '{name}'"),
    )  # fmt: skip


@router.get("/schedules/{name}/change")
def ask_change(request: Request, door: AsAdministrator, name: str) -> Response:
    """Ask what is to be different about a schedule."""
    return _form(request, door, name=name)


@router.post("/schedules/{name}/change")
def change(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:
    """Put another schedule in the place of one."""
    try:
        with door.writing() as context:
            replace_schedule(Desk(context), _guid(Desk(context), name), terms_of(form))
    except (Conflict, Invalid, ConfigError, ConfigErrors) as error:
        return _form(request, door, name=name, wrong=str(error), given=form)
    return go_to(f"/schedules/{name}")


@router.post("/schedules/{name}/switch")
def switch(door: AsAdministrator, name: str, form: Form) -> Response:
    """Let the clock start a schedule, or not."""
    with door.writing() as context:
        desk = Desk(context)
        switch_schedule(desk, _guid(desk, name), form.get("reason") or None, is_enabled=form.get("enabled") == "yes")
    return go_to(f"/schedules/{name}")


@router.post("/schedules/{name}/remove")
def remove(door: AsAdministrator, name: str, form: Form) -> Response:
    """Remove a schedule."""
    with door.writing() as context:
        desk = Desk(context)
        remove_schedule(desk, _guid(desk, name), form.get("reason") or None)
    return go_to("/jobs")


@router.post("/schedules/{name}/run")
def run(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Execute a schedule now."""
    configuration = request.app.state.server.configuration
    if name not in configuration.schedules:
        raise Conflict(f"the schedule {name} is a draft, or not there", remedy="complete its steps first")
    with door.writing() as context:
        begun = run_now(context, configuration.schedules[name], configuration.profiles)
    return go_to(f"/executions/{begun.activity.id}")


@router.get("/executions/{execution}")
def show_execution(request: Request, door: AsReader, execution: str) -> Response:
    """Show an execution with its steps."""
    with door.reading() as context:
        found = read_execution(context, execution)
    return page(
        request, "execution.html", place="jobs", title=f"Execution {found.activity.id}", found=found,
        schedule=_title(found.schedule, None, request.app.state.server.configuration.schedules.get(found.schedule)),
        is_over=_is_over(found), said=Said(
            api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/schedule-executions/{found.activity.guid}",
            powershell=f"Get-AccordScheduleExecution -Id {found.activity.guid}",
        ),
    )  # fmt: skip


@router.get("/executions/{execution}/rail")
def show_rail(request: Request, door: AsReader, execution: str) -> Response:
    """Show the steps of an execution, as the part of the page that is renewed."""
    with door.reading() as context:
        found = read_execution(context, execution)
    return part(request, "_rail.html", found=found, is_over=_is_over(found))


@router.post("/executions/{execution}/cancel")
def cancel(door: AsAdministrator, execution: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Cancel an execution."""
    with door.writing() as context:
        cancel_execution(context, execution)
    return go_to(f"/executions/{execution}")


@router.post("/executions/{execution}/again/{activity}")
def repeat_step(door: AsExecutor, execution: str, activity: str, form: Form) -> Response:  # noqa: ARG001 - checked
    """Run what a step ran once more, by itself."""
    with door.writing() as context:
        read_execution(context, execution)
        accepted = retry(context, activity)
    return go_to(f"/runs/{accepted.activity}")


def _form(
    request: Request, door: Door, *, name: str = "", wrong: str = "", given: Mapping[str, str] | None = None
) -> Response:
    with door.reading() as context:
        desk = Desk(context)
        view = read_schedule(desk, _guid(desk, name)) if name else None
        choices = _choices(desk)
    shown = dict(given) if given is not None else fields_of(view)
    steps = sum(key.startswith("step-") for key in shown) if given is not None else len(view.steps) if view else 0
    return page(
        request, "schedule_form.html", place="jobs", title=f"Change {view.name}" if view else "New schedule", name=name,
        shown=shown, choices=choices, rows=range(max(steps, len(view.steps) + _SPARE_STEPS if view else _SPARE_STEPS)),
        days=DAYS, wrong=wrong, code=400 if wrong else 200, said=Said(
            api="curl -X POST -H 'X-API-Key: …' $ACCORD/api/v1/schedules -d '{…}'",
            powershell="New-AccordSchedule -Name … -PatternType SpecificTimes -RunTimes 04:30",
        ),
    )  # fmt: skip


def _choices(desk: Desk) -> list[Choice]:
    found = []
    for name in sorted(desk.read.systems):
        number = desk.ids.of("system", name)
        try:
            profiles = list_profiles(desk, number)
        except AccordError:
            # A draft of a system has nothing to run yet.
            continue
        found += [Choice(value=f"{number}:{p.id}", text=f"{name}: {p.name}") for p in profiles]
    return [*found, *(Choice(value=f"job:{job}", text=f"job: {job.replace('_', ' ')}") for job in JOB_TYPES)]


def _guid(desk: Desk, name: str) -> str:
    if name not in desk.read.schedules:
        raise NotFound(f"there is no schedule {name}", remedy="see the list of schedules")
    return guid("schedule", desk.ids.of("schedule", name))


def _name_of(desk: Desk, view: ScheduleView) -> str:
    return next(name for name in desk.read.schedules if _guid(desk, name) == view.id)


def _title(name: str, view: ScheduleView | None, declared: Schedule | None) -> str:
    return view.name if view else declared.title if declared else name


def _is_over(found: Execution) -> bool:
    return found.activity.state not in _OPEN
