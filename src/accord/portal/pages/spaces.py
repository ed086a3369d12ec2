"""What is inside a system: its connector space, what waits to be sent, its containers and its run profiles."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from accord.api.callers import AsAdministrator, AsReader, Door
from accord.api.v1.executing import AsExecutor
from accord.model.errors import AccordError
from accord.operations.administration.desk import Desk
from accord.operations.administration.hierarchy import (
    ContainerChange,
    ContainerScope,
    PartitionChange,
    change_container,
    change_partition,
    import_hierarchy,
    list_partitions,
)
from accord.operations.executing_profiles import execute_profile
from accord.operations.looking import look_at_waiting, look_through_space
from accord.operations.status import read_system_status
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, is_part_wanted, page, part

router = APIRouter(include_in_schema=False)
_STATES = ("pending", "exported", "failed", "unknown")
_After = Annotated[int, Query(ge=0)]


@router.get("/systems/{name}/objects")
def show_space(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, name: str, text: str = "", object_type: Annotated[str, Query(alias="type")] = "",
    after: _After = 0, looked: _After = 0,
) -> Response:  # fmt: skip
    """Show the connector space of a system: what it said when it was last read."""
    with door.reading() as context:
        found = look_through_space(context, name, text.strip(), object_type=object_type, after=after)
        values: dict[str, Any] = {
            "name": name,
            "text": text,
            "type": object_type,
            "found": found,
            "looked": looked + found.looked,
        }
        if is_part_wanted(request) and after:
            return part(request, "_space.html", **values)
        status = read_system_status(context, name)
    return page(
        request, "space.html", place="systems", title=f"Connector space of {name}", status=status, after=after,
        said=Said(
            api="curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/connected-systems/{id}/connector-space",
            powershell=f"Get-AccordConnectorSpaceObject -ConnectedSystemName '{name}'",
        ),
        **values,
    )  # fmt: skip


@router.get("/systems/{name}/waiting")
def show_waiting(  # noqa: PLR0913, PLR0917 - each is one filter of the permalink
    request: Request, door: AsReader, name: str, operation: str = "", state: str = "", after: _After = 0
) -> Response:
    """Show what waits to be sent to a system, or to be confirmed."""
    wanted = state if state in _STATES else ""
    with door.reading() as context:
        found = look_at_waiting(context, name, operation=operation, state=wanted, after=after)
        status = read_system_status(context, name)
    return page(
        request, "waiting.html", place="systems", title=f"What waits for {name}", name=name, found=found, status=status,
        operation=operation, state=wanted, states=_STATES, after=after, said=Said(
            api="curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/connected-systems/{id}/pending-exports",
            powershell=f"Get-AccordPendingExport -ConnectedSystemName '{name}'",
        ),
    )  # fmt: skip


@router.get("/systems/{name}/containers")
def show_containers(request: Request, door: AsReader, name: str) -> Response:
    """Show the partitions and containers of a directory, and which are read."""
    return _containers(request, door, name)


@router.post("/systems/{name}/containers")
def read_containers(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:  # noqa: ARG001
    """Ask a directory for its partitions and containers."""
    try:
        with door.writing() as context:
            import_hierarchy(Desk(context), name)
    except AccordError as error:
        return _containers(request, door, name, wrong=str(error))
    return go_to(f"/systems/{name}/containers")


@router.post("/systems/{name}/containers/{number}")
def choose_container(door: AsAdministrator, name: str, number: int, form: Form) -> Response:
    """Read a container with or without what is below it, leave it out, or say nothing of it."""
    choice, reason = form.get("choice", ""), form.get("reason") or None
    is_read = choice in ("subtree", "one level")
    change = ContainerChange(
        selected=is_read, excluded=choice == "left out", change_reason=reason,
        scope=ContainerScope.ONE_LEVEL if choice == "one level" else ContainerScope.SUBTREE,
    )  # fmt: skip
    with door.writing() as context:
        change_container(Desk(context), name, number, change)
    return go_to(f"/systems/{name}/containers")


@router.post("/systems/{name}/partitions/{number}")
def choose_partition(door: AsAdministrator, name: str, number: int, form: Form) -> Response:
    """Read a partition, or read it no more."""
    change = PartitionChange(selected=form.get("choice") == "read", change_reason=form.get("reason") or None)
    with door.writing() as context:
        change_partition(Desk(context), name, number, change)
    return go_to(f"/systems/{name}/containers")


@router.post("/systems/{name}/profiles/{number}/run")
def run_profile(door: AsExecutor, name: str, number: int, form: Form) -> Response:
    """Queue a run profile as it was declared, and show the run."""
    with door.writing() as context:
        system = Desk(context).ids.of("system", name)
        accepted = execute_profile(context, system, number, reason=form.get("reason", ""))
    return go_to(f"/runs/{accepted.activity}")


def _containers(request: Request, door: Door, name: str, *, wrong: str = "") -> Response:
    with door.reading() as context:
        is_kept = context.configured is not None
        partitions = list_partitions(Desk(context), name) if is_kept else []
        declared = context.system(name) if name in context.rules.systems else None
    return page(
        request, "containers.html", place="systems", title=f"Containers of {name}", name=name, partitions=partitions,
        is_kept=is_kept, wrong=wrong, has_dn=declared is None or any(t.has_dn for t in declared.object_types.values()),
        code=400 if wrong else 200, said=Said(
            api="curl -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/connected-systems/{id}/partitions",
            powershell="",
        ),
    )  # fmt: skip
