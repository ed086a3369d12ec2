"""Background jobs by the jobs contract: listed, watched, cancelled, and started. Administrators only."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field

from accord.api.callers import AsAdministrator
from accord.api.pages import cursor_at, key_at
from accord.operations.governance_jobs import (
    GovernanceJob,
    cancel_job,
    list_governance_jobs,
    read_job,
    read_job_errors,
    read_progress,
    start_job,
)

router = APIRouter(prefix="/api/v1/jobs", tags=["Jobs"])

MOST = 500


class Words(BaseModel):
    """A body with names as this contract writes them: with underscores."""

    model_config = ConfigDict(from_attributes=True)


class RunningJob(Words):
    """A job that goes on."""

    id: str
    job_type: str
    status: str
    progress: int
    start_time: str | None


class JobBody(RunningJob):
    """A job as it is listed."""

    end_time: str | None
    duration_ms: int | None
    records_created: int
    records_updated: int
    records_deleted: int


class JobCount(Words):
    """How many records of one kind one operation touched."""

    area: str
    system: str
    entity: str
    operation: str
    count: int


class JobError(Words):
    """One object that could not be handled."""

    code: str | None
    message: str | None
    entity: str | None = Field(validation_alias="object_type")
    source_id: str | None = Field(validation_alias="anchor")
    at: str | None
    attribute: str | None
    remedy: str | None


class JobDetail(JobBody):
    """A job with all that is known of it."""

    queued_time: str
    requested_by: str
    parameters: Mapping[str, object]
    message: str
    is_held: bool
    has_errors: bool
    plan: str | None
    counts: list[JobCount]
    steps: list[str]
    errors: list[JobError] = []
    warnings: list[str] = []


class ProgressBody(Words):
    """How far a job is."""

    id: str
    status: str
    progress: int
    current_step: str
    records_processed: int
    total_records: int
    elapsed_ms: int


class PageInfo(BaseModel):
    """Whether there is more, and where to read on."""

    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: str | None = Field(alias="endCursor")


class JobPageBody(BaseModel):
    """A page of jobs, newest first."""

    jobs: list[JobBody]
    page_info: PageInfo = Field(alias="pageInfo")


class RunningJobs(BaseModel):
    """All jobs that go on."""

    jobs: list[RunningJob]


class NewJob(BaseModel):
    """A job to start. Asked again with the same `idempotency_key`, the first one is given back."""

    model_config = ConfigDict(extra="forbid")

    job_type: str
    parameters: dict[str, object] = {}
    idempotency_key: Annotated[str | None, Field(max_length=200)] = None
    reason: Annotated[str, Field(max_length=1000)] = ""


@router.get("")
def list_jobs(
    door: AsAdministrator,
    job_type: Annotated[str | None, Query(description="Only jobs of this type.")] = None,
    status: Annotated[str | None, Query(description="pending, running, completed, failed or cancelled.")] = None,
    start_date: Annotated[str | None, Query(description="Only jobs started after this date (ISO 8601).")] = None,
    end_date: Annotated[str | None, Query(description="Only jobs started before this date (ISO 8601).")] = None,
    first: Annotated[int, Query(ge=1, le=MOST, description="How many to return.")] = 50,
    after: Annotated[str | None, Query(max_length=200, description="The endCursor of the page before.")] = None,
) -> JobPageBody:
    """List jobs, newest first; pages keep their places while jobs are added."""
    with door.reading() as context:
        page = list_governance_jobs(
            context, job_type=job_type, status=status, since=start_date, until=end_date, limit=first,
            before=key_at(after),
        )  # fmt: skip
    cursor = None if page.end_key is None else cursor_at(page.end_key)
    return JobPageBody(
        jobs=[JobBody.model_validate(job) for job in page.jobs],
        pageInfo=PageInfo(hasNextPage=page.has_next, endCursor=cursor),
    )


@router.get("/running")
def list_running(door: AsAdministrator) -> RunningJobs:
    """List all jobs that go on."""
    with door.reading() as context:
        page = list_governance_jobs(context, status="running", limit=MOST)
    return RunningJobs(jobs=[RunningJob.model_validate(job) for job in page.jobs])


@router.post("", status_code=202)
def create_job(
    door: AsAdministrator, wanted: NewJob, key: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> JobDetail:
    """Queue a job and return at once."""
    with door.writing() as context:
        job, accepted = start_job(
            context, wanted.job_type, wanted.parameters, key=_key(wanted.idempotency_key or key), reason=wanted.reason
        )
    return JobDetail.model_validate(job).model_copy(update={"warnings": list(accepted.warnings)})


@router.get("/{job_id}")
def read_one(door: AsAdministrator, job_id: str) -> JobDetail:
    """Return a job with all that is known of it, and the first objects it could not handle."""
    with door.reading() as context:
        job = read_job(context, job_id)
        errors = read_job_errors(context, job_id)
    return detail_of(job).model_copy(update={"errors": [JobError.model_validate(e) for e in errors]})


@router.get("/{job_id}/progress")
def read_one_progress(door: AsAdministrator, job_id: str) -> ProgressBody:
    """Return how far a job is."""
    with door.reading() as context:
        return ProgressBody.model_validate(read_progress(context, job_id))


@router.delete("/{job_id}", status_code=204)
def cancel_one(door: AsAdministrator, job_id: str) -> None:
    """Cancel a job. What it committed stays; the job then says what that is. One that has ended is a conflict."""
    with door.writing() as context:
        cancel_job(context, job_id)


def detail_of(job: GovernanceJob) -> JobDetail:
    """Return a job as a body."""
    return JobDetail.model_validate(job)


def _key(given: str | None) -> str | None:
    return None if given is None else f"jobs:{given}"
