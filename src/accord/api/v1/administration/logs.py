"""The logs of this service, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query

from accord.api.callers import AsAdministrator
from accord.operations import logs as op

router = APIRouter(prefix="/api/v1/logs", tags=["Logs"])
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"


@router.get("")
def list_log_entries(
    door: AsAdministrator,
    service: Annotated[str, Query(max_length=200)] = "",
    day: Annotated[str, Query(alias="date", pattern=_DAY, description="A day in UTC, as 2026-01-31.")] = "",
    levels: Annotated[list[op.LogLevel] | None, Query()] = None,
    search: Annotated[str, Query(max_length=1000)] = "",
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[op.LogEntry]:
    """List events of server and workers of this data folder, the latest first."""
    wanted = op.LogFilter(service=service, day=day, levels=tuple(levels or ()), text=search)
    with door.reading() as context:
        return op.list_log_entries(context, wanted, limit=limit, skip=offset)


@router.get("/files")
def list_log_files(door: AsAdministrator) -> list[op.LogFile]:
    """List the files of events, the latest first."""
    with door.reading() as context:
        return op.list_log_files(context)


@router.get("/levels")
def list_log_levels(_door: AsAdministrator) -> list[op.LogLevel]:
    """List the words for how grave an event is."""
    return list(op.LogLevel)


@router.get("/services")
def list_log_services(door: AsAdministrator) -> list[str]:
    """List who wrote events."""
    with door.reading() as context:
        return op.list_log_services(context)
