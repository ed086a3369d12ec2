"""Jobs, runs and collections as the contract shows them: the body as it came, with what only the server knows."""

from collections.abc import Mapping, Sequence
from typing import Any

from accord.datasync.loose import Loose
from accord.operations.datasync.jobs import TEMPLATE
from accord.operations.datasync.schedules import next_runs
from accord.runs.context import Context
from accord.store.datasync import RowResult, StoredJob, StoredRun

PREDEFINED = (
    "Linked Mailbox Creation In Active Directory",
    "Move and Disable Objects In Active Directory",
    "Move Objects in Active Directory",
    "Sync GAL In Active Directory",
)
"""The names of the templates that the product comes with."""

View = dict[str, Any]
_STATES = {"queued": "Queued", "running": "Running"}


def job_details(context: Context, stored: StoredJob) -> View:
    """Return a job's whole body: as it was posted, with ids, times and outcomes of the server's."""
    body = dict(stored.body)
    key = next((key for key in body if key.casefold() == "jobinfo"), "jobInfo")
    body[key] = job_info(context, stored)
    return body


def job_info(context: Context, stored: StoredJob) -> View:
    """Return the jobInfo of a job."""
    info = Loose(stored.body).one("jobInfo").content
    runs = [run for run in context.store.datasync.list_runs(stored.id, limit=1000) if run.verb == "run"]
    last = runs[0] if runs else None
    scheduled = next_runs(context).get(stored.id)
    known: View = {
        "jobId": stored.id,
        "type": 3 if stored.kind == TEMPLATE else 2 if stored.collection else 1,
        "lastRun": last.started_at if last else None,
        "lastOutCome": _outcome(last),
        "lastOutComeDisplayText": last.message if last else None,
        "timesRun": len(runs),
        "modified": stored.modified_at or None,
        "schedule": str(scheduled[0]) if scheduled else info.get("schedule", ""),
        "nextRun": (scheduled[1] or None) if scheduled else None,
        "collectionId": stored.collection or None,
    }
    spelled = {key.casefold(): key for key in info}
    return {**info, **{spelled.get(name.casefold(), name): value for name, value in known.items()}}


def collection_info(context: Context, stored: StoredJob, jobs: Sequence[StoredJob]) -> View:
    """Return the jobCollectionInfo of a collection."""
    info = Loose(stored.body).one("jobCollectionInfo").content
    runs = [run for run in context.store.datasync.list_runs(stored.id, limit=1000) if run.verb == "run"]
    last = runs[0] if runs else None
    scheduled = next_runs(context).get(stored.id)
    return {
        **info,
        "id": stored.id,
        "name": stored.name,
        "totalJobs": len(jobs),
        "timesRun": len(runs),
        "lastRunDate": last.started_at if last else None,
        "lastOutCome": _outcome(last),
        "schedule": str(scheduled[0]) if scheduled else "0",
        "nextRun": (scheduled[1] or None) if scheduled else None,
        "created": stored.created_at,
        "modified": stored.modified_at or None,
        "jobs": [],
    }


def collection_details(context: Context, stored: StoredJob, jobs: Sequence[StoredJob]) -> View:
    """Return a collection's whole body with its jobs."""
    info = {**collection_info(context, stored, jobs), "jobs": [job_info(context, job) for job in jobs]}
    return {
        **stored.body,
        "jobCollectionInfo": info,
        "jobs": [job_details(context, job) for job in jobs],
        "totalJobs": 0,
        "hasAccess": True,
    }


def run_view(run: StoredRun) -> View:
    """Return one run."""
    return {
        "runId": run.id, "jobId": run.job, "activity": f"A{run.activity}" if run.activity else None,
        "preview": run.verb == "preview", "startedBy": run.actor, "outcome": _outcome(run),
        "started": run.started_at, "ended": run.ended_at or None, "message": run.message,
        "statistics": dict(run.counts),
    }  # fmt: skip


def result_view(result: RowResult) -> View:
    """Return what became of one row."""
    return {
        "row": result.row, "objectType": result.object_type, "key": result.key, "action": result.action,
        "outcome": result.outcome, "attribute": result.attribute or None, "code": result.code or None,
        "message": result.message or None,
    }  # fmt: skip


def names_view(templates: Sequence[StoredJob], jobs: Sequence[StoredJob]) -> list[Mapping[str, str]]:
    """Return names with their type as text: 3 for templates, 1 for jobs."""
    return [
        *({"name": name, "type": "3"} for name in PREDEFINED),
        *({"name": template.name, "type": "3"} for template in templates),
        *({"name": job.name, "type": "1"} for job in jobs),
    ]


def _outcome(run: StoredRun | None) -> str:
    return "None" if run is None else _STATES.get(run.state, run.state)
