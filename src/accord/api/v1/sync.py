"""Starting synchronisations by what is to be synchronised; they are jobs like all others."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict

from accord.api.callers import AsAdministrator
from accord.api.v1.jobs import MOST, JobBody, JobDetail, ProgressBody, detail_of
from accord.model.errors import NotFound
from accord.operations.entity_sync import EntitySync
from accord.operations.governance_jobs import list_governance_jobs, read_job, read_progress, start_job

router = APIRouter(prefix="/api/v1/sync", tags=["Sync"])

_BY_NOUN: Mapping[str, EntitySync] = {
    "all": EntitySync.FULL,
    "incremental": EntitySync.INCREMENTAL,
    "accounts": EntitySync.ACCOUNTS,
    "account-attributes": EntitySync.ACCOUNTS,
    "owners": EntitySync.OWNERS,
    "owner-accounts": EntitySync.ACCOUNTS,
    "platform-users": EntitySync.OWNERS,
    "groups": EntitySync.GROUPS,
    "group-memberships": EntitySync.GROUPS,
    "applications": EntitySync.APPLICATIONS,
}


class SyncOptions(BaseModel):
    """How to synchronise: `preview` only plans, `export` says whether systems are written to."""

    model_config = ConfigDict(extra="forbid")

    preview: bool | None = None
    export: bool | None = None


class SyncStarted(BaseModel):
    """A synchronisation that waits for its turn."""

    status: str
    job_id: str
    message: str


class SyncStatus(BaseModel):
    """Whether anything is synchronised now, and when it last was."""

    last_sync: str | None
    status: str
    running_jobs: list[str]


class SyncHistory(BaseModel):
    """The last synchronisations, newest first."""

    history: list[JobBody]


@router.get("/status")
def read_status(door: AsAdministrator) -> SyncStatus:
    """Say whether anything is synchronised now."""
    with door.reading() as context:
        running = list_governance_jobs(context, status="running", limit=MOST).jobs
        done = list_governance_jobs(context, status="completed", limit=MOST).jobs
    going = [job.id for job in running if job.job_type in tuple(EntitySync)]
    last = next((job.end_time for job in done if job.job_type in tuple(EntitySync)), None)
    return SyncStatus(last_sync=last, status="running" if going else "idle", running_jobs=going)


@router.get("/history")
def read_history(
    door: AsAdministrator,
    status: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> SyncHistory:
    """List the last synchronisations."""
    with door.reading() as context:
        jobs = list_governance_jobs(context, status=status, limit=MOST).jobs
    chosen = [job for job in jobs if job.job_type in tuple(EntitySync)][:limit]
    return SyncHistory(history=[JobBody.model_validate(job) for job in chosen])


@router.get("/status/{job_id}")
def read_one(door: AsAdministrator, job_id: str) -> JobDetail:
    """Return a synchronisation with all that is known of it."""
    with door.reading() as context:
        return detail_of(read_job(context, job_id))


@router.get("/progress/{job_id}")
def read_one_progress(door: AsAdministrator, job_id: str) -> ProgressBody:
    """Return how far a synchronisation is."""
    with door.reading() as context:
        return ProgressBody.model_validate(read_progress(context, job_id))


@router.post("", status_code=202)
def start_all(
    door: AsAdministrator,
    options: SyncOptions | None = None,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> SyncStarted:
    """Synchronise everything."""
    return _start(door, EntitySync.FULL, options, key)


@router.post("/{entity}", status_code=202)
def start_one(
    door: AsAdministrator,
    entity: str,
    options: SyncOptions | None = None,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> SyncStarted:
    """Synchronise one kind of entity: all, incremental, accounts, owners, groups, applications, or their relations."""
    if entity not in _BY_NOUN:
        raise NotFound(f"nothing is called {entity!r} here", remedy=f"use one of: {', '.join(_BY_NOUN)}")
    return _start(door, _BY_NOUN[entity], options, key)


def _start(door: AsAdministrator, sync: EntitySync, options: SyncOptions | None, key: str | None) -> SyncStarted:
    parameters = (options or SyncOptions()).model_dump(exclude_none=True)
    with door.writing() as context:
        job, _ = start_job(context, sync.value, parameters, key=None if key is None else f"jobs:{key}")
    return SyncStarted(status="queued", job_id=job.id, message=f"{sync.value} was queued")
