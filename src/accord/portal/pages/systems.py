"""Systems: how they hang together, where each stands, what it offers, and its runs."""

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, AsReader
from accord.api.v1.executing import AsExecutor
from accord.model.errors import AccordError
from accord.operations.activities import list_activities
from accord.operations.administration.desk import Desk
from accord.operations.administration.drafts import draft_systems, is_draft
from accord.operations.administration.profiles import list_profiles
from accord.operations.execution import execute
from accord.operations.performing import Order
from accord.operations.runs import Profile, profile_named, readable_systems
from accord.operations.status import read_status, read_system_status
from accord.operations.systems import test_connection
from accord.portal.forms import Form, go_to
from accord.portal.pictures import topology
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_RUNS = 15


@router.get("/systems")
def show_all(request: Request, door: AsReader) -> Response:
    """Show all systems, as a picture and as a table."""
    with door.reading() as context:
        status = read_status(context)
        rules, drafts = context.rules, draft_systems(context)
    return page(
        request, "systems.html", place="systems", title="Systems", status=status,
        picture=topology(rules, status), drafts=drafts,
        said=Said(api="curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/connected-systems",
                  powershell="Get-AccordConnectedSystem", command="accord status"),
    )  # fmt: skip


@router.get("/systems/{name}")
def show(request: Request, door: AsReader, name: str) -> Response:
    """Show one system."""
    with door.reading() as context:
        if name not in context.rules.systems and is_draft(context, name):
            return go_to(f"/systems/{name}/settings")
        status = read_system_status(context, name)
        declared = context.system(name)
        activities = list_activities(context, system=name, limit=_RUNS)
        inbound = [r for r in context.rules.inbound if r.system == name]
        outbound = [r for r in context.rules.outbound if r.system == name]
        can_read = name in readable_systems(context)
        desk = Desk(context) if context.configured is not None else None
        named = list_profiles(desk, desk.ids.of("system", name)) if desk is not None else []
    profiles = [p for p in Profile if can_read or "import" not in p.value]
    return page(
        request, "system.html", place="systems", title=name, status=status, declared=declared,
        activities=activities, inbound=inbound, outbound=outbound, profiles=profiles, named=named, said=Said(
            api=f"curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/connected-systems  # {name}",
            powershell=f"Start-AccordRunProfile -ConnectedSystemName '{name}' -RunProfileName 'Full Import' -Wait",
            command=f"accord run {name} full-import",
        ),
    )  # fmt: skip


@router.get("/systems/{name}/connection")
def test(request: Request, door: AsAdministrator, name: str) -> Response:
    """Ask a system whether it is there."""
    with door.reading() as context:
        try:
            return part(request, "_connection.html", test=test_connection(context, name), error=None)
        except AccordError as error:
            return part(request, "_connection.html", test=None, error=error)


@router.post("/systems/{name}/run/{profile}")
def run(door: AsExecutor, name: str, profile: str, form: Form) -> Response:  # noqa: ARG001 - the form is checked
    """Queue a run profile on a system, and show the run."""
    with door.writing() as context:
        accepted = execute(context, Order(work=profile_named(profile).value, system=name))
    return go_to(f"/runs/{accepted.activity}")
