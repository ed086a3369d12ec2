"""Collections of jobs: kept with copies of their jobs, run in order."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from accord.api.callers import AsOperator, AsReader
from accord.api.datasync.envelopes import DATA_SERVICE, Body, Done, OptionalBody, envelope, listing, numbers
from accord.api.datasync.jobs import asked
from accord.api.datasync.runs import Wait, answered
from accord.datasync.loose import Loose
from accord.datasync.searching import search
from accord.operations.datasync.collecting import runs_of_collection
from accord.operations.datasync.jobs import (
    create_collection,
    delete_collections,
    list_collections,
    read_collection,
    update_collection,
)
from accord.operations.datasync.ownership import require_owner
from accord.operations.datasync.queueing import queue_collection
from accord.operations.datasync.runs import list_runs
from accord.operations.datasync.views import collection_details, collection_info, job_info, run_view

router = APIRouter(prefix=f"{DATA_SERVICE}/DataSyncJobs/Collections", include_in_schema=False)


@router.post("")
def create(door: AsOperator, body: Body) -> dict[str, Any]:
    """Create a collection with copies of its jobs."""
    with door.writing() as context:
        return envelope(Done.SAVED, create_collection(context, body))


@router.patch("")
def update(door: AsOperator, body: Body) -> dict[str, Any]:
    """Change the collection whose id the body names."""
    number = Loose(body).one("jobCollectionInfo").number("id")
    with door.writing() as context:
        require_owner(context, door.caller, [number])
        return envelope(Done.SAVED, update_collection(context, number, body))


@router.get("")
def list_all(door: AsReader, request: Request, body: OptionalBody) -> dict[str, Any]:
    """List collections, filtered and paged."""
    criteria, paging = asked(request, body)
    with door.reading() as context:
        infos = [
            collection_info(context, *read_collection(context, collection.id))
            for collection in list_collections(context)
        ]
    count, rows = search(infos, criteria, paging)
    return listing(count, rows)


@router.get("/Details")
def list_jobs_of(door: AsReader, request: Request, body: OptionalBody) -> dict[str, Any]:
    """List the jobs of one collection, filtered and paged."""
    criteria, paging = asked(request, body)
    number = Loose(body or dict(request.query_params)).number("jobCollectionId")
    with door.reading() as context:
        _, jobs = read_collection(context, number)
        count, rows = search([job_info(context, job) for job in jobs], criteria, paging)
    return listing(count, rows)


@router.get("/{collection}/Details")
def details(door: AsReader, collection: int) -> dict[str, Any]:
    """Return a collection with its jobs, secrets masked."""
    with door.reading() as context:
        stored, jobs = read_collection(context, collection)
        return listing(len(jobs), collection_details(context, stored, jobs))


@router.delete("")
def delete(door: AsOperator, jobids: Annotated[list[str], Query(alias="jobids")]) -> dict[str, Any]:
    """Delete collections with their copies of jobs."""
    wanted = numbers(jobids, "jobids")
    with door.writing() as context:
        require_owner(context, door.caller, wanted)
        delete_collections(context, wanted)
    return envelope(Done.DELETED, None)


@router.post("/{collection}/Run")
def run(door: AsOperator, collection: int, wait: Wait = "false") -> dict[str, Any]:
    """Queue a run of the jobs in their order; one that fails ends the collection when it says Abort."""
    with door.writing() as context:
        require_owner(context, door.caller, [collection])
        queued = queue_collection(context, collection)
    return answered(door, queued, wait)


@router.get("/{collection}/Runs")
def show_runs(door: AsReader, collection: int, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
    """List the runs of a collection, newest first, each with the runs of its jobs."""
    with door.reading() as context:
        found = [
            {**run_view(one), "jobs": [run_view(inner) for inner in runs_of_collection(context, one.id, collection)]}
            for one in list_runs(context, collection, limit=limit)
        ]
    return listing(len(found), found)
